"""The processes survive an outage of a server."""

from __future__ import annotations

import json
import time

import pytest

from tests.production import compose, machines
from tests.production.deployment import Deployment
from tests.production.processes import Process, Proxy
from tests.production.test_workers import ask_for_a_proof, proofs

pytestmark = pytest.mark.slow

SOON = 8.0


def readiness(proxy: Proxy) -> tuple[int, dict[str, object]]:
    answer = proxy.get("/readyz")
    return answer.status, json.loads(answer.body)


def test_processes_survive_a_database_outage(
    deployment: Deployment, web: Process, worker: Process, proxy: Proxy
) -> None:
    assert readiness(proxy)[0] == 200
    deployment.postgres.stop()
    try:
        began = time.monotonic()
        for _ in range(10):  # more than the threads, which have a connection each
            assert readiness(proxy) == (
                503,
                {"status": "unavailable", "database": False, "broker": True},
            )
        assert time.monotonic() - began < SOON
        assert proxy.get("/healthz").status == 200
    finally:
        deployment.postgres.start()
    machines.until(lambda: readiness(proxy)[0] == 200, "it is ready again", within=SOON)

    before = proofs(deployment)
    ask_for_a_proof(deployment)
    machines.until(lambda: proofs(deployment) > before, "the worker works again")
    assert web.is_running()
    assert worker.is_running()
    assert deployment.postgres.password not in web.output() + worker.output()


def test_processes_survive_a_broker_outage(
    deployment: Deployment, web: Process, worker: Process, beat: Process, proxy: Proxy
) -> None:
    deployment.redis.stop()
    try:
        began = time.monotonic()
        assert readiness(proxy) == (
            503,
            {"status": "unavailable", "database": True, "broker": False},
        )
        assert time.monotonic() - began < SOON
        assert worker.finish() != 0, worker.output()
    finally:
        deployment.redis.start()
    machines.until(lambda: readiness(proxy)[0] == 200, "it is ready again", within=SOON)
    assert compose.restarts("worker")
    again = deployment.start_worker()

    before = proofs(deployment)
    ask_for_a_proof(deployment)
    machines.until(lambda: proofs(deployment) > before, "the worker works again")
    sent = len(beat.journal())
    machines.until(lambda: len(beat.journal()) > sent, "beat sends again")
    for process in (web, again, beat):
        assert process.is_running(), process.output()
    again.end()
