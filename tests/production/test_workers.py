"""Worker and beat."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from tests.production import compose, machines
from tests.production.deployment import Deployment
from tests.production.processes import Process

pytestmark = pytest.mark.slow


def succeeded(worker: Process, task: str) -> list[str]:
    """Return the ids of successful tasks."""
    started = {line["task_id"] for line in worker.logged(event="task_started", task=task)}
    succeeded_ids = [line["task_id"] for line in worker.logged(event="task_succeeded")]
    return [task_id for task_id in succeeded_ids if task_id in started]


def proofs(deployment: Deployment) -> int:
    ((count,),) = deployment.postgres.ask(
        "SELECT count(*) FROM events_event WHERE name = 'ledger.proved'"
    )
    return int(count)


def ask_for_a_proof(deployment: Deployment) -> None:
    """Send the task through the broker."""
    sent = deployment.run(["celery", "--app", "config.celery", "call", "ledger.tasks.prove"])
    assert sent.finish() == 0, sent.output()


def test_a_task_sent_through_the_broker_runs_in_the_worker(
    deployment: Deployment, worker: Process
) -> None:
    before = proofs(deployment)
    ask_for_a_proof(deployment)
    machines.until(lambda: proofs(deployment) == before + 1, "the ledger is proved")
    # The worker logs after the commit.
    machines.until(lambda: succeeded(worker, "ledger.tasks.prove"), "it is logged")


def test_the_worker_records_the_runs_of_periodic_jobs(
    deployment: Deployment, worker: Process
) -> None:
    def last_run() -> list[tuple[Any, ...]]:
        return deployment.postgres.ask(
            "SELECT finished_at FROM alarms_job WHERE name = 'ledger.tasks.prove'"
            " AND finished_at >= started_at AND failed_at IS NULL"
        )

    before = last_run()
    ask_for_a_proof(deployment)
    machines.until(lambda: last_run() not in ([], before), "the run is recorded")


def test_beat_sends_the_sweep_and_the_worker_sweeps(worker: Process, beat: Process) -> None:
    before = len(succeeded(worker, "events.tasks.deliver"))
    machines.until(
        lambda: len(succeeded(worker, "events.tasks.deliver")) > before, "a sweep", within=30
    )
    assert any("sweep-deliveries" in line["event"] for line in beat.journal())
    assert (beat.out.parent / "beat").exists() or list(beat.out.parent.glob("beat.*"))


@pytest.mark.parametrize("service", ["worker", "beat"])
def test_health_checks(
    deployment: Deployment, worker: Process, beat: Process, service: str
) -> None:
    def check(host: str) -> int:
        command = [word.replace("$HOSTNAME", host) for word in compose.health(service)]
        command = [word.replace("--timeout 10", "--timeout 3") for word in command]
        return deployment.run(command, service).finish()

    assert check(socket.gethostname()) == 0
    assert check("another") != 0


@pytest.mark.parametrize("service", ["worker", "beat"])
def test_every_log_line_is_json_without_secrets(
    deployment: Deployment, worker: Process, beat: Process, service: str
) -> None:
    process = {"worker": worker, "beat": beat}[service]
    assert all({"event", "level", "timestamp"} <= line.keys() for line in process.journal())
    assert deployment.postgres.password not in process.output()


def test_an_idle_day_writes_less_than_two_megabytes(deployment: Deployment) -> None:
    quiet = {"TWOTIER_LOG_TASKS": ""}
    worker = deployment.start("worker", settings=quiet)
    beat = deployment.start("beat", settings=quiet)

    def last_run() -> list[tuple[Any, ...]]:
        return deployment.postgres.ask(
            "SELECT max(finished_at) FROM alarms_job"
            " WHERE name IN ('withdrawals.tasks.pay', 'events.tasks.deliver')"
        )

    def another_run() -> None:
        before = last_run()
        machines.until(lambda: last_run() != before, "a sweep")

    try:
        another_run()
        written, started = size(worker) + size(beat), time.monotonic()
        for _ in range(4):
            another_run()
        written = size(worker) + size(beat) - written
        assert written * 86_400 / (time.monotonic() - started) < 2_000_000
    finally:
        worker.end()
        beat.end()


def size(process: Process) -> int:
    return process.out.stat().st_size + process.err.stat().st_size
