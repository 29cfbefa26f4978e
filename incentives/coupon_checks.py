"""Check that the coupons of a version can serve what it promises: per member, and in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from common.clock import day_start
from incentives.check_types import Found, Indexed
from incentives.models import Budget, Metric, Reward, Version
from incentives.models.incentive import PeriodKind
from incentives.periods import span_of, span_starting
from incentives.step_checks import prizes
from promotions.models import Coupon

Reach = Version.Reach
YEAR = timedelta(days=365)
"""A run without an end is judged by its first year."""


def coupon_errors(
    version: Version, rewards: Sequence[Reward], *, at: datetime | None = None
) -> Found:
    """Yield where a member, or all of them, may reach more coupons than there are to give."""
    by_coupon: dict[Coupon, Indexed] = defaultdict(list)
    for place, row in enumerate(rewards):
        if row.kind == Reward.Kind.COUPON and row.coupon:
            by_coupon[row.coupon].append((place, row))
    for coupon, rows in by_coupon.items():
        yield from _per_member(version, coupon, rows, at)
        yield from _stock(version, coupon, rows)


def _per_member(version: Version, coupon: Coupon, rows: Indexed, at: datetime | None) -> Found:
    values = {"count": coupon.per_member}
    wanted = 0
    for place, row in rows:
        most = _most_in_run(version, row, coupon.per_member, at)
        if most is None:
            yield (
                "most_per_member",
                _("Set a limit per member: one member gets this coupon at most %(count)s times.")
                % values,
            )
            return
        wanted += most
        if wanted > coupon.per_member:
            yield (
                f"rewards.{place}.coupon",
                _(
                    "One member gets this coupon at most %(count)s times, and may reach more here."
                    " Choose a coupon with a higher limit per member, lower the limit here, or"
                    " count the whole campaign."
                )
                % values,
            )
            return


def _most_in_run(version: Version, row: Reward, enough: int, at: datetime | None) -> int | None:
    """Return how many of a reward one member may reach in the run; None: any number.

    Counting stops where it is more than ``enough``.
    """
    if row.side == Reward.Side.FRIEND or version.metric == Metric.FIRST_SALE:
        most: int | None = 1  # a friend is brought once, and sells for the first time once
        return _within_budget(version, most)
    most = version.most_per_member if version.reach in (Reach.EACH, Reach.EVERY) else 1
    if most is not None:
        # More periods than these make no difference.
        most *= _periods(version, enough // most + 1, at)
    return _within_budget(version, most)


def _within_budget(version: Version, most: int | None) -> int | None:
    limits = [limit for limit in (most, version.budget_awards) if limit is not None]
    return min(limits, default=None)


def _periods(version: Version, enough: int, at: datetime | None) -> int:
    """Return how many periods the run touches, at most ``enough``."""
    start = version.starts_at or at
    # Without a start, and asked without the moment of publication, one period is all that is sure.
    if version.period == PeriodKind.CAMPAIGN or start is None:
        return 1
    end = version.ends_at or start + YEAR
    span, count = span_of(version, start), 1
    while count < enough and span.end and day_start(span.end) < end:
        span, count = span_starting(version, span.end), count + 1
    return count


def _stock(version: Version, coupon: Coupon, rows: Indexed) -> Found:
    """Yield an error if the budget, or the prizes, promise more than are left.

    Without a budget no number is promised: coupons go to those who come first. A budget in awards
    counts all awards of the incentive, not only this coupon's.
    """
    if coupon.stock is None:
        return
    left = coupon.stock - coupon.granted
    given = Budget.objects.filter(incentive=version.incentive_id).values_list("awards", flat=True)
    if version.budget_awards is not None:
        wanted = version.budget_awards - (given.first() or 0)
    elif version.reach == Reach.RANK:
        wanted = prizes(version, [row for _place, row in rows])
    else:
        return
    if wanted > left > 0:  # none left: ``reward_checks`` says so
        yield (
            f"rewards.{rows[0][0]}.coupon",
            _("%(wanted)s of this coupon may be reached, and %(left)s are left.")
            % {"wanted": wanted, "left": left},
        )
