"""Worker and beat."""

from __future__ import annotations

import socket

import pytest

from tests.production import compose, machines
from tests.production.house import House
from tests.production.processes import Process

pytestmark = pytest.mark.slow


def succeeded(worker: Process, task: str) -> list[str]:
    """The ids of those that have run to their end."""
    started = {line["task_id"] for line in worker.logged(event="task_started", task=task)}
    done = [line["task_id"] for line in worker.logged(event="task_succeeded")]
    return [task_id for task_id in done if task_id in started]


def proofs(house: House) -> int:
    ((count,),) = house.postgres.ask(
        "SELECT count(*) FROM events_event WHERE name = 'ledger.proved'"
    )
    return int(count)


def ask_for_a_proof(house: House) -> None:
    """Send the task as anybody would who has the broker."""
    sent = house.run(["celery", "--app", "config.celery", "call", "ledger.tasks.prove"])
    assert sent.finish() == 0, sent.output()


def test_a_task_sent_through_the_broker_runs_in_the_worker(house: House, worker: Process) -> None:
    before = proofs(house)
    ask_for_a_proof(house)
    machines.until(lambda: proofs(house) == before + 1, "the ledger is proved")
    # The worker writes its line after the commit.
    machines.until(lambda: succeeded(worker, "ledger.tasks.prove"), "it is logged")


def test_beat_sends_the_sweep_and_the_worker_sweeps(worker: Process, beat: Process) -> None:
    before = len(succeeded(worker, "events.tasks.deliver"))
    machines.until(
        lambda: len(succeeded(worker, "events.tasks.deliver")) > before, "a sweep", within=30
    )
    assert any("sweep-deliveries" in line["event"] for line in beat.journal())
    assert (beat.out.parent / "beat").exists() or list(beat.out.parent.glob("beat.*"))


@pytest.mark.parametrize("service", ["worker", "beat"])
def test_health_checks(house: House, worker: Process, beat: Process, service: str) -> None:
    def check(host: str) -> int:
        command = [word.replace("$HOSTNAME", host) for word in compose.health(service)]
        command = [word.replace("--timeout 10", "--timeout 3") for word in command]
        return house.run(command, service).finish()

    assert check(socket.gethostname()) == 0
    assert check("another") != 0


@pytest.mark.parametrize("service", ["worker", "beat"])
def test_every_line_they_log_is_json_and_tells_no_secret(
    house: House, worker: Process, beat: Process, service: str
) -> None:
    process = {"worker": worker, "beat": beat}[service]
    assert all({"event", "level", "timestamp"} <= line.keys() for line in process.journal())
    assert house.postgres.password not in process.output()
