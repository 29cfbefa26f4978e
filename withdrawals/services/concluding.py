"""A bill of which the provider tells nothing any more is concluded by two people.

Where a bill is refused after a call whose answer was lost, or the provider has forgotten it, no
answer will ever prove how it ended. Then a person of finance looks at the provider's own bill and
shows it; another one agrees. The provider is asked once more before: its word is worth more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common import refused, status
from common.errors import TwotierError
from events.services import happened
from members.models import User
from withdrawals.gateways import gateway
from withdrawals.gateways.base import Answer, Kind, State
from withdrawals.gateways.manual import BY_HAND
from withdrawals.models import Attempt, Conclusion
from withdrawals.services.ending import REPEATABLE, end
from withdrawals.services.evidence import keep_voucher
from withdrawals.services.locking import lock_cash
from withdrawals.services.paying import work
from withdrawals.services.recording import is_of
from withdrawals.services.refusals import MayStillPay, NotAnAccount, NotYours
from withdrawals.services.rights import FINANCE, check_may

LONGEST_REASON = 200
RESTS = timedelta(hours=26)
FORGOTTEN = timedelta(days=30)  # after a provider has taken it; we send no later than REPEATABLE


class ConclusionOpen(TwotierError):
    code = "conclusion_open"
    message = _("A conclusion about this bill waits for a second person already.")


def is_stuck(attempt: Attempt, *, at: datetime) -> bool:
    """Whether no answer of the provider can prove any more how an attempt has ended.

    What was stopped has to rest first: a call may be on its way, a provider may find a bill late,
    and one that waits for its member is closed after a day.
    """
    if attempt.ended_at or attempt.gateway == BY_HAND or not attempt.sends:
        return False
    if attempt.lease_until and attempt.lease_until > at:
        return False
    since = attempt.stopped_at or attempt.created_at + REPEATABLE
    return at >= since + RESTS


@transaction.atomic
def propose_conclusion(
    *, attempt: Attempt, paid: bool, voucher: bytes, reason: str, by: User, at: datetime
) -> Conclusion:
    """Say how a stuck bill has ended, and show the proof; nothing moves before somebody agrees.

    :param voucher: a picture or PDF of what the provider's own bill says
    :raises NotAllowed, NotYours: no role of finance, or it is their own
    :raises MayStillPay: the provider may still tell; wait for it
    :raises ConclusionOpen: somebody has proposed one
    :raises NotAVoucher, VoucherUsed, NotAnAccount: no proof, or no reason
    """
    check_may(by, FINANCE, attempt.withdrawal)
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise NotAnAccount(what="reason")
    attempt = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt.pk)
    if not is_stuck(attempt, at=at):
        raise MayStillPay(withdrawal=attempt.withdrawal.public_id)
    try:
        with transaction.atomic():
            made = Conclusion.objects.create(
                attempt=attempt, member=attempt.withdrawal.member, paid=paid,
                evidence=keep_voucher(voucher, at=at), reason=reason,
                proposer=by, proposer_member=by.member_id or 0, proposed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        if refused.by(error) != "conclusion_one_open":
            raise
        raise ConclusionOpen(number=attempt.out_bill_no) from error
    happened(
        "withdrawals.conclusion_proposed", attempt.withdrawal, at=at, by=by,
        number=attempt.out_bill_no, paid=paid, reason=reason,
    )  # fmt: skip
    return made


def agree_to_conclusion(*, conclusion: Conclusion, by: User, at: datetime) -> None:
    """Agree: the bill counts as paid, or as unpaid and may be tried again under a new number.

    :raises NotAllowed, NotYours: no role of finance, their own proposal or their own money
    :raises MayStillPay: the provider, asked now, tells something else, or nothing that is signed
    :raises WrongStatus: it is decided
    """
    _other_person(conclusion, by)
    attempt = conclusion.attempt
    asked = gateway(attempt.gateway).ask(attempt.out_bill_no)
    if not _lets_conclude(asked, attempt, paid=conclusion.paid, at=at):
        Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(next_at=at)
        work(attempt=attempt.pk, at=at)
        raise MayStillPay(withdrawal=attempt.withdrawal.public_id)
    _agree(conclusion, by=by, at=at)


@transaction.atomic
def refuse_conclusion(*, conclusion: Conclusion, by: User, at: datetime) -> None:
    """Do not agree, or take one's own proposal back: nothing moves.

    :raises NotAllowed, NotYours: no role of finance, or it is their own money
    :raises WrongStatus: it is decided
    """
    check_may(by, FINANCE, conclusion.attempt.withdrawal)
    _decide(conclusion, Conclusion.Status.REFUSED, by=by, at=at)
    happened(
        "withdrawals.conclusion_refused", conclusion.attempt.withdrawal, at=at, by=by,
        number=conclusion.attempt.out_bill_no,
    )  # fmt: skip


@transaction.atomic
def _agree(conclusion: Conclusion, *, by: User, at: datetime) -> None:
    cash = lock_cash(conclusion.member)
    attempt = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=conclusion.attempt_id
    )
    if not is_stuck(attempt, at=at):
        raise MayStillPay(withdrawal=attempt.withdrawal.public_id)
    _decide(conclusion, Conclusion.Status.AGREED, by=by, at=at)
    state = Attempt.State.SUCCESS if conclusion.paid else Attempt.State.CANCELLED
    end(attempt, cash, state=state, evidence=conclusion.evidence, at=at)
    happened(
        "withdrawals.concluded", attempt.withdrawal, at=at, by=by,
        number=attempt.out_bill_no, paid=conclusion.paid, proposer=conclusion.proposer.username,
    )  # fmt: skip


def _lets_conclude(asked: Answer, attempt: Attempt, *, paid: bool, at: datetime) -> bool:
    """Whether the provider does not know the bill, or does not answer where it would have forgotten
    it; or knows another one under its number, which has ended as we say."""
    if asked.kind is Kind.NOT_FOUND:
        return True
    if asked.kind is not Kind.TOLD and at >= attempt.created_at + REPEATABLE + FORGOTTEN:
        return True
    if asked.kind is not Kind.TOLD or is_of(attempt, asked):
        return False
    ends = {State.SUCCESS} if paid else {State.FAIL, State.CANCELLED}
    return asked.state in ends


def _decide(conclusion: Conclusion, to: Conclusion.Status, *, by: User, at: datetime) -> None:
    status.move(conclusion, to=to, decider=by, decider_member=by.member_id or 0, decided_at=at)


def _other_person(conclusion: Conclusion, by: User) -> None:
    check_may(by, FINANCE, conclusion.attempt.withdrawal)
    if by.pk == conclusion.proposer_id or by.member_id == (conclusion.proposer_member or -1):
        raise NotYours(withdrawal=conclusion.attempt.withdrawal.public_id)
