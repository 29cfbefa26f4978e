"""After a worker is killed, the next worker polls first and pays once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.forms import model_to_dict

from ledger import proof
from tests.cast import member, staff
from tests.concurrency import run_concurrently
from tests.wechatpay import BeforeReply, Paid, Server
from tests.wechatpay.faults import CarryOut, Pause, Response
from tests.withdrawals.factories import NOW, YUAN, approved, cash, finance, operations, ready
from tests.withdrawals.wechat import a_server, paying_through
from withdrawals.gateways.base import ReplyKind
from withdrawals.models import Attempt, PayoutLease, Withdrawal
from withdrawals.payouts import leases, send
from withdrawals.services import process_attempt, process_due_attempts, schedule_poll, start_payout

AMOUNT = 300 * YUAN
STEP = timedelta(minutes=10)
SOON = timedelta(seconds=15)  # how long an outage or a lost worker may delay a payout


@pytest.fixture
def server() -> Iterator[Server]:
    with a_server(NOW) as server, paying_through(server, timeout=(3, 5)):
        yield server


@pytest.fixture
def attempt(committed: str, server: Server) -> Attempt:
    """Return an unsent attempt to pay Lan 300 yuan."""
    lan = ready(member("Lan"), 1_000 * YUAN)
    withdrawal = approved(lan, AMOUNT, operations(staff("Qian")), finance(staff("Feng")))
    attempt = start_payout(withdrawal=withdrawal, at=NOW)
    assert attempt
    return attempt


def until(holds: Callable[[], bool]) -> None:
    latest = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < latest, "it never happens"


class Worker:
    """A process that works on the attempt when signalled."""

    def __init__(self, attempt: Attempt) -> None:
        connections.close_all()
        self._go, go = os.pipe()
        done, self._done = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.read(self._go, 1)
            try:
                process_attempt(attempt=attempt.pk, at=NOW)
                os.write(self._done, b"!")
                time.sleep(60)  # until it is killed
            finally:
                os._exit(0)
        self._tell, self._hear = go, done

    def go(self) -> None:
        os.write(self._tell, b"!")

    def finished(self) -> None:
        os.read(self._hear, 1)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def gone(self) -> None:
        os.waitpid(self.pid, 0)


class KillBefore:
    """Kill the worker after it sent the request and before the call takes effect."""

    def __init__(self, kill: Callable[[], object]) -> None:
        self.kill = kill

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        self.kill()
        return None


def before_the_provider_hears(attempt: Attempt, server: Server) -> None:
    worker = Worker(attempt)
    server.script(on="send", faults=[KillBefore(worker.kill)])
    worker.go()
    worker.gone()


def before_the_answer(attempt: Attempt, server: Server) -> None:
    worker = Worker(attempt)
    server.script(on="send", faults=[BeforeReply(worker.kill)])
    worker.go()
    worker.gone()


def before_the_commit(attempt: Attempt, server: Server) -> None:
    worker = Worker(attempt)
    heard, locked = threading.Event(), threading.Event()

    def let_it_wait() -> None:
        heard.set()
        locked.wait(30)

    server.script(on="send", faults=[BeforeReply(let_it_wait)])
    worker.go()
    assert heard.wait(30)
    with transaction.atomic():
        Attempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
        locked.set()
        with connection.cursor() as cursor:
            waiting = 0
            latest = time.monotonic() + 30
            while not waiting and time.monotonic() < latest:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks"
                    " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
                )
                (waiting,) = cursor.fetchone()
        assert waiting, "the worker never reached the lock"
        worker.kill()
        worker.gone()


def after_the_commit(attempt: Attempt, server: Server) -> None:
    worker = Worker(attempt)
    worker.go()
    worker.finished()
    worker.kill()
    worker.gone()


@pytest.mark.parametrize(
    "die", [before_the_provider_hears, before_the_answer, before_the_commit, after_the_commit]
)
def test_a_killed_worker_pays_once(
    attempt: Attempt, server: Server, die: Callable[[Attempt, Server], None]
) -> None:
    die(attempt, server)

    assert process_due_attempts(at=NOW + SOON) == 1, "its lease has ended"
    for step in range(1, 8):
        server.pass_time(seconds=STEP.total_seconds())
        process_due_attempts(at=NOW + step * STEP)
        for number in list(server.bills):
            server.confirm(number)

    withdrawal = Withdrawal.objects.get()
    assert (withdrawal.status, cash(withdrawal.member)) == ("paid", (70_000, 0, 0))
    assert server.paid_to("openid-of-lan") == Paid(times=1, amount=AMOUNT)
    assert list(server.bills) == [attempt.out_bill_no]
    assert proof.differences() == []


def test_a_running_worker_keeps_its_lease_by_heartbeats(
    attempt: Attempt, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT", 0.05)
    monkeypatch.setattr(send, "HEARTBEAT", 0.05)
    renewed = threading.Event()
    server.script(on="send", faults=[BeforeReply(lambda: renewed.wait(30))])

    def see_a_second_expiry() -> None:
        try:
            expiries: set[datetime] = set()
            until(lambda: len(expiries | record_expiry(expiries)) > 1)
            assert process_due_attempts(at=min(expiries)) == 0, "it would have expired"
        finally:
            renewed.set()

    def record_expiry(expiries: set[datetime]) -> set[datetime]:
        expiries.update(PayoutLease.objects.values_list("expires_at", flat=True))
        return expiries

    paid, seen = run_concurrently(
        lambda: process_attempt(attempt=attempt.pk, at=NOW), see_a_second_expiry
    )

    assert seen is None, seen
    assert paid.kind is ReplyKind.STATUS
    assert not PayoutLease.objects.exists(), "a run that is complete leaves none"


def test_a_worker_that_has_lost_its_lease_records_nothing(attempt: Attempt, server: Server) -> None:
    """Its late refusal would end an attempt that the next worker has found accepted."""
    taken_over: list[Attempt] = []

    def take_over() -> None:
        process_due_attempts(at=NOW + SOON)
        taken_over.append(Attempt.objects.get())
        connection.close()

    server.script(on="send", faults=[BeforeReply(take_over)])
    process_attempt(attempt=attempt.pk, at=NOW)

    [after_the_second] = taken_over
    assert after_the_second.poll_count == 1
    assert model_to_dict(Attempt.objects.get()) == model_to_dict(after_the_second)
    assert len(server.bills) == 1


def test_a_poll_scheduled_during_the_call_is_not_lost(attempt: Attempt, server: Server) -> None:
    notified = NOW + timedelta(seconds=1)

    def notify() -> None:
        schedule_poll(out_bill_no=attempt.out_bill_no, at=notified)
        connection.close()

    server.script(on="send", faults=[BeforeReply(notify)])
    process_attempt(attempt=attempt.pk, at=NOW)

    attempt.refresh_from_db()
    assert attempt.next_run_at == notified
    assert process_due_attempts(at=notified) == 1


def test_many_workers_pay_many_members_once_each(committed: str, server: Server) -> None:
    qian, feng = operations(staff("Qian")), finance(staff("Feng"))
    people = [ready(member(f"P{number}"), 1_000 * YUAN) for number in range(12)]
    for who in people:
        start_payout(withdrawal=approved(who, AMOUNT, qian, feng), at=NOW)

    run_concurrently(*[lambda: process_due_attempts(at=NOW, in_flight=4)] * 3)
    for number in list(server.bills):
        server.confirm(number)
    run_concurrently(*[lambda: process_due_attempts(at=NOW + STEP, in_flight=4)] * 3)

    assert {cash(who) for who in people} == {(70_000, 0, 0)}
    for who in people:
        openid = f"openid-of-{who.nickname.lower()}"
        assert server.paid_to(openid) == Paid(times=1, amount=AMOUNT)
    assert proof.differences() == []


def test_a_database_outage_during_the_call_pays_once(attempt: Attempt, server: Server) -> None:
    database = connection.settings_dict["NAME"]

    def hang_up() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid()",
                [database],
            )
        connection.close()

    server.script(on="send", faults=[BeforeReply(hang_up)])
    with pytest.raises(OperationalError):
        process_due_attempts(at=NOW)
    connections.close_all()

    assert process_due_attempts(at=NOW + SOON) == 1, "its lease has ended"
    for step in range(1, 4):
        server.pass_time(seconds=STEP.total_seconds())
        process_due_attempts(at=NOW + step * STEP)
        for number in list(server.bills):
            server.confirm(number)

    assert Withdrawal.objects.get().status == "paid"
    assert server.paid_to("openid-of-lan") == Paid(times=1, amount=AMOUNT)
    assert proof.differences() == []
