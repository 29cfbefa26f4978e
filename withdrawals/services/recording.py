"""What a provider has said is kept, compared with the bill, and, once proven, posted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from common import refused, sealing, status
from events.models import Event, Reference
from events.services import happened
from ledger.chart import Kind as Account
from ledger.chart import Reason
from ledger.services import Posting, Source, platform, transfer_many
from withdrawals.gateways.base import FINAL, Answer, Kind
from withdrawals.gateways.manual import BY_HAND
from withdrawals.gateways.reasons import Class, sort
from withdrawals.models import Attempt, Evidence, Withdrawal
from withdrawals.services import channels, taxing
from withdrawals.services.freezing import bill_of
from withdrawals.services.locking import Cash, lock_cash
from withdrawals.services.owing import stop_if_owing
from withdrawals.services.requesting import end_unpaid
from withdrawals.services.reviewing import make_ready

STEPS = (5, 15, 60, 300, 900)  # seconds after the first question and those that follow
AN_HOUR = timedelta(hours=1)
# A bill that its member does not confirm is closed after 24 hours, sometimes an hour later.
LATE = timedelta(hours=26)
LAST_DAYS = timedelta(days=25)  # providers forget after 30
SHORT_OF_MONEY = "NOT_ENOUGH"
# The same number may be accepted later, or has been with another content: not proof of anything.
MAYBE_LATER = {SHORT_OF_MONEY, "INVALID_REQUEST"}
OVERDUE = "withdrawals.payout_overdue"
OF_ANOTHER = "answer_of_another_bill"


@transaction.atomic
def record(*, attempt: Attempt, answer: Answer, asked: bool, at: datetime) -> None:
    """Keep what was said of an attempt in our hands, and let it go.

    :param asked: whether it answers a question; only then can it be the end
    """
    # Money moves only at the end; what is on the way locks nobody's purse.
    ends = answer.kind is Kind.TOLD and answer.state in FINAL and asked
    refused = answer.kind is Kind.REFUSED and not asked and answer.code not in MAYBE_LATER
    cash = lock_cash(attempt.withdrawal.member) if ends or refused else None
    attempt = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt.pk)
    if attempt.ended_at:
        return
    attempt.lease_until = None
    attempt.asks += asked
    if answer.kind is Kind.TOLD and answer.state and _is_of(attempt, answer, asked=asked):
        _told(attempt, answer, cash, asked=asked, at=at)
    elif refused and cash and attempt.sends == 1:
        # Signed, and to the only call that was ever made under this number: it was never paid.
        attempt.state = Attempt.State.FAIL
        attempt.evidence = _evidence(answer, at=at)
        end(attempt, cash, fail_reason=answer.code[:64], at=at)
    else:
        if answer.kind is Kind.TOLD:
            answer = replace(answer, code=OF_ANOTHER)
            happened(
                "withdrawals.answer_of_another", attempt.withdrawal, at=at,
                number=attempt.out_bill_no,
            )  # fmt: skip
        attempt.trouble = answer.code[:64] or answer.kind.value
        attempt.next_at = at + _pause(attempt)
        if answer.kind is Kind.REFUSED and answer.code == SHORT_OF_MONEY:
            channels.pause(channel=attempt.gateway, at=at, why=SHORT_OF_MONEY)
        elif answer.kind is Kind.REFUSED and not asked:
            # Under this number stands something else, or it was refused after a call whose answer
            # is not known: more calls make it no better.
            attempt.next_at = None
            happened(
                "withdrawals.payout_refused", attempt.withdrawal, at=at,
                number=attempt.out_bill_no, code=answer.code,
            )  # fmt: skip
        attempt.save(update_fields=Attempt.MOVES)
    alarm(attempt, at=at)


def _told(
    attempt: Attempt, answer: Answer, cash: Cash | None, *, asked: bool, at: datetime
) -> None:
    assert answer.state is not None
    attempt.trouble, attempt.provider_no = "", answer.provider_no or attempt.provider_no
    attempt.package = answer.package
    if answer.state in FINAL and not asked:
        # The end is believed only of a question.
        attempt.next_at = at
        attempt.save(update_fields=Attempt.MOVES)
        return
    attempt.state = Attempt.State(answer.state.value)
    if answer.state not in FINAL:
        attempt.next_at = None if attempt.gateway == BY_HAND else at + _pause(attempt)
        attempt.save(update_fields=Attempt.MOVES)
        return
    assert cash, "locked for an end"
    attempt.evidence = _evidence(answer, at=at)
    end(attempt, cash, fail_reason=answer.fail_reason, at=at)


def end(attempt: Attempt, cash: Cash, *, fail_reason: str, at: datetime) -> None:
    """An attempt's end is proven: the ledger and the withdrawal follow. All are locked."""
    attempt.fail_reason, attempt.ended_at, attempt.next_at = fail_reason, at, None
    attempt.package = ""
    attempt.save(update_fields=Attempt.MOVES)
    withdrawal = attempt.withdrawal
    if attempt.state == Attempt.State.SUCCESS:
        _pay(withdrawal, cash, at=at)
        return
    taxing.give_back(attempt, at=at)
    kind = sort(fail_reason) if attempt.state == Attempt.State.FAIL else Class.NEUTRAL
    happened(
        "withdrawals.payout_failed", withdrawal, at=at,
        number=attempt.out_bill_no, reason=fail_reason, sorted=kind.value,
    )  # fmt: skip
    if kind in {Class.NEUTRAL, Class.WAIT, Class.WE_MUST_ACT}:
        make_ready(withdrawal, at=at)
        stop_if_owing(withdrawal, cash, at=at)
    elif kind is Class.MEMBER_MUST_ACT:
        end_unpaid(withdrawal, cash, to=Withdrawal.Status.FAILED, why=Withdrawal.Why.PAYOUT, at=at)
    # A risk, or a reason that nobody knows, is for a person: see ``deciding``.


def _evidence(answer: Answer, *, at: datetime) -> Evidence:
    return keep(Evidence.Kind.ANSWER, json.dumps(dict(answer.raw), default=str), at=at)


def keep(kind: Evidence.Kind, text: str, *, at: datetime, outer_id: str | None = None) -> Evidence:
    return Evidence.objects.create(
        kind=kind,
        outer_id=outer_id,
        sealed=sealing.seal(text),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        at=at,
    )


def keep_once(kind: Evidence.Kind, text: str, *, at: datetime, outer_id: str) -> Evidence | None:
    """``None`` if something with that id is kept already."""
    try:
        with transaction.atomic():
            return keep(kind, text, at=at, outer_id=outer_id)
    except IntegrityError as error:
        if refused.by(error) != "evidence_outer_id_once":
            raise
        return None


def _pay(withdrawal: Withdrawal, cash: Cash, *, at: datetime) -> None:
    before = status.move(withdrawal, to=Withdrawal.Status.PAID, ended_at=at)
    source = Source("withdrawals.withdrawal", withdrawal.public_id)
    parts = (
        ("net", Account.PAYOUT_CLEARING, withdrawal.net, Reason.PAYOUT),
        ("tax", Account.TAX_PAYABLE, withdrawal.tax, Reason.TAX),
        ("fee", Account.FEE_INCOME, withdrawal.fee, Reason.FEE),
    )
    transfer_many([
        Posting(
            f"withdrawal:{withdrawal.public_id}:paid:{what}", cash.held.pk, platform(kind).pk,
            amount, reason, *source, at,
        )
        for what, kind, amount, reason in parts
        if amount
    ])  # fmt: skip
    happened(
        "withdrawals.paid", withdrawal, at=at,
        before={"status": before}, after={"status": withdrawal.status}, net=withdrawal.net,
    )  # fmt: skip


def _is_of(attempt: Attempt, answer: Answer, *, asked: bool) -> bool:
    """Whether the answer is of this bill; one that is not is never the end."""
    if not asked or attempt.gateway == BY_HAND:
        return answer.out_bill_no in {"", attempt.out_bill_no}
    bill = bill_of(attempt)
    return (answer.out_bill_no, answer.merchant, answer.app, answer.account, answer.amount) == (
        bill.out_bill_no, bill.merchant, bill.app, bill.account, bill.amount,
    )  # fmt: skip


def _pause(attempt: Attempt) -> timedelta:
    step = attempt.asks + attempt.sends - 1
    return timedelta(seconds=STEPS[max(step, 0)]) if step < len(STEPS) else AN_HOUR


def alarm(attempt: Attempt, *, at: datetime) -> None:
    """Somebody looks at what takes too long; told once for each of the two moments."""
    if attempt.ended_at:
        return
    for after in (LATE, LAST_DAYS):
        hours = int(after.total_seconds() // 3600)
        about = Event.objects.filter(
            name=OVERDUE, subject_kind="withdrawals.attempt", subject_id=attempt.out_bill_no
        )
        if at >= attempt.created_at + after and not about.filter(data__hours=hours).exists():
            happened(
                OVERDUE, Reference("withdrawals.attempt", attempt.out_bill_no), at=at, hours=hours
            )


@transaction.atomic
def alarm_overdue(*, at: datetime) -> None:
    """Tell of every attempt that takes too long, also of those that nobody asks for."""
    for attempt in Attempt.objects.filter(ended_at=None, created_at__lte=at - LATE):
        alarm(attempt, at=at)
