"""Play a year of a shop with a few hundred members: goods, plan, orders, refunds and credits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Sku
from commissions.models import Rule
from commissions.services import draft, publish
from common import clock
from demo import crowd_withdrawals, goods, story_withdrawals, year_incentives
from demo.crowd import Arrival, Crowd, arrivals, welcome
from demo.price_files import leave_files
from demo.sharers import share_and_visit, share_behind
from demo.story import ingest, settle_until
from demo.waiting import changed_after_payment, leave_waiting
from members.models import Identity, Member, User
from orders.intake import ingest_orders
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
SEED = 20_261_111  # the same shop each time
FIRST_WEEK, LAST_WEEK = 18, 70
"""Orders in the first week of the year, and in the last one."""
FESTIVALS = {(6, 18): 2.5, (11, 11): 3.0, (12, 12): 2.0, (3, 8): 1.8}
LATE = timedelta(weeks=4)
REFUNDED, LATE_REFUNDED, UNPAID, SHARED = 0.05, 0.01, 0.03, 0.15
BUSY_HOURS = (8, 9, 10, 11, 12, 12, 13, 15, 17, 19, 20, 20, 21, 21, 22, 23)


@dataclass
class Year:
    """What a week takes over from those before it."""

    staff: dict[str, User]
    dice: Random
    now: datetime
    goods: Sequence[Sku]
    crowd: Crowd = field(default_factory=Crowd)
    numbers: Iterator[int] = field(default_factory=lambda: count(10_001))
    refunds: Iterator[int] = field(default_factory=lambda: count(101))
    returning: list[tuple[datetime, OrderSnapshot]] = field(default_factory=list)
    """Orders whose goods come back after the credit, and from when on."""
    latest: list[OrderSnapshot] = field(default_factory=list)
    """The paid orders of the last week."""


def prepare(staff: dict[str, User], *, by: User, at: datetime) -> None:
    """Put the goods of the crowd on the shelves that are there, and publish a plan."""
    goods.fill_up_shelves(by=by, at=at)
    rules = [Rule(layer="store", tier1=800, tier2=400)]
    plan = draft(name=_("Plan of the first year"), by=staff["qian"], at=at, rules=rules)
    publish(plan=plan, by=staff["feng"], at=at)
    year_incentives.begin(staff, by=by, at=at)


def play(
    staff: dict[str, User], *, now: datetime, weeks: int, show: Callable[[str], object]
) -> None:
    """Play some weeks up to now: people come, buy, send back, earn and withdraw."""
    opening = now - weeks * WEEK
    dice = Random(SEED)  # noqa: S311 - a story, no secret
    year = Year(staff, dice, now, list(Sku.objects.select_related("product").order_by("pk")))
    coming = iter(arrivals(dice, opening=opening, until=now - DAY))
    waiting: Arrival | None = next(coming)
    for week in range(weeks):
        if week % 13 == 0:
            show(_("week %(week)s of %(weeks)s") % {"week": week + 1, "weeks": weeks})
        end = opening + (week + 1) * WEEK
        while waiting and waiting.at < end:
            welcome(year.crowd, waiting, by=staff["qian"], dice=dice)
            waiting = next(coming, None)
        reported = _week(
            year, usual=FIRST_WEEK + (LAST_WEEK - FIRST_WEEK) * week / weeks, start=end - WEEK
        )
        settle_until(end)
        year_incentives.end_week(reported, by=staff["admin"], start=end - WEEK, end=end)
        if week % 4 == 1:  # the last time some weeks ago
            crowd_withdrawals.withdraw(year.crowd.distributors, staff, dice=dice, at=end - DAY)
            story_withdrawals.fetch_statements(now=end)  # after 90 days nothing fetches them
    asking = [order for order in year.latest if not order.refunds][:3]
    ingest(
        [replace(order, refunds=(_refund(year, order, now - HOUR),)) for order in asking], at=now
    )
    changed = [changed_after_payment(order) for order in year.latest[-2:]]
    ingest_orders(changed, at=now, clock=clock.now())  # refused: a person decides
    leave_waiting(year.crowd, staff, dice=dice, now=now)
    photos = year_incentives.ask_for_photos(staff, at=now - 3 * WEEK)
    year_incentives.hand_in_photos(photos, year.crowd.distributors, at=now - 5 * HOUR)
    leave_files(by=staff["admin"], now=now)  # who may import


def _week(year: Year, *, usual: float, start: datetime) -> list[str]:
    """Take in the orders of a week as far as they have come by now; return the numbers.

    :param usual: how many orders a week has
    """
    products = [sku.product for sku in year.goods]
    share_and_visit(year.crowd, products, dice=year.dice, start=start, now=year.now)
    orders = [
        order for day in range(7) for order in _orders_of_day(year, usual / 7, start + day * DAY)
    ]
    ingest(orders, at=year.now)
    year.latest = [order for order in orders if order.paid_at]
    due = [order for at, order in year.returning if at < start]
    ingest([replace(order, refunds=(_refund(year, order, start),)) for order in due], at=year.now)
    year.returning = [(at, order) for at, order in year.returning if at >= start]
    return [order.number for order in (*orders, *due)]


def _orders_of_day(year: Year, usual: float, day: datetime) -> list[OrderSnapshot]:
    if not year.crowd.members:
        return []
    wanted = usual * FESTIVALS.get((day.month, day.day), 1) * year.dice.uniform(0.6, 1.4)
    return [_order(year, day) for _ in range(round(wanted))]


def _order(year: Year, day: datetime) -> OrderSnapshot:
    dice = year.dice
    hour = timezone.localtime(day).replace(hour=dice.choice(BUSY_HOURS), minute=0, second=0)
    placed = min(
        hour + timedelta(minutes=dice.randrange(60)),
        year.now - timedelta(minutes=dice.randrange(10, 300)),
    )
    buyer = _buyer(year.crowd.members, dice)
    share = share_behind(year.crowd, buyer.pk, dice=dice) if dice.random() < SHARED else ""
    order = OrderSnapshot(
        number=f"D{next(year.numbers)}", buyer=_mall_id(buyer), placed_at=placed,
        lines=tuple(_lines(year)), region=buyer.province, share=share,
    )  # fmt: skip
    if dice.random() < UNPAID:
        return _if_past(year, order, closed_at=placed + HOUR)
    return _delivered(year, order)


def _delivered(year: Year, order: OrderSnapshot) -> OrderSnapshot:
    """Return an order with what has happened to it by now: paid, shipped, received, sent back."""
    dice, placed = year.dice, order.placed_at
    shipped = placed + dice.uniform(4, 40) * HOUR
    received = shipped + dice.uniform(1.5, 5) * DAY
    order = _if_past(
        year, order, paid_at=placed + timedelta(minutes=2), shipped_at=shipped, received_at=received
    )
    chance = dice.random()
    asks_at = received + 2 * DAY
    if asks_at <= year.now and chance < REFUNDED:
        return replace(order, refunds=(_refund(year, order, asks_at),))
    if order.received_at and chance < REFUNDED + LATE_REFUNDED:
        year.returning.append((received + LATE, order))
    return order


def _lines(year: Year) -> Iterator[LineSnapshot]:
    chosen = year.dice.sample(year.goods, year.dice.choice((1, 1, 1, 2, 2, 3)))
    for number, sku in enumerate(chosen, start=1):
        quantity = year.dice.choice((1, 1, 1, 2, 3))
        yield LineSnapshot(number=number, sku=sku.code, quantity=quantity, unit_price=sku.price)


def _refund(year: Year, order: OrderSnapshot, at: datetime) -> RefundSnapshot:
    """Return a refund of the first line, still open if it was asked for within a day."""
    line = order.lines[0]
    is_done = at + DAY <= year.now
    return RefundSnapshot(
        number=f"DR{next(year.refunds)}", line=line.number, quantity=line.quantity,
        amount=line.paid, requested_at=at, approved_at=at + HOUR if is_done else None,
        done_at=at + DAY if is_done else None,
        reason=year.dice.choice(("不喜欢", "尺寸不合适", "包装破损", "重复下单")),
    )  # fmt: skip


def _if_past(year: Year, order: OrderSnapshot, **times: datetime) -> OrderSnapshot:
    known: dict[str, Any] = {name: at for name, at in times.items() if at <= year.now}
    return replace(order, **known)


def _buyer(members: Sequence[Member], dice: Random) -> Member:
    """Return a member; some buy often, most of them now and then."""
    return members[int(len(members) * dice.random() ** 1.6)]


def _mall_id(member: Member) -> str:
    return Identity.objects.get(member=member, provider=Identity.Provider.MALL).external_id
