"""The recount itself, by examples that are computed by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from tests.incentives.oracle import recount
from tests.incentives.oracle_places import contest, pool
from tests.incentives.oracle_terms import Handed, Prize, Terms, Town

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)  # a Monday in Shanghai
DAY = timedelta(days=1)
LATER = NOON + 90 * DAY
TOWN = Town(
    {"bo": "lan", "lan": "mei"}, {"bo": ("lan", NOON)}, {"lan": "Gold"}, {"tea": "food"},
    {"P": "poster", "C": "chat"},
)  # fmt: skip
MONTHLY = Terms(
    "own_sales", "month", "steps", (Prize(500, "cash", 10_000), Prize(2_000, "cash", 30_000)), NOON
)
NOVEMBER = date(2026, 11, 1)


def order(number: str = "1", *, fen: int = 10_000, day: int = 1, **facts: object) -> OrderSnapshot:
    """Return an order of Bo, paid on a day and received two days later."""
    at = NOON + day * DAY
    told = OrderSnapshot(
        number, "bo", at, (LineSnapshot(1, "mask", 1, fen),), paid_at=at, received_at=at + 2 * DAY
    )
    return replace(told, **facts)  # type: ignore[arg-type]


def refund(fen: int, *, day: int) -> tuple[RefundSnapshot, ...]:
    at = NOON + day * DAY
    return (RefundSnapshot("r", 1, 0, fen, at, done_at=at),)


def sums(*orders: OrderSnapshot, terms: Terms = MONTHLY, at: datetime = LATER) -> dict[str, int]:
    """Return what everybody gets altogether, in fen."""
    total: dict[str, int] = {}
    for given, amount in recount([[terms]], orders, TOWN, at=at).items():
        total[given.who] = total.get(given.who, 0) + amount
    return total


def test_an_order_counts_when_its_protection_is_over() -> None:
    # Paid on the 3rd, received on the 5th, protected for 7 days.
    assert sums(order(), at=NOON + 10 * DAY - DAY / 24) == {}
    assert sums(order(), at=NOON + 10 * DAY) == {"lan": 500}


def test_steps_give_what_they_add() -> None:
    rows = recount([[MONTHLY]], [order("1"), order("2", fen=20_000)], TOWN, at=LATER)

    assert {given.basis: amount for given, amount in rows.items()} == {
        "from 10000": 500, "from 30000": 1_500,
    }  # fmt: skip
    assert {given.period for given in rows} == {NOVEMBER}


def test_a_refund_takes_back_until_the_close_and_not_after() -> None:
    # November closes 15 days after its end, with the beginning of the 16th of December.
    before, after = refund(1, day=43), refund(1, day=44)

    assert sums(order(refunds=before)) == {}
    assert sums(order(refunds=after)) == {"lan": 500}
    assert sums(order(refunds=after), terms=replace(MONTHLY, takes_back=True)) == {}


def test_an_open_after_sale_delays_an_order_beyond_the_close() -> None:
    asked = RefundSnapshot("r", 1, 0, 1, NOON + 5 * DAY, rejected_at=NOON + 20 * DAY)
    late = replace(asked, rejected_at=NOON + 60 * DAY)

    assert sums(order(refunds=(asked,))) == {"lan": 500}
    assert sums(order(refunds=(late,))) == {}


def test_months_end_in_shanghai() -> None:
    midnight = datetime(2026, 11, 30, 16, tzinfo=UTC)
    last, first = midnight - DAY / 86_400, midnight
    rows = [order(str(at), placed_at=at, paid_at=at, received_at=at) for at in (last, first)]

    found = recount([[MONTHLY]], rows, TOWN, at=LATER)

    assert {given.period: amount for given, amount in found.items()} == {
        NOVEMBER: 500, date(2026, 12, 1): 500,
    }  # fmt: skip


def test_a_friend_and_their_bringer_get_theirs_once() -> None:
    terms = Terms(
        "referred_buyers", "each", "each",
        (Prize(800, "store_credit"), Prize(500, "store_credit", side="friend")), NOON,
    )  # fmt: skip

    assert sums(order("1"), order("2", day=3), terms=terms) == {"lan": 800, "bo": 500}
    # ReferredBy after an order was paid: no new friend.
    early = order("0", placed_at=NOON - DAY, paid_at=NOON - DAY)
    assert sums(early, order("1"), terms=terms) == {}


def test_a_close_decides_by_which_order_a_friend_counts() -> None:
    terms = Terms(
        "referred_buyers", "month", "each", (Prize(800, "store_credit"),), NOON, friend_days=60
    )
    # November closes on day 44. The first order is received too late, or counts before.
    late = order("1", received_at=NOON + 40 * DAY)
    early = order("1")
    following = order("2", day=35)

    def periods(*orders: OrderSnapshot) -> list[date]:
        return [given.period for given in recount([[terms]], orders, TOWN, at=LATER)]

    assert periods(late) == []
    assert periods(late, following) == [date(2026, 12, 1)]
    assert periods(early, following) == [NOVEMBER]
    # The second one was completed first. Its refund later leaves nothing for November.
    slow = order("1", received_at=NOON + 33 * DAY)
    quick = order("2", day=30, received_at=NOON + 31 * DAY)
    assert periods(slow, quick) == [date(2026, 12, 1)]
    assert periods(slow, replace(quick, refunds=refund(10_000, day=50))) == []


def test_the_first_order_of_a_friend_is_placed_and_paid_in_the_run() -> None:
    start, end = NOON + DAY, NOON + 3 * DAY
    terms = Terms(
        "referred_buyers", "each", "each", (Prize(800, "store_credit"),), start, ends_at=end
    )

    def given(placed: datetime, paid: datetime) -> dict[str, int]:
        return sums(order(placed_at=placed, paid_at=paid), terms=terms)

    assert given(start, end - DAY / 24) == {"lan": 800}
    assert given(start - DAY / 24, start + DAY / 24) == {}
    assert given(end - DAY / 24, end) == {}
    # Later terms of the same run: it began with the first ones.
    later = replace(terms, starts_at=start + DAY)
    told = order(placed_at=start, paid_at=start + DAY)
    assert recount([[terms, later]], [told], TOWN, at=LATER)


def test_an_award_stays_below_the_limit_of_its_orders() -> None:
    # 60 % of 10.00 less commissions of 1.00 and 0.50.
    terms = Terms("first_sale", "campaign", "each", (Prize(1_000, "cash"),), NOON)

    assert sums(order(fen=1_000), terms=terms) == {"lan": 450}
    assert sums(order(fen=10_000), terms=terms) == {"lan": 1_000}


def test_a_closed_period_takes_no_more_of_an_order_than_it_had() -> None:
    # The order leaves 4.50. A refund in December gives back what the quarter took; the week has
    # closed in November and keeps 2.50 of the 4.00 that it promises, so the last one gets 2.00.
    of_quarter = Terms("own_orders", "quarter", "each", (Prize(200, "cash"),), NOON)
    of_week = replace(of_quarter, period="week", prizes=(Prize(400, "cash"),))
    of_order = replace(of_quarter, period="each", prizes=(Prize(500, "cash"),))
    incentives = [[of_quarter], [of_week], [of_order]]

    def given(told: OrderSnapshot) -> dict[int, int]:
        found = recount(incentives, [told], TOWN, at=NOON + 45 * DAY)
        return {row.incentive: amount for row, amount in found.items()}

    told = order(fen=1_000)
    assert given(told) == {0: 200, 1: 250}
    assert given(replace(told, refunds=refund(1_000, day=40))) == {1: 250, 2: 200}


def test_a_new_version_counts_from_the_next_month_on() -> None:
    richer = replace(MONTHLY, starts_at=NOON + 5 * DAY, prizes=(Prize(900, "cash", 10_000),))
    rows = [order("1", day=10), order("2", day=35)]

    found = recount([[MONTHLY, richer]], rows, TOWN, at=LATER)

    assert {given.period: amount for given, amount in found.items()} == {
        NOVEMBER: 500, date(2026, 12, 1): 900,
    }  # fmt: skip


def test_places_are_paid_at_the_close() -> None:
    # The week ends on the 8th of November and closes with the beginning of the 24th.
    terms = Terms("own_orders", "week", "rank", (Prize(900, "cash"), Prize(300, "cash", 2)), NOON)
    rows = [order("1"), order("2"), order("3", buyer="lan")]
    close = datetime(2026, 11, 23, 16, tzinfo=UTC)

    assert sums(*rows, terms=terms, at=close - DAY / 86_400) == {}
    assert sums(*rows, terms=terms, at=close) == {"lan": 900, "mei": 300}


def test_a_prize_stays_below_the_limit_of_the_own_orders() -> None:
    terms = Terms("own_orders", "week", "rank", (Prize(900, "cash"),), NOON)

    # 60 % of 10.00 less commissions of 1.00 and 0.50.
    assert sums(order(fen=1_000), terms=terms) == {"lan": 450}


def test_equal_values_share_places_or_each_have_the_better_one() -> None:
    values, prizes = {"a": 5, "b": 5, "c": 3}, {1: 900, 2: 300, 3: 100}

    assert contest(prizes, values, shares_ties=True) == {"a": 600, "b": 600, "c": 100}
    assert contest(prizes, values, shares_ties=False) == {"a": 900, "b": 900, "c": 100}


def test_a_pool_is_shared_to_the_fen_within_the_limits() -> None:
    assert pool(100, {"a": 1, "b": 1, "c": 1}, {"a": 99, "b": 99, "c": 99}) == {
        "a": 34, "b": 33, "c": 33,
    }  # fmt: skip
    assert pool(100, {"a": 3, "b": 1}, {"a": 20, "b": 99}) == {"a": 20, "b": 80}
    assert pool(100, {"a": 3, "b": 1}, {"a": 20, "b": 30}) == {"a": 20, "b": 30}


def test_a_pool_is_a_share_of_all_sales_for_some_levels() -> None:
    terms = Terms(
        "team_pool", "month", "each", (Prize(5, "cash", is_percent=True),), NOON, levels=("Gold",)
    )

    # 5 % of 300.00; Mei sold 200.00 of it and is of no level.
    assert sums(order(), order("2", buyer="lan", fen=20_000), terms=terms) == {"lan": 1_500}


def test_a_new_distributor_counts_once_for_the_upline() -> None:
    terms = Terms("new_distributors", "month", "each", (Prize(700, "store_credit"),), NOON)

    assert sums(order("1"), order("2", day=2), terms=terms) == {"mei": 700}
    assert sums(order("1", buyer="lan"), terms=terms) == {}


def test_a_gift_takes_the_place_of_the_coupon_below() -> None:
    terms = Terms("own_orders", "quarter", "steps", (Prize(1, "coupon"), Prize(1, "gift", 2)), NOON)

    def given(*rows: OrderSnapshot) -> set[tuple[str, date]]:
        return {(row.asset, row.period) for row in recount([[terms]], rows, TOWN, at=LATER)}

    quarter = date(2026, 10, 1)
    assert given(order("1")) == {("coupon", quarter)}
    assert given(order("1"), order("2", day=2)) == {("gift", quarter)}


def test_only_the_goods_of_the_terms_count() -> None:
    tea = replace(MONTHLY, goods=("tea",), prizes=(Prize(500, "cash", 10_000),))
    food = replace(tea, goods=(), categories=("food",))
    lines = (LineSnapshot(1, "mask", 1, 90_000), LineSnapshot(2, "tea", 1, 9_000))
    more = (LineSnapshot(1, "mask", 1, 1), LineSnapshot(2, "tea", 1, 10_000))

    for terms in (tea, food):
        assert sums(order(lines=lines), terms=terms) == {}
        assert sums(order(lines=more), terms=terms) == {"lan": 500}


def test_only_orders_by_a_share_in_the_channels_count() -> None:
    poster = replace(MONTHLY, channels=("poster", "qq"))

    assert sums(order(share="P"), terms=poster) == {"lan": 500}
    for share in ("", "C", "unknown"):
        assert sums(order(share=share), terms=poster) == {}
        assert sums(order(share=share)) == {"lan": 500}


def test_days_quarters_and_years_begin_in_shanghai() -> None:
    midnight = datetime(2026, 12, 31, 16, tzinfo=UTC)
    times = [midnight - DAY / 86_400, midnight]
    rows = [order(str(at), placed_at=at, paid_at=at, received_at=at) for at in times]

    def periods(period: str) -> list[date]:
        found = recount([[replace(MONTHLY, period=period)]], rows, TOWN, at=LATER)
        return sorted(given.period for given in found)

    assert periods("day") == [date(2026, 12, 31), date(2027, 1, 1)]
    assert periods("quarter") == [date(2026, 10, 1), date(2027, 1, 1)]
    assert periods("year") == [date(2026, 1, 1), date(2027, 1, 1)]


def test_a_proof_needs_an_approval_and_a_completed_sale() -> None:
    terms = Terms("proof", "week", "each", (Prize(1, "gift"),), NOON)
    approved, waiting = Handed(1, "lan", LATER, True), Handed(2, "lan", LATER, False)

    def given(*orders: OrderSnapshot) -> int:
        rows = recount([[terms]], orders, TOWN, at=LATER, proofs=[approved, waiting])
        return sum(rows.values())

    assert given(order()) == 1
    assert given() == given(order(received_at=None)) == 0
    assert given(order(refunds=refund(10_000, day=20))) == 0
