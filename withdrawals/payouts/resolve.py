"""Resolve a stuck attempt manually, with the provider's statement and two people.

If a payment is refused after a call whose reply was lost, or the provider has forgotten it, no
reply will ever prove its outcome. Then a person of finance proposes the outcome with the provider's
statement as proof, and another one agrees. The provider is queried once more first; its reply wins.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError, violated_constraint
from common.requirements import require_reason
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
from withdrawals.payouts.replies import matches_instruction
from withdrawals.payouts.send import process_attempt, schedule_poll
from withdrawals.permissions import FINANCE, require_reviewer

SETTLE_PERIOD = timedelta(hours=26)
PROVIDER_RETENTION = timedelta(days=30)  # after the last call, at the end of RESEND_WINDOW


class ManualResolutionPending(TwotierError):
    code = "manual_resolution_pending"
    message = _("A manual resolution of this payment already waits for a second person.")


def is_stuck(attempt: Attempt, *, at: datetime) -> bool:
    """Return whether no reply of the provider can still prove the outcome of an attempt.

    A stopped attempt settles first: a call may be on its way, a provider may find a payment late,
    and an unconfirmed one is closed after a day.
    """
    if attempt.ended_at or attempt.gateway == MANUAL or not attempt.send_count:
        return False
    if attempt.is_leased(at):
        return False
    since = attempt.stopped_at or attempt.created_at + RESEND_WINDOW
    return at >= since + SETTLE_PERIOD


@transaction.atomic
def propose_manual_resolution(
    *, attempt: Attempt, paid: bool, voucher: bytes, reason: str, by: User, at: datetime
) -> ManualResolution:
    """Propose the outcome of a stuck attempt, with proof; a second person has to agree.

    :param voucher: a picture or PDF of the provider's statement
    :raises PermissionMissing, SelfApprovalForbidden: no finance role, or their own withdrawal
    :raises ReviewTooEarly: the account of ``by`` has just changed
    :raises PaymentUnresolved: the provider may still report the outcome
    :raises ManualResolutionPending: another proposal is open
    :raises InvalidVoucher, VoucherAlreadyUsed, ReasonRequired: proof or reason is missing
    """
    require_reviewer(by, FINANCE, attempt.withdrawal)
    reason = require_reason(reason)
    attempt = Attempt.objects.lock(attempt.pk)
    if not is_stuck(attempt, at=at):
        raise PaymentUnresolved(withdrawal=attempt.withdrawal.public_id)
    try:
        with transaction.atomic():
            proposal = ManualResolution.objects.create(
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
    return proposal


def resolve_manually(*, manual_resolution: ManualResolution, by: User, at: datetime) -> None:
    """Agree to a proposal: the attempt ends paid, or unpaid and free for a new number.

    :raises PermissionMissing, SelfApprovalForbidden: no finance role, their own proposal or money
    :raises PaymentUnresolved: the provider, queried now, contradicts it or sends no signed reply
    :raises WrongStatus: the proposal is decided
    """
    attempt = manual_resolution.attempt
    require_reviewer(by, FINANCE, attempt.withdrawal)
    if by.pk == manual_resolution.proposer_id or by.member_id == (
        manual_resolution.proposer_member or -1
    ):
        raise SelfApprovalForbidden(withdrawal=attempt.withdrawal.public_id)
    reply = gateway(attempt.gateway).query(attempt.out_bill_no)
    if not _allows_resolution(reply, attempt, paid=manual_resolution.paid, at=at):
        schedule_poll(out_bill_no=attempt.out_bill_no, at=at)
        process_attempt(attempt=attempt.pk, at=at)
        raise PaymentUnresolved(withdrawal=attempt.withdrawal.public_id)
    _resolve(manual_resolution, by=by, at=at)


@transaction.atomic
def refuse_manual_resolution(
    *, manual_resolution: ManualResolution, by: User, at: datetime
) -> None:
    """Refuse a proposal, or withdraw one's own: nothing moves.

    :raises PermissionMissing, SelfApprovalForbidden: no finance role, or their own money
    :raises WrongStatus: the proposal is decided
    """
    require_reviewer(by, FINANCE, manual_resolution.attempt.withdrawal)
    _decide(manual_resolution, ManualResolution.Status.REFUSED, by=by, at=at)
    record(
        WITHDRAWALS_MANUAL_RESOLUTION_REFUSED, manual_resolution.attempt.withdrawal, at=at, by=by,
        number=manual_resolution.attempt.out_bill_no,
    )  # fmt: skip


@transaction.atomic
def _resolve(manual_resolution: ManualResolution, *, by: User, at: datetime) -> None:
    cash = lock_cash_accounts(manual_resolution.member)
    attempt = Attempt.objects.lock(manual_resolution.attempt_id)
    if not is_stuck(attempt, at=at):
        raise PaymentUnresolved(withdrawal=attempt.withdrawal.public_id)
    _decide(manual_resolution, ManualResolution.Status.AGREED, by=by, at=at)
    state = Attempt.State.SUCCESS if manual_resolution.paid else Attempt.State.CANCELLED
    finish_attempt(attempt, cash, state=state, evidence=manual_resolution.evidence, at=at)
    record(
        WITHDRAWALS_MANUALLY_RESOLVED, attempt.withdrawal, at=at, by=by,
        number=attempt.out_bill_no, paid=manual_resolution.paid,
        proposer=manual_resolution.proposer.username,
    )  # fmt: skip


def _allows_resolution(reply: ProviderReply, attempt: Attempt, *, paid: bool, at: datetime) -> bool:
    """Return whether the provider's reply leaves the outcome to the two people.

    It does not know the payment, or sends no answer after it would have forgotten it, or it knows
    another payment under the number with the proposed outcome.
    """
    if reply.kind is not ReplyKind.STATUS:
        forgotten = at >= attempt.created_at + RESEND_WINDOW + PROVIDER_RETENTION
        return forgotten or reply.kind is ReplyKind.NOT_FOUND
    if matches_instruction(attempt, reply):
        return False
    outcomes = {State.SUCCESS} if paid else {State.FAIL, State.CANCELLED}
    return reply.state in outcomes


def _decide(
    manual_resolution: ManualResolution, to: ManualResolution.Status, *, by: User, at: datetime
) -> None:
    status.move(
        manual_resolution, to=to, decider=by, decider_member=by.member_id or 0, decided_at=at
    )
