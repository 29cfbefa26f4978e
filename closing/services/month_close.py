"""Two people of finance close a month after every control passes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from closing import controls
from closing.models import Control
from common.errors import TwotierError
from common.requirements import require_permission
from ledger import months, services
from ledger.models import Period
from members.models import User
from withdrawals.models import TaxEntry

MAX_SHOWN = 5


class ControlsFailed(TwotierError):
    code = "controls_failed"
    message = _("These controls failed: %(labels)s. The month stays open.")


class PaymentsInProgress(TwotierError):
    code = "payments_in_progress"
    message = _(
        "Payments that started in this month are in progress: %(numbers)s. Sign after they have"
        " finished."
    )


def sign_month(*, month: date, by: User, at: datetime) -> Period:
    """Sign a month; the second signature, by another person, closes and hashes it.

    The hash is computed in its own transaction, because it takes longer than postings may wait.
    Until then the chain control fails.

    :param month: its first day
    :raises PermissionMissing: ``by`` may not sign
    :raises ControlsFailed: a control found a difference
    :raises PaymentsInProgress: a payment of the month has not finished
    :raises MonthOutOfOrder, AlreadySigned, AlreadyClosed: see ``ledger.services.sign_period``
    """
    require_permission(by, "ledger.sign_period")
    period = _sign(month, by=by, at=at)
    return services.hash_period(period=period, at=at) if period.closed_at else period


def hash_closed_periods(*, at: datetime) -> int:
    """Hash the closed months that have no hash because the process died.

    :returns: the number of months
    """
    periods = list(Period.objects.filter(closed_at__isnull=False, hashed_at=None).order_by("month"))
    for period in periods:
        services.hash_period(period=period, at=at)
    return len(periods)


@transaction.atomic
def _sign(month: date, *, by: User, at: datetime) -> Period:
    hash_closed_periods(at=at)
    services.require_next_month(month=month, at=at)
    _require_no_open_payments(month)
    _require_controls_pass(month)
    if Period.objects.filter(month=month).exists():
        # The second signature closes the month: check again, now that no posting can be in flight.
        services.block_postings()
        _require_controls_pass(month, exclude=controls.SLOW_CONTROLS)
    return services.sign_period(month=month, by=by, at=at)


def _require_controls_pass(month: date, *, exclude: Collection[Control] = frozenset()) -> None:
    last = months.next_month(month) - controls.ONE_DAY
    findings = controls.findings(last, exclude=exclude)
    failed = [control for control, rows in findings.items() if rows]
    if failed:
        raise ControlsFailed(
            labels="; ".join(str(control.label) for control in failed),
            controls=[control.value for control in failed],
        )


def _require_no_open_payments(month: date) -> None:
    """Payments that start in a month are its income, and its tax filing must not change later."""
    in_progress = TaxEntry.objects.filter(
        year=month.year, month=month.month, released_at=None, attempt__ended_at=None
    )
    numbers = list(in_progress.values_list("attempt__out_bill_no", flat=True)[:MAX_SHOWN])
    if numbers:
        raise PaymentsInProgress(numbers=", ".join(numbers))
