"""Recount incentives with plain numbers, from what the mall has told and nothing else.

Written from the terms that people read, without a look at the engine: orders as the mall reported
them, people by their nicknames, money in fen. An order counts once it is completed: its protection
is over, nothing is open and something is left of what was paid. It belongs to the period in which
it was paid, by Shanghai's calendar, and counts as it was when that period closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from tests.incentives.oracle_places import contest, pool
from tests.incentives.oracle_prizes import amount_of, claim, left_of, prizes_of
from tests.incentives.oracle_terms import (
    MOST_OF_AN_ORDER,
    Counted,
    Given,
    Handed,
    Terms,
    Town,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
PROTECTION = 7 * DAY
TIER1, TIER2 = 10, 5  # percent
MONTHS = {"month": 1, "quarter": 3, "year": 12}
ONCE = ("first_sale", "referred_buyers", "new_distributors")
"""Metrics that count a person once, by the earliest order."""


def recount(
    incentives: Sequence[Sequence[Terms]],
    orders: Collection[OrderSnapshot],
    town: Town,
    *,
    at: datetime,
    proofs: Collection[Handed] = (),
) -> dict[Given, int]:
    """Return what everybody has reached at a moment, by award; nothing that is 0.

    :param incentives: each with its versions, the first one first
    :param proofs: of all incentives that ask for them
    """
    found: Counter[Given] = Counter()
    shares = _Shares(incentives, orders, town, at)
    for number, versions in enumerate(incentives):
        by_period: dict[tuple[str, date], list[tuple[Terms, Counted]]] = {}
        for terms, counted in _counted(versions, orders, town, at + MOMENT):
            key = (counted.who, first_day(versions, terms, _paid(counted.order)))
            by_period.setdefault(key, []).append((terms, counted))
        if versions[0].metric == "proof":
            found.update(_for_proofs(number, versions, proofs, _sellers(orders, town, at)))
            continue
        if versions[0].is_decided_at_close:
            found.update(_at_close(number, versions, by_period, town, at))
            continue
        for (who, period), rows in by_period.items():
            room = shares.of(number, versions, rows)
            for whose, basis, asset, amount in prizes_of(who, rows, room):
                found[Given(number, whose, period, basis, asset)] += amount
    return {key: amount for key, amount in found.items() if amount}


def _sellers(orders: Iterable[OrderSnapshot], town: Town, at: datetime) -> set[str]:
    """Return those through whom somebody bought what was completed and not given back."""
    completed = [
        order for order in orders if (moment := completion_of(order)) and moment <= at
        and any(left(order, line, at + MOMENT)[1] for line in order.lines)
    ]  # fmt: skip
    return {town.upline[order.buyer] for order in completed if order.buyer in town.upline}


def _for_proofs(
    number: int, versions: Sequence[Terms], proofs: Iterable[Handed], sellers: Collection[str]
) -> dict[Given, int]:
    """Return what approved proofs give to those who have sold something."""
    return {
        Given(number, row.who, first_day(versions, terms, row.at), f"proof {row.number}",
              prize.asset): prize.of
        for row in proofs
        if row.is_approved and row.who in sellers and (terms := version_of(versions, row.at))
        for prize in terms.prizes
    }  # fmt: skip


def _at_close(
    number: int, versions: Sequence[Terms],
    by_period: Mapping[tuple[str, date], Sequence[tuple[Terms, Counted]]], town: Town, at: datetime,
) -> dict[Given, int]:  # fmt: skip
    """Return the prizes and shares of the periods that are closed."""
    periods: dict[date, dict[str, list[Counted]]] = {}
    terms_of: dict[date, Terms] = {}
    for (who, period), rows in by_period.items():
        terms, first = rows[0]
        closes = close_of(versions, terms, _paid(first.order))
        own = [counted for _, counted in rows if counted.value]
        if own and closes and closes <= at:
            periods.setdefault(period, {})[who] = own
            terms_of[period] = terms
    return {
        Given(number, who, period, "close", terms_of[period].prizes[0].asset): amount
        for period, rows_of in periods.items()
        for who, amount in _shared_out(terms_of[period], rows_of, town).items()
    }


def _shared_out(terms: Terms, rows: Mapping[str, Sequence[Counted]], town: Town) -> dict[str, int]:
    """Return what each gets of a contest or a pool; no more than the own orders leave for it."""
    values = {who: sum(row.value for row in own) for who, own in rows.items()}
    most = {
        who: max(
            0,
            MOST_OF_AN_ORDER * sum(row.paid for row in own) // 100
            - sum(row.commissions for row in own),
        )
        for who, own in rows.items()
    }
    if terms.metric == "team_pool":
        [prize] = terms.prizes
        own_sales = {
            who: values[who]
            for who, level in town.levels.items()
            if level in terms.levels and who in values
        }
        return pool(amount_of(prize, sum(values.values())), own_sales, most)
    prizes = {prize.threshold: prize.of for prize in terms.prizes}
    won = contest(prizes, values, shares_ties=terms.ties == "split")
    return {who: min(amount, most[who]) for who, amount in won.items()}


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


def counted_lines(terms: Terms, order: OrderSnapshot, town: Town) -> list[LineSnapshot]:
    """Return the lines with goods that the terms name, or all if they name none."""
    if not terms.goods and not terms.categories:
        return list(order.lines)
    return [
        line
        for line in order.lines
        if line.sku in terms.goods or town.categories.get(line.sku) in terms.categories
    ]


def commissions_of(
    order: OrderSnapshot, lines: Iterable[LineSnapshot], town: Town, until: datetime | None
) -> int:
    """Return what both tiers get in cash of what counts: a refund that is too late changes nothing.

    :param until: refunds done at this moment or later do not count; None: all of them count
    """
    seller = town.upline.get(order.buyer)
    if seller is None:
        return 0
    rates = (TIER1, TIER2) if seller in town.upline else (TIER1,)
    paid = [left(order, line, until)[1] for line in lines]
    return sum(amount * rate // 100 for amount in paid for rate in rates)


def _counted(
    versions: Sequence[Terms], orders: Collection[OrderSnapshot], town: Town, before: datetime
) -> Iterator[tuple[Terms, Counted]]:
    """Yield what counts by what happened before a moment.

    Of people who count once, only their earliest order. A close decides about the orders of its
    period: who counted then goes on to count by that order, and another one never counts there.
    """
    once: dict[str, list[tuple[Terms, Counted]]] = {}
    for order in orders:
        terms = version_of(versions, order.paid_at) if order.paid_at else None
        completion = completion_of(order)
        if terms is None or completion is None or completion >= before:
            continue
        who = _counts_for(terms, order, orders, town, start=versions[0].starts_at)
        counted = _count(versions, terms, order, who, town, before=before) if who else None
        if counted is None:
            continue
        if terms.metric in ONCE:
            seller = town.upline.get(order.buyer, "")
            person = order.buyer if terms.metric == "referred_buyers" else seller
            once.setdefault(person, []).append((terms, counted))
        else:
            yield terms, counted
    for rows in once.values():
        closed = [row for row in rows if _closed_before(versions, row, before)]
        kept = [row for row in closed if _counted_at_close(versions, row, orders, town)]
        if found := kept or [row for row in rows if row not in closed]:
            yield min(
                found, key=lambda row: (row[1].since, _paid(row[1].order), row[1].order.number)
            )


def _closed_before(
    versions: Sequence[Terms], row: tuple[Terms, Counted], before: datetime
) -> datetime | None:
    """Return when the period of an order was closed, if that was before a moment."""
    terms, counted = row
    closes = close_of(versions, terms, _paid(counted.order))
    return closes if closes and terms.period != "each" and closes < before else None


def _counted_at_close(
    versions: Sequence[Terms], row: tuple[Terms, Counted], orders: Collection[OrderSnapshot],
    town: Town,
) -> bool:  # fmt: skip
    closes = close_of(versions, row[0], _paid(row[1].order))
    assert closes
    before = _counted(versions, orders, town, closes)
    return any(counted.order is row[1].order for _, counted in before)


def _counts_for(
    terms: Terms, order: OrderSnapshot, orders: Iterable[OrderSnapshot], town: Town, *,
    start: datetime,
) -> str | None:  # fmt: skip
    if terms.channels and town.channels.get(order.share) not in terms.channels:
        return None
    if terms.metric == "own_spend":
        return order.buyer
    if terms.metric == "new_distributors":
        return town.upline.get(town.upline.get(order.buyer, ""))
    if terms.metric != "referred_buyers":
        return town.upline.get(order.buyer)
    is_new = _is_new_friend(terms, order, orders, town, start=start)
    return town.brought[order.buyer][0] if is_new else None


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
    lines = counted_lines(terms, order, town)
    parts = [(units, paid) for units, paid in (left(order, line, until) for line in lines) if paid]
    units, paid = sum(part[0] for part in parts), sum(part[1] for part in parts)
    if not paid or paid < terms.min_amount:
        return None
    value = paid if terms.counts_money else units if terms.metric == "own_units" else 1
    commissions = commissions_of(order, lines, town, until)
    return Counted(order, who, value, paid, commissions, since)


def _is_new_friend(
    terms: Terms, order: OrderSnapshot, orders: Iterable[OrderSnapshot], town: Town, *,
    start: datetime,
) -> bool:  # fmt: skip
    """A friend paid nothing before they were brought, and ordered first within the days after.

    :param start: of the run: the first order was placed in it
    """
    if order.buyer not in town.brought:
        return False
    brought_at = town.brought[order.buyer][1]
    paid = [row for row in orders if row.buyer == order.buyer and row.paid_at]
    first = min(paid, key=lambda row: (_paid(row), row.placed_at))
    last = brought_at + timedelta(days=terms.friend_days)
    is_new = max(brought_at, start) <= first.placed_at <= last
    return is_new and brought_at <= order.placed_at <= last


class _Shares:
    """How much of each order the awards of an incentive may come to, as of any moment.

    An order gives in money at most its share of what was paid, less commissions, to all incentives
    together: the older ones first, of each the earner, then the friend. An incentive takes what its
    prizes give for the order at most: of prizes for more than one order, its part of them. After
    the close of its period it takes no more than it had then, whatever the older ones leave.
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
        shares = self._before(min(closes, self.now) if closes and is_kept else self.now)
        return {
            (counted.order.number, side): shares[number, counted.order.number, side]
            for _, counted in rows
            for side in ("earner", "friend")
        }

    def _before(self, moment: datetime) -> dict[tuple[int, str, str], int]:
        if moment not in self.known:
            self.known[moment] = dict(self._as_of(moment))
        return self.known[moment]

    def _as_of(self, before: datetime) -> Iterator[tuple[tuple[int, str, str], int]]:
        incentives, orders, town = self.facts
        by_order: dict[str, list[tuple[int, Terms, Counted]]] = {}
        for number, versions in enumerate(incentives):
            for terms, counted in _counted(versions, orders, town, before):
                if terms.is_decided_at_close:
                    continue  # prizes and pools grow with no order
                by_order.setdefault(counted.order.number, []).append((number, terms, counted))
        for name, rows in by_order.items():
            left = max(left_of(counted) for _, _, counted in rows)
            for number, terms, counted in rows:
                room = left_of(counted)
                closes = _closed_before(incentives[number], (terms, counted), before)
                for side in ("earner", "friend"):
                    share = max(0, min(room, left, claim(terms, counted, side)))
                    if closes:
                        share = min(share, self._before(closes).get((number, name, side), 0))
                    room, left = room - share, left - share
                    yield (number, name, side), share
