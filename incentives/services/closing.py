"""Close periods: fix what counts, compute the prizes of contests and pools, then give them.

A close has three steps, so that a crash loses nothing and two workers come to one result:

1. A short transaction closes the period. What counts in it no longer changes.
2. The prizes are set for one member after the other, each in a transaction of its own.
3. The close is final, or waits for a second person if its awards are worth more than an amount,
   see ``worth``. A worker then gives the awards, see ``contest_followers``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from alarms.kinds import CLOSED_WITHOUT_ORDERS
from alarms.services import raise_alarm
from common import status
from common.errors import FAULTS, TwotierError
from common.locks import lock_rows
from common.requirements import require_permission, require_two_people
from events.services import record
from incentives.due_periods import DuePeriod, due_periods, left_out, version_of_period
from incentives.events import (
    INCENTIVES_CLOSING_FINAL,
    INCENTIVES_CLOSING_WAITS,
    INCENTIVES_PERIOD_CLOSED,
)
from incentives.models import (
    Award,
    Budget,
    Contribution,
    Incentive,
    PeriodClosing,
    Policy,
    Progress,
    Reward,
    Version,
)
from incentives.models.incentive import Metric
from incentives.prizes import Contest, Left, Standing, prizes, standings, targets_by_member
from incentives.rewards import Target
from incentives.services.awards import apply_targets
from incentives.services.locks import lock_people
from incentives.services.pools import Pool, compute_pool, store_pool
from incentives.services.prizes_after_close import lowered_prizes
from incentives.services.targets import Due, limits_at
from incentives.services.totals import Place
from incentives.worth import Worth, worth_of
from members.models import User
from members.reviews import require_may_review

log = structlog.get_logger(__name__)

PERMISSION = "incentives.confirm_closing"
Status = PeriodClosing.Status
DUE = (Award.Status.WAITING, Award.Status.HELD, Award.Status.GRANTED)


class ClosingNotCounted(TwotierError):
    code = "closing_not_counted"
    message = _("The awards of this close are still being counted. Try again in a minute.")


def close_periods(*, at: datetime, limit: int) -> int:
    """Close periods whose close has come, and finish closes that were interrupted.

    :param limit: how many at most
    :returns: how many were closed or finished; 0 when nothing is due
    :raises Exception: the fault of the last close that failed, after the others
    """
    for place, due in enumerate(due_periods(at=at)):
        if place >= limit:
            break
        _close(due, at=at)
    failure: Exception | None = None
    done = 0
    for closing in PeriodClosing.objects.filter(status=Status.COUNTING).order_by("pk")[:limit]:
        try:
            count_closing(closing=closing, at=at)
            done += 1
        except FAULTS as fault:  # one that fails must not stop the others
            log.exception("closing_failed", closing=closing.public_id)
            failure = fault
    if failure:
        raise failure
    return done


@transaction.atomic
def confirm_closing(*, closing: PeriodClosing, by: User, at: datetime) -> None:
    """Confirm the awards of a close as a second person; they are given then.

    :raises PermissionMissing, ReviewTooEarly: nothing was changed
    :raises SelfApprovalForbidden: ``by`` published the incentive, or is to get one of the awards
    :raises ClosingNotCounted: its awards are not known yet
    :raises WrongStatus: it is confirmed already
    """
    require_permission(by, PERMISSION)
    require_may_review(by.pk)
    _lock(closing)
    if closing.status == Status.COUNTING:
        raise ClosingNotCounted
    with require_two_people({"closing_four_eyes", "closing_own_award"}):
        status.move(closing, to=Status.FINAL, confirmed_by=by, confirmed_at=at)
    _record_result(closing, at=at, by=by)


@transaction.atomic
def _close(due: DuePeriod, *, at: datetime) -> None:
    # FOR UPDATE, not weaker: it waits for those who are writing contributions of the incentive,
    # and they for it, because their foreign keys lock the row.
    Incentive.objects.select_for_update().get(pk=due.version.incentive_id)
    closing, created = PeriodClosing.objects.get_or_create(
        incentive_id=due.version.incentive_id, period_start=due.span.start,
        defaults={"closed_at": at, "status": Status.COUNTING},
    )  # fmt: skip
    if created:
        record(
            INCENTIVES_PERIOD_CLOSED, closing, at=at, incentive=due.version.incentive.public_id,
            period_start=due.span.start.isoformat(),
        )  # fmt: skip
        if missing := left_out(due):
            raise_alarm(CLOSED_WITHOUT_ORDERS, closing, at=at, **missing)


def count_closing(*, closing: PeriodClosing, at: datetime) -> None:
    """Set the prizes of a closed period, then make the close final or let it wait.

    It may be called again, and by two workers at once: the same prizes follow.
    """
    version = version_of_period(closing.incentive_id, closing.period_start)
    rewards = list(version.rewards.filter(side=Reward.Side.EARNER))
    pool: Pool | None = None
    if version.metric == Metric.TEAM_POOL:
        pool = compute_pool(version, rewards, closing.period_start)
        targets = _with_earlier(closing, pool.targets)
    elif version.reach == Version.Reach.RANK:
        targets = _with_earlier(closing, _prizes(version, rewards, closing))
    else:
        targets = {}
    for member in sorted(targets):
        if not _set_targets(closing, version, member, targets[member], at=at):
            return  # another worker has finished it
    _finish(closing, version, pool, at=at)


def _with_earlier(
    closing: PeriodClosing, targets: Mapping[int, list[Target]]
) -> dict[int, list[Target]]:
    """Add who has awards of a count that was interrupted, and is due nothing any more."""
    rows = Award.objects.filter(incentive=closing.incentive_id, period_start=closing.period_start)
    before: dict[int, list[Target]] = {who: [] for who in rows.values_list("member", flat=True)}
    return before | dict(targets)


def _prizes(
    version: Version, rewards: Sequence[Reward], closing: PeriodClosing
) -> dict[int, list[Target]]:
    last = max((reward.last_rank or 0 for reward in rewards), default=0)
    places = _places(closing, last)
    contest = Contest(
        rewards=rewards, ties=version.ties, left=_left(closing),
        reached_at=_reached_at(closing, [place.member for place in places]),
    )  # fmt: skip
    return targets_by_member(prizes(places, contest))


def _places(closing: PeriodClosing, last: int) -> list[Standing]:
    """Return the members up to the last place with a prize, and those who share it."""
    rows = Progress.objects.filter(
        incentive=closing.incentive_id, period_start=closing.period_start, value__gt=0
    ).order_by("-value", "member")
    values = rows.values_list("value", flat=True)[:last]
    lowest = min(values, default=None)
    if lowest is None:
        return []
    return standings(list(rows.filter(value__gte=lowest).values_list("member", "value")))


def _reached_at(closing: PeriodClosing, members: Sequence[int]) -> dict[int, datetime]:
    rows = Contribution.objects.filter(
        incentive=closing.incentive_id, period_start=closing.period_start, member__in=members,
        counted=True, value__gt=0,
    )  # fmt: skip
    return dict(rows.order_by().values_list("member").annotate(Max("happened_at")))


def _left(closing: PeriodClosing) -> Left:
    budget = Budget.objects.filter(incentive=closing.incentive_id).first()
    if budget is None:
        return Left()
    awards, amount = budget.awards_limit, budget.amount_limit
    return Left(
        None if awards is None else awards - budget.awards,
        None if amount is None else amount - budget.amount,
    )


@transaction.atomic
def _set_targets(
    closing: PeriodClosing, version: Version, member: int, targets: Sequence[Target], *,
    at: datetime,
) -> bool:  # fmt: skip
    _lock(closing)
    if closing.status != Status.COUNTING:
        return False
    lock_people([member])
    place = Place(closing.incentive_id, member, closing.period_start)
    limits = limits_at([place]).get(place, {})
    apply_targets([Due(place, version, targets, limits, waiting=True)], at=at)
    # The targets may be older than a refund that the terms take back.
    apply_targets(lowered_prizes({place}), at=at)
    return True


@transaction.atomic
def _finish(closing: PeriodClosing, version: Version, pool: Pool | None, *, at: datetime) -> None:
    _lock(closing)
    if closing.status != Status.COUNTING:
        return
    if pool:
        store_pool(closing, pool)
    due = Award.objects.filter(
        incentive=closing.incentive_id, period_start=closing.period_start, status__in=DUE,
        target__gt=0,
    )  # fmt: skip
    worth = worth_of(due)
    to = Status.WAITING if _needs_second(due, worth, version) else Status.FINAL
    status.move(closing, to=to, awards=due.count(), amount=worth.amount)
    _record_result(closing, at=at)


def _needs_second(due: QuerySet[Award], worth: Worth, version: Version) -> bool:
    """Return whether awards wait that are worth more than the amount, or nobody knows how much."""
    if not due.filter(status=Award.Status.WAITING).exists():
        return False
    return worth.unknown > 0 or worth.amount > _confirm_above(version)


def _confirm_above(version: Version) -> int:
    """Return the lower amount of settings and terms: terms cannot do without a second person."""
    most = Policy.current().confirm_above
    return most if version.confirm_above is None else min(most, version.confirm_above)


def _record_result(closing: PeriodClosing, *, at: datetime, by: User | None = None) -> None:
    is_final = closing.status == Status.FINAL
    record(
        INCENTIVES_CLOSING_FINAL if is_final else INCENTIVES_CLOSING_WAITS, closing, at=at, by=by,
        incentive=closing.incentive.public_id, awards=closing.awards, amount=closing.amount,
    )  # fmt: skip


def _lock(closing: PeriodClosing) -> None:
    lock_rows(PeriodClosing.objects.filter(pk=closing.pk))
    closing.refresh_from_db()
