"""Back-test versions on the orders of the last days, by a worker and batch by batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

import structlog
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Max, Min, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from common import status
from common.clock import business_day, day_start
from common.errors import FAULTS, TwotierError, violated_constraint
from distribution.models import Distributor
from incentives import back_testing
from incentives.back_testing import Due, Given
from incentives.cash import targets_paid
from incentives.metrics.commissions import commissions_by_version
from incentives.metrics.counting import count_orders
from incentives.metrics.values import Counted
from incentives.models import (
    BackTest,
    BackTestCount,
    BackTestMember,
    Policy,
    Reward,
    Version,
)
from incentives.models.incentive import Metric
from incentives.order_shares import Shares
from incentives.rewards import Target, amount_of, is_money
from incentives.services.order_shares import left_for_awards, shares_if_counted
from incentives.services.pools import share
from incentives.terms import as_json
from incentives.worth import values_of, worth_of_things
from members.models import User
from orders.models import Order

log = structlog.get_logger(__name__)

BATCH = 500
MAX_DAYS = 366
KEPT = 5
"""How many back-tests of a version are kept, the last ones."""


class IncentiveBackTestDaysInvalid(TwotierError):
    code = "incentive_back_test_days_invalid"
    message = _("A back-test covers between 1 and %(most)s days. Nothing was started.")
    status = 422


class IncentiveBackTestRunning(TwotierError):
    code = "incentive_back_test_running"
    message = _("A back-test of this incentive is running. Wait until it is done.")


class NothingToBackTest(TwotierError):
    code = "nothing_to_back_test"
    message = _("%(reason)s Nothing was started.")
    status = 422


@transaction.atomic
def request_back_test(*, version: Version, days: int, by: User, at: datetime) -> BackTest:
    """Queue a back-test of a version, as it is now, on the paid orders of the last days.

    :raises IncentiveBackTestDaysInvalid: not between 1 and ``MAX_DAYS`` days
    :raises IncentiveBackTestRunning: one of the version is queued or running
    :raises NothingToBackTest: it counts no orders, or has no rewards
    """
    if not 1 <= days <= MAX_DAYS:
        raise IncentiveBackTestDaysInvalid(most=MAX_DAYS)
    rewards = list(version.rewards.all())
    if version.metric == Metric.PROOF:
        raise NothingToBackTest(reason=_("Proofs are no orders: there is nothing to compute."))
    if not rewards:
        raise NothingToBackTest(reason=_("There is no reward yet."))
    # Whole days, so that periods are those of the calendar.
    until = day_start(business_day(at))
    try:
        with transaction.atomic():
            test = BackTest.objects.create(
                version=version, terms=as_json(version, rewards), requested_by=by,
                requested_at=at, days=days, since=until - timedelta(days=days), until=until,
            )  # fmt: skip
    except IntegrityError as error:
        if violated_constraint(error) == "incentive_backtest_one_open":
            raise IncentiveBackTestRunning from None
        raise
    older = version.back_tests.order_by("-pk").values_list("pk", flat=True)[KEPT:]
    BackTest.objects.filter(pk__in=list(older)).delete()
    return test


def run_back_tests(*, at: datetime) -> int:
    """Compute a batch of the oldest open back-test; return the number of open ones that are left.

    A batch is stored in one transaction with its cursor, so that each order and member counts once,
    also after a crash. Several workers take different tests.
    """
    with transaction.atomic():
        open_tests = BackTest.objects.filter(status__in=BackTest.EDITABLE_IN).order_by("pk")
        rows = open_tests.select_related("version__incentive")
        test = rows.select_for_update(skip_locked=True, of=("self",)).first()
        if test is None:
            return 0
        try:
            with transaction.atomic():
                _run_batch(test, at=at)
        except OperationalError:
            raise
        except FAULTS as fault:
            log.exception("back_test_failed", back_test=test.public_id, error=str(fault))
            test.refresh_from_db()
            status.move(test, to=BackTest.Status.FAILED, finished_at=at)
    return open_tests.count()


def _run_batch(test: BackTest, *, at: datetime) -> None:
    if test.status == BackTest.Status.QUEUED:
        keys = _orders(test).aggregate(first=Min("pk"), last=Max("pk"))
        first, last = keys["first"] or 0, keys["last"] or 0
        status.move(
            test, to=BackTest.Status.RUNNING, first_order=first, last_order=last,
            cursor=first - 1,
        )  # fmt: skip
    version = back_testing.version_as_tested(
        test.version, test.terms, since=test.since, until=test.until
    )
    if test.cursor < test.last_order:
        _count_batch(test, version)
        return
    rewards = back_testing.rewards_as_tested(test.terms)
    done = True
    if version.is_decided_at_close:
        _give_by_period(test, version, rewards)
    elif version.budget_awards or version.budget_amount:
        _give_within_budget(test, version, rewards)
    else:
        done = _give_batch(test, version, rewards)
    if done:
        test.counts.all().delete()
        status.move(test, to=BackTest.Status.DONE, finished_at=at)


def _orders(test: BackTest) -> QuerySet[Order]:
    return Order.objects.filter(paid_at__gte=test.since, paid_at__lt=test.until)


def _count_batch(test: BackTest, version: Version) -> None:
    """Count the next orders by key: the index of the keys finds them without sorting."""
    rows = _orders(test).filter(pk__gt=test.cursor, pk__lte=test.last_order).order_by("pk")
    orders = list(rows.values_list("pk", flat=True)[:BATCH])
    counts = [row for row in count_orders(version, orders) if row.order and row.value]
    costs = {order: cost for (_version, order), cost in _commissions(test, counts).items()}
    rewards = back_testing.rewards_as_tested(test.terms)
    shares = shares_if_counted(test.version.incentive_id, (version, rewards), counts, costs)
    BackTestCount.objects.bulk_create(
        BackTestCount(
            back_test=test, member=row.member, period_start=row.period_start,
            order=row.order or 0, subject=row.subject, value=row.value, paid=row.paid,
            commissions=costs.get(row.order or 0, 0), room=shares[row.order or 0].earner,
            friend_room=shares[row.order or 0].friend, happened_at=row.happened_at,
        )
        for row in counts
    )  # fmt: skip
    test.orders += len(orders)
    test.counted += len(counts)
    test.sales += sum(row.paid for row in counts)
    test.cursor = orders[-1] if len(orders) == BATCH else test.last_order
    test.save(update_fields=["orders", "counted", "sales", "cursor"])


def _commissions(test: BackTest, counts: Iterable[Counted]) -> dict[tuple[int, int], int]:
    return commissions_by_version([(test.version_id, row.order) for row in counts if row.order])


def _give_batch(test: BackTest, version: Version, rewards: list[Reward]) -> bool:
    """Give to the next members; return whether all have been given to."""
    members = _members_after(test, test.member_cursor)
    _add(test, rewards, _given(_due(test, version, rewards, members)))
    if members:
        test.member_cursor = members[-1]
        test.save(update_fields=["member_cursor"])
    return len(members) < BATCH


def _give_within_budget(test: BackTest, version: Version, rewards: list[Reward]) -> None:
    """Give in the order in which things were reached, for which all members are compared."""
    dues: list[Due] = []
    members = _members_after(test, 0)
    while members:
        dues += _due(test, version, rewards, members)
        members = _members_after(test, members[-1])
    _add(test, rewards, _given(back_testing.within_budget(version, dues)))


def _members_after(test: BackTest, cursor: int) -> list[int]:
    rows = test.counts.filter(member__gt=cursor).order_by("member")
    return list(rows.values_list("member", flat=True).distinct()[:BATCH])


def _due(
    test: BackTest, version: Version, rewards: list[Reward], members: Collection[int]
) -> list[Due]:
    counts: dict[int, list[Counted]] = defaultdict(list)
    shares: dict[int, Shares] = {}
    for row in test.counts.filter(member__in=members):
        counts[row.member].append(_counted(row))
        shares[row.order] = Shares(row.room, row.friend_room)
    return [
        due for key in members for due in back_testing.due(version, rewards, counts[key], shares)
    ]


def _given(dues: Iterable[Due]) -> dict[int, Given]:
    rows = list(dues)
    targets = targets_paid((row.member, row.target) for row in rows)
    given: dict[int, Given] = defaultdict(Given)
    for row, target in zip(rows, targets, strict=True):
        given[row.member].add(target)
    return given


def _counted(row: BackTestCount) -> Counted:
    """Return a stored count as if the order were completed: what was refunded so far is left out.

    Orders of the last days are in protection still, and would count for nothing otherwise.
    """
    return Counted(
        order=row.order, proof=None, member=row.member, subject=row.subject, value=row.value,
        paid=row.paid, counted=True, happened_at=row.happened_at, counted_at=row.happened_at,
        period_start=row.period_start,
    )  # fmt: skip


def _give_by_period(test: BackTest, version: Version, rewards: list[Reward]) -> None:
    """Give prizes or shares of pools, for which the members of a period are compared."""
    most = Policy.current().most_of_an_order
    values: dict[date, dict[int, int]] = defaultdict(dict)
    limits: dict[date, dict[int, int]] = defaultdict(dict)
    for row in (
        test.counts.order_by()
        .values("period_start", "member")
        .annotate(value=Sum("value"), paid=Sum("paid"), commissions=Sum("commissions"))
        .order_by("period_start", "member")
    ):
        period, member = row["period_start"], row["member"]
        values[period][member] = row["value"]
        limits[period][member] = left_for_awards(row["paid"], row["commissions"], most)
    dues = [
        Due(day_start(period), member, target)
        for period, by_member in values.items()
        for member, target in _of_period(version, rewards, by_member, limits[period])
    ]
    _add(test, rewards, _given(back_testing.within_budget(version, dues)))


def _of_period(
    version: Version, rewards: list[Reward], values: dict[int, int], limits: Mapping[int, int]
) -> Iterable[tuple[int, Target]]:
    if version.reach == Version.Reach.RANK:
        return back_testing.won(version, rewards, values, limits)
    shared_by = Distributor.objects.filter(member__in=values, level__in=version.levels)
    chosen = set(shared_by.values_list("member", flat=True))
    own = {member: value for member, value in values.items() if member in chosen}
    return _shares_of_pool(rewards[0], sum(values.values()), own, limits)


def _shares_of_pool(
    reward: Reward, sales: int, own: Mapping[int, int], limits: Mapping[int, int]
) -> Iterable[tuple[int, Target]]:
    parts = share(amount_of(reward, sales), own, limits if is_money(reward) else {})
    for member, part in parts.items():
        yield member, Target("pool", reward, reward.side, part)


def _add(test: BackTest, rewards: list[Reward], given: Mapping[int, Given]) -> None:
    """Store what members get, and add it to the sums of the test."""
    values = values_of(rewards)
    rows = [
        (member, row, worth_of_things(row.things, values))
        for member, row in sorted(given.items())
        if row.awards
    ]
    BackTestMember.objects.bulk_create(
        BackTestMember(
            back_test=test, member_id=member, awards=row.awards, amount=row.money,
            points=row.points, others=row.others, worth=worth.amount, unvalued=worth.unknown,
        )
        for member, row, worth in rows
    )  # fmt: skip
    for _member, row, worth in rows:
        test.awards += row.awards
        test.worth += worth.amount
        test.unvalued += worth.unknown
        for name, amount in row.totals.items():
            test.totals[name] = test.totals.get(name, 0) + amount
    test.save(update_fields=["awards", "totals", "worth", "unvalued"])
