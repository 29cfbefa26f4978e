"""A shop with commissions and payments, whose books can be closed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from closing.controls import findings
from common import clock
from members.models import Member, User
from risk.models import Rule
from tests.shop import DAY, PLACED, WEEK, ingest, line, open_shop, order, settle_all
from tests.withdrawals import factories
from withdrawals.models import Attempt, Withdrawal
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    change_policy,
    process_due_attempts,
    request_withdrawal,
    start_payout,
)

RELEASED = PLACED + 3 * DAY + WEEK
PAID = RELEASED + DAY
NOVEMBER = date(2026, 11, 1)
DECEMBER = datetime(2026, 12, 3, 2, tzinfo=PLACED.tzinfo)
EARNED = 549_500


def earn_commissions(*, quantity: int = 500) -> tuple[Member, Member]:
    """Credit commissions to Mei and Lan: 5 % and 10 % of 5,495 yuan for each 50 masks."""
    buyer = open_shop()
    ingest(order(buyer, line(quantity=quantity), received=True))
    settle_all(at=RELEASED)
    mei, lan = (Member.objects.get(nickname=name) for name in ("Mei", "Lan"))
    Rule.objects.update(enabled=False)  # new distributors with high amounts would be held
    for member in (mei, lan):
        factories.ready(member)
    return mei, lan


def paid(
    member: Member, amount: int, ops: User, fin: User, *, at: datetime = PAID, key: str = "k-1"
) -> Attempt:
    """Pay through the sandbox, with tax withheld."""
    change_policy(by=fin, at=at, regime="labor_per_payment")
    withdrawal = factories.asked(member, amount, key=key, at=at)
    approve_as_operations(withdrawal=withdrawal, by=ops, at=at)
    approve_as_finance(withdrawal=withdrawal, by=fin, at=at)
    attempt = start_payout(withdrawal=withdrawal, at=at)
    assert attempt
    process_due_attempts(at=at)
    process_due_attempts(at=at + timedelta(minutes=1))
    attempt.refresh_from_db()
    assert attempt.state == "success"
    return attempt


def converted(
    member: Member, amount: int, ops: User, fin: User, *, at: datetime = PAID, key: str = "c-1"
) -> Withdrawal:
    """Turn cash into store credit."""
    change_policy(by=fin, at=at, regime="labor_per_payment", store_credit=True)
    withdrawal = request_withdrawal(
        member=member, amount=amount, key=key, channel="store_credit", at=at
    )
    approve_as_operations(withdrawal=withdrawal, by=ops, at=at)
    approve_as_finance(withdrawal=withdrawal, by=fin, at=at)
    assert start_payout(withdrawal=withdrawal, at=at)
    withdrawal.refresh_from_db()
    assert withdrawal.status == "paid"
    return withdrawal


def failed_controls(at: datetime = PAID) -> dict[str, list[tuple[str, int | None, int | None]]]:
    """Return the failed controls with their findings."""
    return {
        control.value: [(finding.subject, finding.expected, finding.actual) for finding in rows]
        for control, rows in findings(clock.business_day(at)).items()
        if rows
    }
