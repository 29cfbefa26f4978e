"""Start approved payouts: when the member collects, or at once if no confirmation is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

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
from withdrawals.eligibility import is_collected
from withdrawals.errors import NotCollectable, WrongApp
from withdrawals.events import WITHDRAWALS_PAYOUT_START_FAILED
from withdrawals.gateways import STORE_CREDIT, gateway, gateway_for
from withdrawals.gateways.ledger import LEDGER
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, Policy, Withdrawal
from withdrawals.payouts.channels import pauses
from withdrawals.payouts.send import process_attempt, request_package
from withdrawals.payouts.start import load_instruction, start_payout
from withdrawals.permissions import require_owner

Status, EndReason = Withdrawal.Status, Withdrawal.EndReason
A_DAY = timedelta(days=1)
CONFIRMATION_WINDOW = A_DAY
"""How long WeChat Pay waits for the member's confirmation before it closes a transfer."""
PENDING_STATES = (
    Attempt.State.CREATED, Attempt.State.UNKNOWN, Attempt.State.ACCEPTED,
    Attempt.State.PROCESSING, Attempt.State.WAIT_USER_CONFIRM,
)  # fmt: skip
EXPIRY_SIZE = 200
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CollectionState:
    """The state after a tap on "collect".

    ``package_info`` opens the confirmation page on the phone; while empty, tap again in a moment.
    The page belongs to the merchant and the app, and can be opened until ``expires_at``.
    """

    state: str
    package_info: str = ""
    merchant: str = ""
    app: str = ""
    expires_at: datetime | None = None

    @property
    def is_pending(self) -> bool:
        """Whether the provider has not answered yet: the next tap may have the page."""
        return self.state in PENDING_STATES and not self.package_info


def collect(
    *, withdrawal: Withdrawal, by: Member, at: datetime, app: str | None = None
) -> CollectionState:
    """Create the payment that the member confirms on their phone; idempotent.

    Only a signed reply of the provider proves the payment: the phone's own result proves nothing.

    :param app: the id of the app in which the member taps; ``None``: do not compare
    :raises WrongApp: the provider pays to the account that the member has in another app
    :raises WithdrawalNotFound: the withdrawal belongs to another member
    :raises NotCollectable: it is paid without the member
    :raises Blocked: the member owes money, is frozen …
    :raises ChannelPaused: the channel is paused
    :raises WrongStatus: the withdrawal is not ready, or has ended
    """
    require_owner(by, withdrawal)
    withdrawal.refresh_from_db()
    paying = withdrawal.status == Status.PAYING
    attempt = withdrawal.attempts.live().order_by("-pk").first() if paying else None
    if attempt is None:
        is_ready = withdrawal.status == Status.READY_TO_COLLECT
        channel = gateway_for(withdrawal.payee.channel)
        if not (channel.confirmed_by_member and (is_ready or is_collected(withdrawal.payee))):
            raise NotCollectable
        app_of_account = withdrawal.payee.app or channel.instruction_fields().get("app", "")
        _require_app(app_of_account, app)
        attempt = start_payout(withdrawal=withdrawal, at=at)
    if attempt is None:
        return CollectionState(withdrawal.status)
    instruction = load_instruction(attempt)
    _require_app(instruction.app, app)
    process_attempt(attempt=attempt.pk, at=at)
    attempt.refresh_from_db()
    if attempt.state == Attempt.State.WAIT_USER_CONFIRM and not attempt.package_info:
        request_package(attempt=attempt.pk, at=at)
        attempt.refresh_from_db()
    return CollectionState(
        attempt.state, attempt.package_info, instruction.merchant, instruction.app,
        attempt.created_at + CONFIRMATION_WINDOW,
    )  # fmt: skip


def _require_app(expected: str, app: str | None) -> None:
    if app is not None and expected and app != expected:
        raise WrongApp(app_id=expected)


def check_payment(*, withdrawal: Withdrawal, by: Member, at: datetime) -> Withdrawal:
    """Ask the provider now about a payment that is under way, and return the withdrawal.

    :raises WithdrawalNotFound: the withdrawal belongs to another member
    """
    require_owner(by, withdrawal)
    attempts = withdrawal.attempts.live().filter(withdrawal__status=Status.PAYING)
    if attempt := attempts.order_by("-pk").first():
        process_attempt(attempt=attempt.pk, at=at)
    withdrawal.refresh_from_db()
    return withdrawal


def start_approved_payouts(*, at: datetime, limit: int = 50) -> int:
    """Start approved payouts that need no confirmation by the member, and convert cash.

    A failed payout that can be retried starts again a day later.

    :returns: the number of started payouts
    """
    waiting = _startable(at)
    if waiting is None:
        return 0
    started = 0
    # Blocked withdrawals stay at the front of the list and must not hold up the others.
    rows = waiting.select_related("member", "payee").order_by("pk")
    for withdrawal in rows.iterator(chunk_size=limit):
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


def _startable(at: datetime) -> QuerySet[Withdrawal] | None:
    """Return the approved withdrawals that no person starts, unless their channel is paused."""
    channel = gateway()
    is_converted = Q(payee__channel=STORE_CREDIT)
    is_outside = ~is_converted
    if channel.confirmed_by_member:
        is_outside &= ~Q(payee__authorization_encrypted="")
    startable = [
        condition
        for condition, is_open in (
            (is_outside, channel.name != MANUAL and not pauses(channel.name).exists()),
            (is_converted, not pauses(LEDGER).exists()),
        )
        if is_open
    ]
    if not startable:
        return None
    return Withdrawal.objects.filter(
        Q(status=Status.FINANCE_APPROVED)
        | Q(status=Status.READY_TO_COLLECT, ready_at__lte=at - A_DAY),
        reduce(or_, startable),
    )


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
