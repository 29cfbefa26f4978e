"""Start approved payouts: when the member collects, or at once if no confirmation is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet

from alarms.kinds import EXPIRY_FAILED
from alarms.services import sync_alarms
from common.errors import FAULTS, TwotierError
from events.models import Reference
from events.services import record
from members.models import Member
from withdrawals import lifecycle
from withdrawals.cash_accounts import lock_withdrawal
from withdrawals.errors import NotCollectable
from withdrawals.events import WITHDRAWALS_PAYOUT_START_FAILED
from withdrawals.gateways import gateway
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Policy, Withdrawal
from withdrawals.payouts.channels import pauses
from withdrawals.payouts.send import process_attempt
from withdrawals.payouts.start import start_payout
from withdrawals.permissions import require_owner

Status, EndReason = Withdrawal.Status, Withdrawal.EndReason
A_DAY = timedelta(days=1)
EXPIRY_SIZE = 200
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CollectionState:
    """The state after a tap on "collect".

    ``package_info`` opens the confirmation page on the phone; while empty, tap again in a moment.
    """

    state: str
    package_info: str = ""


def collect(*, withdrawal: Withdrawal, by: Member, at: datetime) -> CollectionState:
    """Create the payment that the member confirms on their phone; idempotent.

    Only a signed reply of the provider proves the payment: the phone's own result proves nothing.

    :raises WithdrawalNotFound: the withdrawal belongs to another member
    :raises NotCollectable: the gateway pays without the member
    :raises Blocked: the member owes money, is frozen …
    :raises ChannelPaused: the channel is paused
    :raises WrongStatus: the withdrawal is not ready, or has ended
    """
    require_owner(by, withdrawal)
    withdrawal.refresh_from_db()
    paying = withdrawal.status == Status.PAYING
    attempt = withdrawal.attempts.live().order_by("-pk").first() if paying else None
    if attempt is None:
        if not gateway().confirmed_by_member:
            raise NotCollectable
        attempt = start_payout(withdrawal=withdrawal, at=at)
    if attempt is None:
        return CollectionState(withdrawal.status)
    process_attempt(attempt=attempt.pk, at=at)
    attempt.refresh_from_db()
    return CollectionState(attempt.state, attempt.package_info)


def start_approved_payouts(*, at: datetime, limit: int = 50) -> int:
    """Start approved payouts that need no confirmation by the member.

    A failed payout that can be retried starts again a day later.

    :returns: the number of started payouts
    """
    channel = gateway()
    if channel.confirmed_by_member or channel.name == MANUAL or pauses(channel.name).exists():
        return 0
    waiting = Withdrawal.objects.filter(
        Q(status=Status.FINANCE_APPROVED)
        | Q(status=Status.READY_TO_COLLECT, ready_at__lte=at - A_DAY)
    ).order_by("pk")
    started = 0
    # Blocked withdrawals stay at the front of the list and must not hold up the others.
    for withdrawal in waiting.select_related("member").iterator(chunk_size=limit):
        if started == limit:
            break
        try:
            started += start_payout(withdrawal=withdrawal, at=at) is not None
        except TwotierError:
            continue  # started by another worker, or blocked as its page shows
        except OperationalError:
            raise
        except FAULTS:
            # A fault in one row must not hold up the others.
            log.exception("payout_start_failed", withdrawal=withdrawal.public_id)
            _report_start_failure(withdrawal, at=at)
    return started


@transaction.atomic
def _report_start_failure(withdrawal: Withdrawal, *, at: datetime) -> None:
    """Record the failure, at most once a day."""
    unreported = Withdrawal.objects.filter(
        Q(start_failed_at=None) | Q(start_failed_at__lte=at - A_DAY),
        pk=withdrawal.pk, status__in=Withdrawal.BEFORE_PAYING,
    )  # fmt: skip
    if unreported.update(start_failed_at=at):
        record(WITHDRAWALS_PAYOUT_START_FAILED, withdrawal, at=at)


def expire_uncollected_withdrawals(*, at: datetime, limit: int = EXPIRY_SIZE) -> int:
    """Cancel withdrawals not collected within the policy's days, and release the money.

    One that cannot be cancelled is logged, tried again by the next run and is an alarm; it does
    not stop the others.

    :returns: how many were cancelled; 0 when there is nothing more to do
    """
    before = at - timedelta(days=Policy.current().ready_days)
    late = Withdrawal.objects.filter(status=Status.READY_TO_COLLECT, ready_at__lte=before)
    expired = failed = 0
    for withdrawal in late.select_related("member").order_by("pk")[:limit]:
        try:
            expired += _expire(withdrawal, late, at=at)
        except OperationalError:
            raise  # the connection is lost or a deadlock was broken: no withdrawal is to blame
        except FAULTS:
            failed += 1
            log.exception("withdrawal_not_expired", withdrawal=withdrawal.public_id)
    subject = Reference(EXPIRY_FAILED.subject, settings.PAYOUT_GATEWAY)
    sync_alarms(EXPIRY_FAILED, {subject: {"withdrawals": failed}} if failed else {}, at=at)
    return expired


@transaction.atomic
def _expire(withdrawal: Withdrawal, late: QuerySet[Withdrawal], *, at: datetime) -> bool:
    cash = lock_withdrawal(withdrawal)
    if not late.filter(pk=withdrawal.pk).exists():
        return False
    lifecycle.close_unpaid(
        withdrawal, cash, to=Status.CANCELLED, end_reason=EndReason.UNCOLLECTED, at=at
    )
    return True
