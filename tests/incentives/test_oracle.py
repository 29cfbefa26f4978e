"""The recount itself, by examples that are computed by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from tests.incentives.oracle import Prize, Terms, Town, recount

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)  # a Monday in Shanghai
DAY = timedelta(days=1)
LATER = NOON + 90 * DAY
TOWN = Town({"bo": "lan", "lan": "mei"}, {"bo": ("lan", NOON)})
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
    # Brought after an order was paid: no new friend.
    early = order("0", placed_at=NOON - DAY, paid_at=NOON - DAY)
    assert sums(early, order("1"), terms=terms) == {}


def test_an_award_stays_below_the_limit_of_its_orders() -> None:
    # 60 % of 10.00 less commissions of 1.00 and 0.50.
    terms = Terms("first_sale", "campaign", "each", (Prize(1_000, "cash"),), NOON)

    assert sums(order(fen=1_000), terms=terms) == {"lan": 450}
    assert sums(order(fen=10_000), terms=terms) == {"lan": 1_000}


def test_a_new_version_counts_from_the_next_month_on() -> None:
    richer = replace(MONTHLY, starts_at=NOON + 5 * DAY, prizes=(Prize(900, "cash", 10_000),))
    rows = [order("1", day=10), order("2", day=35)]

    found = recount([[MONTHLY, richer]], rows, TOWN, at=LATER)

    assert {given.period: amount for given, amount in found.items()} == {
        NOVEMBER: 500, date(2026, 12, 1): 900,
    }  # fmt: skip
