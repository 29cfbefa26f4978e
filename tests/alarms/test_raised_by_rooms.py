"""The trouble that rooms detect raises alarms, which close once its cause is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alarms.kinds import CLAIMS_OVERDUE
from alarms.models import Alarm
from alarms.services import alarm_stuck_deliveries, raise_alarm
from closing import sandbox_statement
from closing.services import reconcile
from closing.tasks import reconcile_daily
from commissions.models import Claim, CommissionHold, DueCredit
from commissions.services import alarm_overdue_claims, answer_claim, open_claim
from commissions.services.claims import OVERDUE
from commissions.services.holds import retry
from common import clock, encryption
from events.models import Delivery, Event
from ledger.services import maintenance
from members.models import Member, User
from orders.services import alarm_overdue_refunds
from tests.cast import NOON, give, member, staff
from tests.ledger.test_prove import tamper
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    open_shop,
    order,
    refund,
    settle_all,
    sku,
    with_refund,
)
from tests.withdrawals import factories
from tests.withdrawals.factories import NOW, YUAN
from withdrawals.gateways.base import State
from withdrawals.models import Attempt, Channel, Payee
from withdrawals.payouts.alarms import REPLY_MISMATCH, report_outcome_mismatch
from withdrawals.services import (
    alarm_overdue_payouts,
    alarm_stopped_payouts,
    pause_channel,
    process_due_attempts,
    resume_channel,
    start_approved_payouts,
)

pytestmark = pytest.mark.django_db

APPROVED = PLACED + 4 * DAY
RELEASED = PLACED + 3 * DAY + WEEK


def alarms() -> list[tuple[str, str, str, int]]:
    rows = Alarm.objects.order_by("pk")
    return list(rows.values_list("kind", "subject_id", "status", "count"))


@pytest.fixture
def attempt(db: None) -> Attempt:
    lan = factories.ready(member("Lan"), 1_000 * YUAN)
    reviewers = factories.operations(staff("Qian")), factories.finance(staff("Feng"))
    return factories.attempted(lan, 300 * YUAN, *reviewers)


def test_a_paused_channel(boss: User) -> None:
    for _ in range(2):
        pause_channel(channel=Channel.ALL, at=NOON, pause_reason="stocktaking", by=boss)
    assert alarms() == [("channel_paused", "all", "open", 1)]

    resume_channel(channel=Channel.ALL, at=NOON, by=boss)
    assert alarms() == [("channel_paused", "all", "closed", 1)]


@pytest.mark.slow
def test_overdue_payouts_are_one_alarm_a_gateway(attempt: Attempt) -> None:
    alarm_overdue_payouts(at=NOW + timedelta(hours=25))
    assert alarms() == []

    for hours in (27, 28):
        alarm_overdue_payouts(at=NOW + timedelta(hours=hours))
    assert alarms() == [("payout_overdue", "sandbox", "open", 2)]

    for hours in (28, 52):
        process_due_attempts(at=NOW + timedelta(hours=hours))
    attempt.refresh_from_db()
    assert attempt.ended_at
    alarm_overdue_payouts(at=NOW + timedelta(hours=52))
    assert alarms() == [("payout_overdue", "sandbox", "closed", 2)]


def test_another_outcome_at_the_provider(attempt: Attempt) -> None:
    process_due_attempts(at=NOW)
    attempt.refresh_from_db()

    report_outcome_mismatch(attempt, State.FAIL, at=NOW)

    assert alarms() == [("outcome_mismatch", attempt.withdrawal.public_id, "open", 1)]


def test_overdue_refunds_are_one_alarm(bo: Member) -> None:
    sku()
    snapshot = order(bo)
    asked = [replace(refund(10, number=f"R-{n}", done=False), approved_at=APPROVED) for n in (1, 2)]
    ingest(with_refund(snapshot, *asked))

    for weeks in (1, 2):
        alarm_overdue_refunds(at=APPROVED + weeks * WEEK)
    assert alarms() == [("refunds_overdue", "waiting", "open", 2)]
    assert Alarm.objects.get().detail == {"count": 2}

    done = [replace(each, done_at=APPROVED + 2 * WEEK) for each in asked]
    ingest(with_refund(snapshot, *done), at=APPROVED + 2 * WEEK)
    alarm_overdue_refunds(at=APPROVED + 2 * WEEK)
    assert alarms() == [("refunds_overdue", "waiting", "closed", 2)]


def test_overdue_claims_are_one_alarm(qian: User) -> None:
    open_shop()
    lan = Member.objects.get(nickname="Lan")
    claims = [
        open_claim(member=lan, reason="missing", text="Where?", order_no=number, at=NOON)
        for number in ("O-1", "O-2")
    ]
    alarm_overdue_claims(at=NOON + 3 * DAY - timedelta(seconds=1))
    assert alarms() == []

    for days in (3, 4):
        alarm_overdue_claims(at=NOON + days * DAY)
    assert alarms() == [("claims_overdue", "overdue", "open", 2)]
    assert Alarm.objects.get().detail == {"count": 2}

    operator = give(qian, "change_claim")
    for claim, status in zip(claims, ("open", "closed"), strict=True):
        answer_claim(
            claim=claim, outcome=Claim.Status.REJECTED, answer="No.", by=operator,
            at=NOON + 4 * DAY,
        )  # fmt: skip
        assert alarms() == [("claims_overdue", "overdue", status, 2)]


def test_the_job_closes_the_alarm_of_claims_that_are_not_overdue_any_more(lan: Member) -> None:
    raise_alarm(CLAIMS_OVERDUE, OVERDUE, at=NOON, count=1)

    alarm_overdue_claims(at=NOON)

    assert alarms() == [("claims_overdue", "overdue", "closed", 1)]


def test_a_broken_ledger(lan: Member) -> None:
    factories.earned(lan, 100)
    tamper("UPDATE ledger_account SET balance = 999 WHERE balance = 100")
    assert maintenance.prove(at=NOON)
    assert alarms() == [("ledger_inconsistent", "proof", "open", 1)]

    tamper("UPDATE ledger_account SET balance = 100 WHERE balance = 999")
    assert not maintenance.prove(at=NOON)
    assert alarms() == [("ledger_inconsistent", "proof", "closed", 1)]


def test_stuck_deliveries_are_one_alarm_a_follower(db: None) -> None:
    for number in (1, 2):
        event = Event.objects.create(name="x", subject_kind="x", subject_id=f"{number}", at=NOON)
        Delivery.objects.create(
            event=event, follower="tests.follow", subject=f"x:{number}",
            attempts=Delivery.STUCK_AFTER - 1,
        )  # fmt: skip
    alarm_stuck_deliveries(at=NOON)
    assert alarms() == []

    Delivery.objects.update(attempts=Delivery.STUCK_AFTER)
    alarm_stuck_deliveries(at=NOON)
    assert alarms() == [("delivery_stuck", "tests.follow", "open", 1)]
    assert Alarm.objects.get().detail == {"deliveries": 2}

    Delivery.objects.filter(follower="tests.follow").delete()
    alarm_stuck_deliveries(at=NOON)
    assert alarms() == [("delivery_stuck", "tests.follow", "closed", 1)]


def test_a_refused_payout(attempt: Attempt) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(stopped_at=NOW)
    alarm_stopped_payouts(at=NOW)
    assert alarms() == [("payout_stopped", "sandbox", "open", 1)]

    Attempt.objects.filter(pk=attempt.pk).update(stopped_at=None)
    alarm_stopped_payouts(at=NOW)
    assert alarms() == [("payout_stopped", "sandbox", "closed", 1)]


def test_a_reply_that_does_not_match(attempt: Attempt) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(last_error=REPLY_MISMATCH)

    alarm_stopped_payouts(at=NOW)

    assert alarms() == [("payout_stopped", "sandbox", "open", 1)]


def test_a_payout_that_cannot_be_started(db: None) -> None:
    lan = factories.ready(member("Lan"), 1_000 * YUAN)
    factories.approved(
        lan, 300 * YUAN, factories.operations(staff("Qian")), factories.finance(staff("Feng"))
    )
    Payee.objects.update(account_encrypted=encryption.encrypt("another"))

    start_approved_payouts(at=NOW)
    alarm_stopped_payouts(at=NOW)
    assert alarms() == [("payout_start_failed", "sandbox", "open", 1)]

    alarm_stopped_payouts(at=NOW + 2 * DAY)  # it has not failed again
    assert alarms() == [("payout_start_failed", "sandbox", "closed", 1)]


def test_a_commission_that_cannot_be_credited(boss: User) -> None:
    ingest(order(open_shop(), received=True))
    DueCredit.objects.update(amount=1)

    settle_all(at=RELEASED)
    assert alarms() == [("commission_fault", "fault", "open", 1)]
    assert Alarm.objects.get().detail == {"commissions": 2}

    first, second = CommissionHold.objects.filter(reason="fault")
    retry(commission_hold=first, by=boss, at=RELEASED)
    assert alarms() == [("commission_fault", "fault", "open", 1)]
    retry(commission_hold=second, by=boss, at=RELEASED)
    assert alarms() == [("commission_fault", "fault", "closed", 1)]


@pytest.mark.slow
def test_a_control_that_finds_differences(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (0, 1):
        process_due_attempts(at=NOW + days * DAY)
    for _ in range(2):
        reconcile(day=clock.business_day(NOW + DAY), at=NOW + 2 * DAY)

    raised = {subject: (status, count) for _kind, subject, status, count in alarms()}
    assert raised["statement_lines"] == raised["statements"] == ("open", 2)
    assert "accounts" not in raised

    monkeypatch.setattr(clock, "now", lambda: NOW + 2 * DAY)
    reconcile_daily()  # fetches the statement
    closed = Alarm.objects.filter(status="closed").values_list("kind", "subject_id")
    assert set(closed) == {
        ("control_failed", "statement_lines"), ("control_failed", "statements"),
    }  # fmt: skip


@pytest.mark.slow
def test_a_statement_that_cannot_be_read(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    for days in (0, 1):
        process_due_attempts(at=NOW + days * DAY)
    monkeypatch.setattr(clock, "now", lambda: NOW + 2 * DAY)
    readable = sandbox_statement.fetch_fund_flow
    monkeypatch.setattr(sandbox_statement, "fetch_fund_flow", lambda _day: b"not a statement")
    reconcile_daily()
    assert Alarm.objects.get(kind="statement_rejected").subject_id == "sandbox"

    monkeypatch.setattr(sandbox_statement, "fetch_fund_flow", readable)
    reconcile_daily()
    assert Alarm.objects.get(kind="statement_rejected").status == "closed"
