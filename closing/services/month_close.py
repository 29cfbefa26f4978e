"""Two people of finance close a month, when every control is green."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

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
    message = _("Not everything agrees yet: %(what)s. The month stays open.")


class PaymentsInProgress(TwotierError):
    code = "payments_in_progress"
    message = _(
        "Payments that were begun in this month are under way: %(numbers)s. Sign once it is known"
        " how they have ended."
    )


def sign_month(*, month: date, by: User, at: datetime) -> Period:
    """Sign the close of a month; the second signature, by another person, closes and seals it.

    The seal follows in a transaction of its own: to hash a month takes longer than postings may
    wait. Until it is there, the chain is red.

    :param month: its first day
    :raises PermissionMissing: no right to sign
    :raises NotGreen: a control found something
    :raises StillPaying: a payment of the month has not ended
    :raises NotTheNextMonth, AlreadySigned, AlreadyClosed: as the ledger says
    """
    require_permission(by, "ledger.sign_period")
    period = _sign(month, by=by, at=at)
    return services.hash_period(period=period, at=at) if period.closed_at else period


def hash_closed_periods(*, at: datetime) -> int:
    """Seal what was closed by somebody whose process ended too early.

    :returns: how many months
    """
    left = list(Period.objects.filter(closed_at__isnull=False, hashed_at=None).order_by("month"))
    for period in left:
        services.hash_period(period=period, at=at)
    return len(left)


@transaction.atomic
def _sign(month: date, *, by: User, at: datetime) -> Period:
    hash_closed_periods(at=at)
    services.require_next_month(month=month, at=at)
    _require_no_open_payments(month)
    _require_controls_pass(month)
    if Period.objects.filter(month=month).exists():
        # The second signature closes it: what was on its way while we looked is looked at, too.
        services.block_postings()
        _require_controls_pass(month, exclude=controls.SLOW_CONTROLS)
    return services.sign_period(month=month, by=by, at=at)


def _require_controls_pass(month: date, *, exclude: Collection[Control] = frozenset()) -> None:
    last = months.next_month(month) - timedelta(days=1)
    red = [control for control, found in controls.findings(last, exclude=exclude).items() if found]
    if red:
        raise ControlsFailed(
            what="; ".join(str(control.label) for control in red),
            controls=[control.value for control in red],
        )


def _require_no_open_payments(month: date) -> None:
    """What is begun in a month is income of that month: its filing must not change afterwards."""
    under_way = TaxEntry.objects.filter(
        year=month.year, month=month.month, released_at=None, attempt__ended_at=None
    )
    numbers = list(under_way.values_list("attempt__out_bill_no", flat=True)[:MAX_SHOWN])
    if numbers:
        raise PaymentsInProgress(numbers=", ".join(numbers))
