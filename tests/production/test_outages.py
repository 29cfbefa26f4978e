"""A server goes away and comes back; the processes stay."""

from __future__ import annotations

import json
import time

import pytest

from tests.production import compose, machines
from tests.production.house import House
from tests.production.processes import Process, Proxy
from tests.production.test_workers import ask_for_a_proof, proofs

pytestmark = pytest.mark.slow

SOON = 8.0


def readiness(proxy: Proxy) -> tuple[int, dict[str, object]]:
    answer = proxy.get("/readyz")
    return answer.status, json.loads(answer.body)


def test_the_database_goes_and_comes(
    house: House, web: Process, worker: Process, proxy: Proxy
) -> None:
    assert readiness(proxy)[0] == 200
    house.postgres.stop()
    try:
        began = time.monotonic()
        for _ in range(10):  # more than there are threads, each with a connection of its own
            assert readiness(proxy) == (
                503,
                {"status": "unavailable", "database": False, "broker": True},
            )
        assert time.monotonic() - began < SOON
        assert proxy.get("/healthz").status == 200
    finally:
        house.postgres.start()
    machines.until(lambda: readiness(proxy)[0] == 200, "it is ready again", within=SOON)

    before = proofs(house)
    ask_for_a_proof(house)
    machines.until(lambda: proofs(house) > before, "the worker works again")
    assert web.runs()
    assert worker.runs()
    assert house.postgres.password not in web.output() + worker.output()


def test_the_broker_goes_and_comes(
    house: House, web: Process, worker: Process, beat: Process, proxy: Proxy
) -> None:
    house.redis.stop()
    try:
        began = time.monotonic()
        assert readiness(proxy) == (
            503,
            {"status": "unavailable", "database": True, "broker": False, "oldest_event_seconds": 0},
        )
        assert time.monotonic() - began < SOON
        assert worker.finish() != 0, worker.output()
    finally:
        house.redis.start()
    machines.until(lambda: readiness(proxy)[0] == 200, "it is ready again", within=SOON)
    assert compose.restarts("worker")
    again = house.start_worker()

    before = proofs(house)
    ask_for_a_proof(house)
    machines.until(lambda: proofs(house) > before, "the worker works again")
    sent = len(beat.journal())
    machines.until(lambda: len(beat.journal()) > sent, "beat sends again")
    for process in (web, again, beat):
        assert process.runs(), process.output()
    again.end()
