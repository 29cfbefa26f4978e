"""Measure payouts through a slow provider: how many calls are in flight at once."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from statistics import mean
from time import perf_counter

from django.contrib.auth.models import Permission
from django.test import override_settings

from benchmarks import stage, workers
from benchmarks.report import Row, Section
from benchmarks.sizes import scaled
from ledger.chart import Asset, Kind, Reason
from ledger.services import Posting, account, platform_account, transfer_many
from members.models import Identity, Member, User
from members.rights import change_rights
from members.services import Newcomer, join_many
from tests.wechatpay import Server
from tests.withdrawals.wechat import merchant_of, paying_through
from wechatpay.merchant import Merchant
from withdrawals import gateways
from withdrawals.gateways.wechat import WeChatGateway
from withdrawals.models import Attempt, Withdrawal
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    identify,
    process_due_attempts,
    request_withdrawal,
    set_payee,
    start_payout,
)
from withdrawals.tasks import IN_FLIGHT

PAYOUTS = scaled(1_000, least=50)
LATENCY = 0.05  # seconds
WORKERS, GOAL = 2, 20
EARNED = datetime(2026, 5, 1, tzinfo=UTC)
AT = EARNED + timedelta(days=2)
AMOUNT = 10_000
APPROVED = "bench_approved"


def measure() -> Section:
    with Server(latency=LATENCY, balance=PAYOUTS * AMOUNT * 2) as server, paying_through(server):
        with stage.seeded(APPROVED):
            _approve(PAYOUTS)
        with stage.fresh(APPROVED):
            sending = _measure_in_flight(server, "send")
            for number in list(server.bills):
                server.confirm(number)
            asking = _measure_in_flight(server, "query")
            paid = Withdrawal.objects.filter(status=Withdrawal.Status.PAID).count()
            assert paid == PAYOUTS, paid
            assert all(server.paid(number).times == 1 for number in server.bills)
    kept = [mean(seen) for _, seen in (sending, asking)]
    return Section(
        f"Paying {PAYOUTS:,} withdrawals through WeChat Pay",
        "The fake provider of the tests, over HTTP on this machine with real signatures both ways, "
        f"answers after {LATENCY * 1000:.0f} ms. {WORKERS} workers with {IN_FLIGHT} threads each "
        "send every payout, the members confirm, and the workers poll each result and post it. "
        "In flight: calls that the provider has and has not answered, looked at every 5 ms between "
        "the first tenth and the last; the provider and both workers share the cores. One round.",
        [
            Row(
                "calls in flight while sending", f"{kept[0]:.0f}", f"≥ {GOAL}", kept[0] >= GOAL
            ),
            Row("calls in flight while asking", f"{kept[1]:.0f}", f"≥ {GOAL}", kept[1] >= GOAL),
            Row("rate, sent", f"{PAYOUTS / sending[0]:.0f} a second", "", reached=True),
            Row(
                "rate, asked and posted", f"{PAYOUTS / asking[0]:.0f} a second", "", reached=True
            ),
        ],
    )  # fmt: skip


def _measure_in_flight(server: Server, call: str) -> tuple[float, list[int]]:
    """Let the workers do one call for each attempt; seconds, and what was in flight."""
    seen: list[int] = []
    before = len(server.calls)
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.005):
            if PAYOUTS * 0.1 < len(server.calls) - before < PAYOUTS * 0.9:
                seen.append(server.in_flight)

    watcher = threading.Thread(target=look)
    watcher.start()
    started = perf_counter()
    payload = json.dumps(
        asdict(merchant_of(server, timeout=(3, 10)))
        | {"at": (AT if call == "send" else AT + timedelta(hours=2)).isoformat()}
    )
    done = workers.run("payouts", [payload] * WORKERS)
    over.set()
    watcher.join()
    assert perf_counter() - started >= done.seconds
    return done.seconds, seen


def run_worker(argument: str) -> None:
    payload = json.loads(argument)
    at = datetime.fromisoformat(payload.pop("at"))
    payload["timeout"] = tuple(payload["timeout"])
    gateway = WeChatGateway(Merchant(**payload), position="distributor", explanation="commission")
    gateways._create_gateway = lambda _name: gateway  # type: ignore[assignment]
    with override_settings(PAYOUT_GATEWAY="wechat"):
        while process_due_attempts(at=at, in_flight=IN_FLIGHT):
            pass


def _approve(count: int) -> None:
    people = join_many(
        Identity.Provider.MALL, [Newcomer(f"m{number}", EARNED) for number in range(count)]
    ).values()
    expense = platform_account(Kind.COMMISSION_EXPENSE).pk
    transfer_many(
        Posting(
            f"commission:{one.pk}:credit", expense, account(one, Asset.CASH).pk, AMOUNT,
            Reason.COMMISSION, "commissions.commission", str(one.pk), EARNED,
        )
        for one in list(people)
    )  # fmt: skip
    ops, finance = (_staff(name) for name in ("operations", "finance"))
    for one in people:
        _approve_one(one, ops, finance)
    assert Attempt.objects.count() == count


def _staff(role: str) -> User:
    user = User.objects.create(username=role, may_review_from=EARNED)
    right = Permission.objects.get(codename=f"review_as_{role}")
    change_rights(user=user, by=None, at=EARNED, user_permissions=[right])
    return user


def _approve_one(one: Member, ops: User, finance: User) -> None:
    identify(member=one, name="Lan", at=EARNED)
    set_payee(member=one, channel="wechat", account=f"openid-{one.pk}", at=EARNED)
    withdrawal = request_withdrawal(member=one, amount=AMOUNT, key="k", at=AT)
    approve_as_operations(withdrawal=withdrawal, by=ops, at=AT)
    approve_as_finance(withdrawal=withdrawal, by=finance, at=AT)
    start_payout(withdrawal=withdrawal, at=AT)
