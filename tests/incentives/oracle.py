"""Recount incentives with plain numbers, from what the mall has told and nothing else.

Written from the terms that people read, without a look at the engine: orders as the mall reported
them, people by their nicknames, money in fen. An order counts once it is completed: its protection
is over, nothing is open and something is left of what was paid. It belongs to the period in which
it was paid, by Shanghai's calendar, and counts as it was when that period closed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
PROTECTION = 7 * DAY
MOST_OF_AN_ORDER = 60  # percent of what was paid, commissions included
TIER1, TIER2 = 10, 5  # percent
MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Prize(NamedTuple):
    """``of`` is an amount, or a percentage of what was counted with at most ``most``."""

    of: int
    asset: str
    threshold: int = 1
    side: str = "earner"
    is_percent: bool = False
    most: int | None = None


@dataclass(frozen=True)
class Terms:
    """A version of an incentive, as members read it."""

    metric: str
    period: str
    reach: str
    prizes: tuple[Prize, ...]
    starts_at: datetime
    ends_at: datetime | None = None
    close_days: int = 15
    takes_back: bool = False
    sums_steps: bool = False
    min_amount: int = 0
    friend_days: int = 30


@dataclass(frozen=True)
class Town:
    """Who buys through whom, and who was brought by whom and when; none of it changes."""

    upline: Mapping[str, str]
    brought: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)


class Given(NamedTuple):
    """What an award is unique by: the rest of its name says what reached it."""

    incentive: int
    who: str
    period: date
    basis: str
    asset: str


@dataclass(frozen=True)
class Counted:
    order: OrderSnapshot
    who: str
    value: int
    paid: int
    commissions: int
    since: datetime


def recount(
    incentives: Sequence[Sequence[Terms]],
    orders: Collection[OrderSnapshot],
    town: Town,
    *,
    at: datetime,
) -> dict[Given, int]:
    """Return what everybody has reached at a moment, by award; nothing that is 0.

    :param incentives: each with its versions, the first one first
    """
    found: dict[Given, int] = {}
    shares = _Shares(incentives, orders, town, at)
    for number, versions in enumerate(incentives):
        by_period: dict[tuple[str, date], list[tuple[Terms, Counted]]] = {}
        for terms, counted in _counted(versions, orders, town, at + MOMENT):
            key = (counted.who, first_day(versions, terms, _paid(counted.order)))
            by_period.setdefault(key, []).append((terms, counted))
        for (who, period), rows in by_period.items():
            room = shares.of(number, versions, rows)
            for whose, basis, asset, amount in _prizes(who, rows, room):
                key_of_award = Given(number, whose, period, basis, asset)
                found[key_of_award] = found.get(key_of_award, 0) + amount
    return {key: amount for key, amount in found.items() if amount}


def first_day(versions: Sequence[Terms], terms: Terms, paid_at: datetime) -> date:
    """Return the first day of the period in which an order was paid."""
    day = paid_at.astimezone(SHANGHAI).date()
    if terms.period == "week":
        return day - timedelta(days=day.weekday())
    if terms.period == "campaign":
        return versions[0].starts_at.astimezone(SHANGHAI).date()
    if terms.period in MONTHS:
        length = MONTHS[terms.period]
        return date(day.year, (day.month - 1) // length * length + 1, 1)
    return day


def close_of(versions: Sequence[Terms], terms: Terms, paid_at: datetime) -> datetime | None:
    """Return the moment from which the period of an order stays as it is."""
    end = end_of(terms, first_day(versions, terms, paid_at))
    return end and end + timedelta(days=terms.close_days)


def end_of(terms: Terms, first: date) -> datetime | None:
    """Return the moment at which a period ends that starts on a day; None: it is endless."""
    if terms.period == "campaign":
        if terms.ends_at is None:
            return None
        # The end is a moment; the campaign's last day is the one that it lies in.
        after = (terms.ends_at - timedelta(microseconds=1)).astimezone(SHANGHAI).date() + DAY
    elif terms.period == "week":
        after = first + 7 * DAY
    elif terms.period in MONTHS:
        after = first
        for _ in range(MONTHS[terms.period]):
            after = (after + 31 * DAY).replace(day=1)
    else:
        after = first + DAY
    return datetime(after.year, after.month, after.day, tzinfo=SHANGHAI)


def version_of(versions: Sequence[Terms], paid_at: datetime) -> Terms | None:
    """Return the version by which an order counts that was paid at a moment.

    A period has one version: the one in force at its start, or the first that came into force in
    it. Awards of each order have that of the payment. Nothing counts while none is in force.
    """
    now = in_force(versions, paid_at)
    if now is None or now.period == "each":
        return now
    first = first_day(versions, now, paid_at)
    start = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)
    after = end_of(versions[0], first)
    later = [terms.starts_at for terms in versions if start < terms.starts_at]
    within = [moment for moment in later if after is None or moment < after]
    candidates = (in_force(versions, moment) for moment in [start, *sorted(within)])
    return next((terms for terms in candidates if terms), None)


def in_force(versions: Sequence[Terms], at: datetime) -> Terms | None:
    """Return the terms of a moment: what was published last, unless that has ended."""
    begun = [terms for terms in versions if terms.starts_at <= at]
    if not begun or (begun[-1].ends_at and begun[-1].ends_at <= at):
        return None
    return begun[-1]


def _paid(order: OrderSnapshot) -> datetime:
    assert order.paid_at
    return order.paid_at


def release_of(order: OrderSnapshot) -> datetime | None:
    """Return when the protection of an order is over."""
    if order.paid_at is None or order.received_at is None:
        return None
    return max(order.placed_at, order.paid_at, order.received_at) + PROTECTION


def completion_of(order: OrderSnapshot) -> datetime | None:
    """Return when an order completed, or will: released, with nothing open.

    An after-sale that was asked for before delays it to its outcome.
    """
    moment = release_of(order)
    while moment:
        open_then = [
            _end_of(row)
            for row in order.refunds
            if row.requested_at < moment and (_end_of(row) or moment + DAY) > moment
        ]
        if not open_then:
            return moment
        if None in open_then:
            return None
        moment = max(end for end in open_then if end)
    return None


def _end_of(refund: RefundSnapshot) -> datetime | None:
    return refund.done_at or refund.rejected_at or refund.withdrawn_at


def left(order: OrderSnapshot, line: LineSnapshot, until: datetime | None) -> tuple[int, int]:
    """Return the units and the fen that refunds have left of a line.

    :param until: refunds done at this moment or later do not count; None: all of them count
    """
    done = [
        row
        for row in order.refunds
        if row.line == line.number and row.done_at and row.kind != "exchange"
        and (until is None or row.done_at < until)
    ]  # fmt: skip
    units = max(0, line.quantity - sum(row.quantity for row in done))
    return units, max(0, line.paid - sum(row.amount for row in done))


def commissions_of(order: OrderSnapshot, town: Town, until: datetime | None) -> int:
    """Return what both tiers get in cash of what counts: a refund that is too late changes nothing.

    :param until: refunds done at this moment or later do not count; None: all of them count
    """
    seller = town.upline.get(order.buyer)
    if seller is None:
        return 0
    rates = (TIER1, TIER2) if seller in town.upline else (TIER1,)
    paid = [left(order, line, until)[1] for line in order.lines]
    return sum(amount * rate // 100 for amount in paid for rate in rates)


def _counted(
    versions: Sequence[Terms], orders: Collection[OrderSnapshot], town: Town, before: datetime
) -> Iterator[tuple[Terms, Counted]]:
    """Yield what counts by what happened before a moment.

    Of people who count once, only their earliest order.
    """
    once: dict[str, list[tuple[Terms, Counted]]] = {}
    for order in orders:
        terms = version_of(versions, order.paid_at) if order.paid_at else None
        completion = completion_of(order)
        if terms is None or completion is None or completion >= before:
            continue
        who = _counts_for(terms, order, orders, town)
        counted = _count(versions, terms, order, who, town, before=before) if who else None
        if counted is None:
            continue
        if terms.metric in ("first_sale", "referred_buyers"):
            person = counted.who if terms.metric == "first_sale" else order.buyer
            once.setdefault(person, []).append((terms, counted))
        else:
            yield terms, counted
    for rows in once.values():
        yield min(rows, key=lambda row: (row[1].since, _paid(row[1].order), row[1].order.number))


def _counts_for(
    terms: Terms, order: OrderSnapshot, orders: Iterable[OrderSnapshot], town: Town
) -> str | None:
    if terms.metric == "own_spend":
        return order.buyer
    if terms.metric != "referred_buyers":
        return town.upline.get(order.buyer)
    return town.brought[order.buyer][0] if _is_new_friend(terms, order, orders, town) else None


def _count(
    versions: Sequence[Terms],
    terms: Terms,
    order: OrderSnapshot,
    who: str,
    town: Town,
    *,
    before: datetime,
) -> Counted | None:
    closes, since = close_of(versions, terms, _paid(order)), release_of(order)
    completion = completion_of(order)
    assert since
    assert completion
    if closes and completion >= closes and terms.period != "each":
        return None
    # An order that is awarded by itself may complete later: it counts as it was then.
    until = None if terms.takes_back or not closes else max(closes, completion + MOMENT)
    until = min(until or before, before)
    parts = [left(order, line, until) for line in order.lines]
    units, paid = sum(part[0] for part in parts), sum(part[1] for part in parts)
    if not paid or paid < terms.min_amount:
        return None
    value = {"own_sales": paid, "own_spend": paid, "own_units": units}.get(terms.metric, 1)
    return Counted(order, who, value, paid, commissions_of(order, town, until), since)


def _is_new_friend(
    terms: Terms, order: OrderSnapshot, orders: Iterable[OrderSnapshot], town: Town
) -> bool:
    """A friend paid nothing before they were brought, and ordered first within the days after."""
    if order.buyer not in town.brought:
        return False
    brought_at = town.brought[order.buyer][1]
    paid = [row for row in orders if row.buyer == order.buyer and row.paid_at]
    first = min(paid, key=lambda row: (_paid(row), row.placed_at))
    last = brought_at + timedelta(days=terms.friend_days)
    is_new = brought_at <= first.placed_at <= last and _paid(first) >= terms.starts_at
    return is_new and brought_at <= order.placed_at <= last


class _Shares:
    """How much of each order the awards of an incentive may come to, as of any moment.

    An order gives in money at most its share of what was paid, less commissions, to all incentives
    together: the older ones first, of each the earner, then the friend. An incentive takes what its
    prizes give for the order at most: of prizes for more than one order, its part of them.
    """

    def __init__(
        self, incentives: Sequence[Sequence[Terms]], orders: Collection[OrderSnapshot], town: Town,
        at: datetime,
    ) -> None:  # fmt: skip
        self.facts = incentives, orders, town
        self.now = at + MOMENT
        self.known: dict[datetime, dict[tuple[int, str, str], int]] = {}

    def of(
        self, number: int, versions: Sequence[Terms], rows: Sequence[tuple[Terms, Counted]]
    ) -> dict[tuple[str, str], int]:
        """Return what the orders of a period leave, by order and side; a close keeps it so."""
        terms = rows[0][0]
        closes = close_of(versions, terms, _paid(rows[0][1].order))
        is_kept = closes and terms.period != "each" and not terms.takes_back
        before = min(closes, self.now) if closes and is_kept else self.now
        if before not in self.known:
            self.known[before] = dict(self._as_of(before))
        return {
            (counted.order.number, side): self.known[before][number, counted.order.number, side]
            for _, counted in rows
            for side in ("earner", "friend")
        }

    def _as_of(self, before: datetime) -> Iterator[tuple[tuple[int, str, str], int]]:
        incentives, orders, town = self.facts
        by_order: dict[str, list[tuple[int, Terms, Counted]]] = {}
        for number, versions in enumerate(incentives):
            for terms, counted in _counted(versions, orders, town, before):
                by_order.setdefault(counted.order.number, []).append((number, terms, counted))
        for name, rows in by_order.items():
            left = max(_room(counted) for _, _, counted in rows)
            for number, terms, counted in rows:
                room = _room(counted)
                for side in ("earner", "friend"):
                    share = max(0, min(room, left, _claim(terms, counted, side)))
                    room, left = room - share, left - share
                    yield (number, name, side), share


def _room(counted: Counted) -> int:
    return max(0, MOST_OF_AN_ORDER * counted.paid // 100 - counted.commissions)


def _claim(terms: Terms, counted: Counted, side: str) -> int:
    """Return the most that prizes in money give for an order, rounded up."""
    prizes = [row for row in terms.prizes if row.side == side and row.asset != "points"]
    if terms.reach == "each":
        return sum(_amount(prize, _base(terms, counted)) for prize in prizes)
    rates: dict[str, list[Fraction]] = {}
    for prize in prizes:
        rate = Fraction(prize.of, 100 if prize.is_percent else prize.threshold)
        if prize.is_percent and prize.most is not None:
            rate = min(rate, Fraction(prize.most, prize.threshold))
        rates.setdefault(prize.asset, []).append(rate)
    together = terms.sums_steps or terms.reach == "every"
    best = sum(sum(some) if together else max(some) for some in rates.values())
    return math.ceil(counted.value * best)


def _prizes(
    who: str, rows: Sequence[tuple[Terms, Counted]], room: Mapping[tuple[str, str], int]
) -> Iterator[tuple[str, str, str, int]]:
    """Yield who gets what for a person's period: name, basis, asset and amount."""
    terms = rows[0][0]
    if terms.reach == "each":
        for own, counted in rows:
            yield from _for_each(own, who, counted, room)
        return
    value = sum(counted.value for _, counted in rows)
    left = sum(room[counted.order.number, "earner"] for _, counted in rows)
    reached = _every(terms, value) if terms.reach == "every" else _steps(terms, value)
    for basis, prize, wanted in reached:
        amount, left = _within(left, prize, wanted)
        yield who, basis, prize.asset, amount


def _for_each(
    terms: Terms, who: str, counted: Counted, room: Mapping[tuple[str, str], int]
) -> Iterator[tuple[str, str, str, int]]:
    """Yield what an order gives."""
    order = counted.order
    left = {side: room[order.number, side] for side in ("earner", "friend")}
    for prize in terms.prizes:
        amount, left[prize.side] = _within(
            left[prize.side], prize, _amount(prize, _base(terms, counted))
        )
        whose = who if prize.side == "earner" else order.buyer
        yield whose, f"{order.number} {prize.side}", prize.asset, amount


def _base(terms: Terms, counted: Counted) -> int:
    return counted.value if terms.metric in ("own_sales", "own_spend") else counted.paid


def _within(room: int, prize: Prize, wanted: int) -> tuple[int, int]:
    """Return what may be given of an amount, and the room that is left; points need none."""
    if prize.asset == "points":
        return wanted, room
    amount = max(0, min(wanted, room))
    return amount, room - amount


def _every(terms: Terms, value: int) -> Iterator[tuple[str, Prize, int]]:
    for prize in terms.prizes:
        for number in range(1, value // prize.threshold + 1):
            yield f"number {number}", prize, _amount(prize, prize.threshold)


def _steps(terms: Terms, value: int) -> Iterator[tuple[str, Prize, int]]:
    """Of steps that are not added up, each gives what it adds to those below."""
    below: dict[str, int] = {}
    for prize in sorted(terms.prizes, key=lambda row: row.threshold):
        if value < prize.threshold:
            continue
        amount = _amount(prize, value)
        if not terms.sums_steps:
            highest = max(amount, below.get(prize.asset, 0))
            amount = highest - below.get(prize.asset, 0)
            below[prize.asset] = highest
        yield f"from {prize.threshold}", prize, amount


def _amount(prize: Prize, base: int) -> int:
    if not prize.is_percent:
        return prize.of
    share = base * prize.of // 100
    return share if prize.most is None else min(share, prize.most)
