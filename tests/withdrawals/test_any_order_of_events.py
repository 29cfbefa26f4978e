"""Property test: in any order of events no fen is lost or paid twice."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from common.errors import TwotierError
from ledger.chart import Asset, Kind
from ledger.services import Source, account, platform_account, reclaim
from members.models import Member
from tests.cast import NOON, member, staff
from tests.withdrawals.factories import asked, cash, earned, finance, operations, ready
from withdrawals import gateways
from withdrawals.cash_accounts import lock_cash_accounts
from withdrawals.gateways.base import ProviderReply, ReplyKind, State
from withdrawals.gateways.sandbox import LOST_REPLY, SandboxGateway
from withdrawals.lifecycle import close_unpaid
from withdrawals.models import Attempt, RejectionReason, Withdrawal
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    cancel,
    change_policy,
    fail_withdrawal,
    process_due_attempts,
    reject,
    retry_with_new_number,
    set_payee,
    start_payout,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
START = 200_000


class Payouts(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        gateways._create_gateway.cache_clear()
        provider = gateways.gateway("sandbox")
        assert isinstance(provider, SandboxGateway)
        self.provider = provider
        self.at = NOON + timedelta(days=10)
        self.people = [ready(member(name), START) for name in ("Lan", "Bo")]
        self.credited = dict.fromkeys([person.pk for person in self.people], START)
        self.taken = dict.fromkeys(self.credited, 0)
        self.qian, self.feng = operations(staff("Qian")), finance(staff("Feng"))
        self.odd = RejectionReason.objects.create(code="odd", label="Odd")
        self.keys = 0
        change_policy(by=self.feng, at=NOON, regime="labor_per_payment", fee=60)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)
        gateways._create_gateway.cache_clear()

    def _number(self) -> int:
        self.keys += 1
        return self.keys

    def _open(self, who: int) -> Withdrawal | None:
        return Withdrawal.objects.filter(member=self.people[who]).order_by("-pk").first()

    @rule(who=st.integers(0, 1), amount=st.integers(5_000, 300_000))
    def earn(self, who: int, amount: int) -> None:
        person = self.people[who]
        earned(person, amount, at=self.at - timedelta(days=1), key=f"c:{self._number()}:credit")
        self.credited[person.pk] += amount

    @rule(who=st.integers(0, 1), amount=st.integers(1, 200_000))
    def refund(self, who: int, amount: int) -> None:
        person = self.people[who]
        amount = min(amount, self.credited[person.pk] - self.taken[person.pk])
        if amount <= 0:
            return
        with transaction.atomic():
            owed = reclaim(
                key=f"clawback:{self._number()}", wallet=account(person, Asset.CASH),
                credit=platform_account(Kind.COMMISSION_EXPENSE), amount=amount,
                source=Source("tests.refund", "1"), effective_at=self.at,
            )  # fmt: skip
            if owed:
                self._stop(person)
        self.taken[person.pk] += amount

    def _stop(self, person: Member) -> None:
        cash_now = lock_cash_accounts(person)
        for withdrawal in Withdrawal.objects.filter(
            member=person, status__in=Withdrawal.BEFORE_PAYING
        ):
            close_unpaid(
                withdrawal, cash_now, to=Withdrawal.Status.CANCELLED, end_reason="debt", at=self.at
            )

    @rule(who=st.integers(0, 1), amount=st.integers(-5, 200_000))
    def request(self, who: int, amount: int) -> None:
        with suppress(TwotierError):
            asked(self.people[who], amount, key=f"k-{self._number()}", at=self.at)

    @rule(who=st.integers(0, 1), steps=st.integers(3, 6))
    def proceed(self, who: int, steps: int) -> None:
        """Take the next steps towards the payment."""
        following = {
            "requested": "ops",
            "ops_approved": "finance",
            "finance_approved": "start_payout",
            "ready_to_collect": "start_payout",
        }
        for _ in range(steps):
            withdrawal = self._open(who)
            if withdrawal is None or withdrawal.status not in following:
                self.request(who, max(100, cash(self.people[who])[0] // 2))
            else:
                self.decide(who, following[withdrawal.status])

    @rule(
        who=st.integers(0, 1),
        what=st.sampled_from(
            ["ops", "finance", "reject", "cancel", "start_payout", "retry", "fail", "payee"]
        ),
    )
    def decide(self, who: int, what: str) -> None:
        withdrawal = self._open(who)
        if withdrawal is None:
            return
        verbs: dict[str, Any] = {
            "ops": lambda: approve_as_operations(withdrawal=withdrawal, by=self.qian, at=self.at),
            "finance": lambda: approve_as_finance(withdrawal=withdrawal, by=self.feng, at=self.at),
            "reject": lambda: reject(
                withdrawal=withdrawal, by=self.qian, at=self.at, reason=self.odd
            ),
            "cancel": lambda: cancel(withdrawal=withdrawal, by=withdrawal.member, at=self.at),
            "start_payout": lambda: start_payout(withdrawal=withdrawal, at=self.at),
            "retry": lambda: retry_with_new_number(withdrawal=withdrawal, by=self.feng, at=self.at),
            "fail": lambda: fail_withdrawal(withdrawal=withdrawal, by=self.feng, at=self.at),
            "payee": lambda: set_payee(
                member=withdrawal.member,
                channel="wechat",
                account=f"o-{self._number()}",
                at=self.at,
            ),
        }
        with suppress(TwotierError):
            verbs[what]()

    @rule(on=st.sampled_from(["send", "query"]), how=st.sampled_from(["lost", "gone", "lie"]))
    def fault(self, on: str, how: str) -> None:
        faults: dict[str, Any] = {
            "lost": lambda _: LOST_REPLY,
            "gone": lambda _: ProviderReply(ReplyKind.NOT_FOUND, code="NOT_FOUND"),
            "lie": lambda answer: replace(answer, amount=1),
        }
        if not self.provider._faults[on]:  # one fault at a time, so that some payments end
            self.provider.script(on=on, fault=faults[how])

    @rule(reason=st.sampled_from(["OVERDUE_CLOSE", "NAME_NOT_CORRECT", "TRANSFER_RISK", "NEW"]))
    def will_fail(self, reason: str) -> None:
        if not self.provider._outcomes:
            self.provider.set_next_outcome(State.FAIL, reason)

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        for _ in range(3):
            self.at += hours * HOUR
            process_due_attempts(at=self.at)

    @invariant()
    def held_money_equals_open_requests(self) -> None:
        for person in self.people:
            held = sum(
                Withdrawal.objects.open().filter(member=person).values_list("gross", flat=True)
            )
            assert cash(person)[1] == held

    @invariant()
    def nothing_is_lost(self) -> None:
        for person in self.people:
            wallet, held, owed = cash(person)
            paid = sum(
                Withdrawal.objects.filter(member=person, status="paid").values_list(
                    "gross", flat=True
                )
            )
            earned_ = self.credited[person.pk] - self.taken[person.pk]
            assert paid + held + wallet - owed == earned_

    @invariant()
    def the_provider_pays_each_once(self) -> None:
        paid = [bill.out_bill_no.rsplit("x", 1)[0] for bill in self.provider.paid()]
        assert len(paid) == len(set(paid))
        for withdrawal in Withdrawal.objects.filter(status="paid"):
            assert withdrawal.public_id in paid

    @invariant()
    def the_withheld_tax_matches_the_withdrawal(self) -> None:
        for attempt in Attempt.objects.live().select_related("withdrawal"):
            assert attempt.amount == attempt.withdrawal.net
            assert attempt.tax_entry.withheld == attempt.withdrawal.tax


@pytest.mark.slow
def test_any_order_of_events_balances() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Payouts,
        settings=settings(
            max_examples=25, stateful_step_count=40, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
