"""A bill of which the provider tells nothing any more is concluded by two people.

Where a bill is refused after a call whose answer was lost, or the provider has forgotten it, no
answer will ever prove how it ended. Then a person of finance looks at the provider's own bill and
shows it; another one agrees. The provider is asked once more before: its word is worth more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.db_errors import violated_constraint
from common.errors import TwotierError
from distribution.services.reasons import ReasonRequired
from events.services import record
from members.models import User
from withdrawals.cash_accounts import lock_cash_accounts
from withdrawals.errors import PaymentUnresolved, SelfApprovalForbidden
from withdrawals.events import (
    WITHDRAWALS_MANUAL_RESOLUTION_PROPOSED,
    WITHDRAWALS_MANUAL_RESOLUTION_REFUSED,
    WITHDRAWALS_MANUALLY_RESOLVED,
)
from withdrawals.gateways import gateway
from withdrawals.gateways.base import ProviderReply, ReplyKind, State
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, ManualResolution
from withdrawals.payouts.evidence import save_voucher
from withdrawals.payouts.finish import RESEND_WINDOW, finish_attempt
from withdrawals.payouts.record import matches_instruction
from withdrawals.payouts.send import process_attempt
from withdrawals.permissions import FINANCE, require_permission

MAX_REASON_LENGTH = 200
SETTLE_PERIOD = timedelta(hours=26)
PROVIDER_RETENTION = timedelta(
    days=30
)  # after a provider has taken it; we send no later than REPEATABLE


class ManualResolutionPending(TwotierError):
    code = "manual_resolution_pending"
    message = _("A conclusion about this bill waits for a second person already.")


def is_stuck(attempt: Attempt, *, at: datetime) -> bool:
    """Whether no answer of the provider can prove any more how an attempt has ended.

    What was stopped has to rest first: a call may be on its way, a provider may find a bill late,
    and one that waits for its member is closed after a day.
    """
    if attempt.ended_at or attempt.gateway == MANUAL or not attempt.send_count:
        return False
    if attempt.lease_until and attempt.lease_until > at:
        return False
    since = attempt.stopped_at or attempt.created_at + RESEND_WINDOW
    return at >= since + SETTLE_PERIOD


@transaction.atomic
def propose_manual_resolution(
    *, attempt: Attempt, paid: bool, voucher: bytes, reason: str, by: User, at: datetime
) -> ManualResolution:
    """Say how a stuck bill has ended, and show the proof; nothing moves before somebody agrees.

    :param voucher: a picture or PDF of what the provider's own bill says
    :raises NotAllowed, NotYours: no role of finance, or it is their own
    :raises MayStillPay: the provider may still tell; wait for it
    :raises ConclusionOpen: somebody has proposed one
    :raises NotAVoucher, VoucherUsed, NotAnAccount: no proof, or no reason
    """
    require_permission(by, FINANCE, attempt.withdrawal)
    reason = " ".join(reason.split())[:MAX_REASON_LENGTH]
    if not reason:
        raise ReasonRequired
    attempt = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt.pk)
    if not is_stuck(attempt, at=at):
        raise PaymentUnresolved(withdrawal=attempt.withdrawal.public_id)
    try:
        with transaction.atomic():
            made = ManualResolution.objects.create(
                attempt=attempt, member=attempt.withdrawal.member, paid=paid,
                evidence=save_voucher(voucher, at=at), reason=reason,
                proposer=by, proposer_member=by.member_id or 0, proposed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        if violated_constraint(error) != "manual_resolution_open_unique":
            raise
        raise ManualResolutionPending(number=attempt.out_bill_no) from error
    record(
        WITHDRAWALS_MANUAL_RESOLUTION_PROPOSED, attempt.withdrawal, at=at, by=by,
        number=attempt.out_bill_no, paid=paid, reason=reason,
    )  # fmt: skip
    return made


def resolve_manually(*, manual_resolution: ManualResolution, by: User, at: datetime) -> None:
    """Agree: the bill counts as paid, or as unpaid and may be tried again under a new number.

    :raises NotAllowed, NotYours: no role of finance, their own proposal or their own money
    :raises MayStillPay: the provider, asked now, tells something else, or nothing that is signed
    :raises WrongStatus: it is decided
    """
    _require_second_person(manual_resolution, by)
    attempt = manual_resolution.attempt
    asked = gateway(attempt.gateway).query(attempt.out_bill_no)
    if not _allows_resolution(asked, attempt, paid=manual_resolution.paid, at=at):
        Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(next_run_at=at)
        process_attempt(attempt=attempt.pk, at=at)
        raise PaymentUnresolved(withdrawal=attempt.withdrawal.public_id)
    _resolve(manual_resolution, by=by, at=at)


@transaction.atomic
def refuse_manual_resolution(
    *, manual_resolution: ManualResolution, by: User, at: datetime
) -> None:
    """Do not agree, or take one's own proposal back: nothing moves.

    :raises NotAllowed, NotYours: no role of finance, or it is their own money
    :raises WrongStatus: it is decided
    """
    require_permission(by, FINANCE, manual_resolution.attempt.withdrawal)
    _decide(manual_resolution, ManualResolution.Status.REFUSED, by=by, at=at)
    record(
        WITHDRAWALS_MANUAL_RESOLUTION_REFUSED, manual_resolution.attempt.withdrawal, at=at, by=by,
        number=manual_resolution.attempt.out_bill_no,
    )  # fmt: skip


@transaction.atomic
def _resolve(manual_resolution: ManualResolution, *, by: User, at: datetime) -> None:
    cash = lock_cash_accounts(manual_resolution.member)
    attempt = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=manual_resolution.attempt_id
    )
    if not is_stuck(attempt, at=at):
        raise PaymentUnresolved(withdrawal=attempt.withdrawal.public_id)
    _decide(manual_resolution, ManualResolution.Status.AGREED, by=by, at=at)
    state = Attempt.State.SUCCESS if manual_resolution.paid else Attempt.State.CANCELLED
    finish_attempt(attempt, cash, state=state, evidence=manual_resolution.evidence, at=at)
    record(
        WITHDRAWALS_MANUALLY_RESOLVED, attempt.withdrawal, at=at, by=by,
        number=attempt.out_bill_no, paid=manual_resolution.paid, proposer=manual_resolution.proposer.username,
    )  # fmt: skip


def _allows_resolution(asked: ProviderReply, attempt: Attempt, *, paid: bool, at: datetime) -> bool:
    """Whether the provider does not know the bill, or does not answer where it would have forgotten
    it; or knows another one under its number, which has ended as we say."""
    if asked.kind is ReplyKind.NOT_FOUND:
        return True
    if (
        asked.kind is not ReplyKind.STATUS
        and at >= attempt.created_at + RESEND_WINDOW + PROVIDER_RETENTION
    ):
        return True
    if asked.kind is not ReplyKind.STATUS or matches_instruction(attempt, asked):
        return False
    ends = {State.SUCCESS} if paid else {State.FAIL, State.CANCELLED}
    return asked.state in ends


def _decide(
    manual_resolution: ManualResolution, to: ManualResolution.Status, *, by: User, at: datetime
) -> None:
    status.move(
        manual_resolution, to=to, decider=by, decider_member=by.member_id or 0, decided_at=at
    )


def _require_second_person(manual_resolution: ManualResolution, by: User) -> None:
    require_permission(by, FINANCE, manual_resolution.attempt.withdrawal)
    if by.pk == manual_resolution.proposer_id or by.member_id == (
        manual_resolution.proposer_member or -1
    ):
        raise SelfApprovalForbidden(withdrawal=manual_resolution.attempt.withdrawal.public_id)
