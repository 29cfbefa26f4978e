"""Let incentives run through the demo's year: a bonus of the month and a sprint each week."""

from __future__ import annotations

from datetime import datetime

from demo.ladder import raise_ladder
from demo.story_incentives import follow, from_template, give_confirmed
from incentives.models import PeriodClosing, Reward
from incentives.models.incentive import Metric
from incentives.services.closing import confirm_closing
from ledger.chart import Asset
from members.models import User
from orders.models import Order

BONUS = [(200_000, 8_000), (500_000, 25_000)]
"""Own sales of a month, and what they give, in fen."""
WAITS_ABOVE = 10_000
UNCONFIRMED = 1
"""How many closes wait for a person in the end."""


def begin(staff: dict[str, User], *, by: User, at: datetime) -> None:
    """Publish what runs all year; the sprint begins on the next Monday."""
    raise_ladder(by=by, at=at)
    from_template(
        "month_units", staff, at=at, name="月销达标奖", metric=Metric.OWN_SALES,
        rewards=[_cash(amount, threshold) for threshold, amount in BONUS],
    )  # fmt: skip
    from_template("week_sprint", staff, at=at, confirm_above=WAITS_ABOVE)


def _cash(amount: int, threshold: int) -> Reward:
    return Reward(kind=Reward.Kind.AMOUNT, asset=Asset.CASH, amount=amount, threshold=threshold)


def end_week(numbers: list[str], *, by: User, start: datetime, end: datetime) -> None:
    """Count the orders that were told or completed in a week, and confirm the closes of before.

    :param numbers: of the orders that were told in the week
    :param by: who confirms; another person than who published
    """
    told = Order.objects.filter(number__in=numbers)
    completed = Order.objects.filter(completed_at__gt=start, completed_at__lte=end)
    follow(sorted({*told.values_list("pk", flat=True), *completed.values_list("pk", flat=True)}),
           at=end)  # fmt: skip
    waiting = PeriodClosing.objects.filter(status=PeriodClosing.Status.WAITING).order_by("pk")
    for closing in list(waiting)[:-UNCONFIRMED]:
        confirm_closing(closing=closing, by=by, at=end)
    give_confirmed(at=end)
