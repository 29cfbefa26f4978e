"""What an order can give is shared among all incentives that count it: read with finance."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from incentives.metrics import Counted
from incentives.models import Metric, Reward, Version
from incentives.order_shares import OnOrder, Shares, share_out

AT = datetime(2026, 11, 2, tzinfo=UTC)
PAID = 10_000


def on_order(
    incentive: int,
    *rewards: Reward,
    room: int = 6_000,
    value: int = 1,
    subject: int | None = None,
    reach: str = "each",
    metric: str = Metric.OWN_ORDERS,
    kept: Shares | None = None,
    is_fixed: bool = False,
    **terms: Any,
) -> OnOrder:
    """Return what an order of ¥100 counts in an incentive; ¥60 of it may be given."""
    counted = Counted(
        order=7, proof=None, member=1, subject=subject, value=value, paid=PAID, counted=True,
        happened_at=AT, counted_at=AT, period_start=date(2026, 11, 2),
    )  # fmt: skip
    version = Version(reach=reach, metric=metric, **terms)
    return OnOrder(incentive, version, rewards, counted, room, kept, is_fixed)


def cash(fen: int, threshold: int = 1, **fields: Any) -> Reward:
    return Reward(kind="amount", asset="cash", amount=fen, threshold=threshold, **fields)


def shares(*rows: OnOrder) -> dict[int, tuple[int, int]]:
    return {key: (found.earner, found.friend) for key, found in share_out(rows).items()}


def test_the_older_incentive_comes_first_and_together_they_keep_the_limit() -> None:
    rows = [on_order(2, cash(4_000)), on_order(1, cash(2_500)), on_order(3, cash(100))]

    assert shares(*rows) == {1: (2_500, 0), 2: (3_500, 0), 3: (0, 0)}
    assert shares(*reversed(rows)) == shares(*rows)


def test_both_sides_share_one_order_the_earner_first() -> None:
    rewards = [cash(4_000), cash(3_000, side="friend")]

    assert shares(on_order(1, *rewards, subject=9)) == {1: (4_000, 2_000)}
    assert shares(on_order(1, *rewards)) == {1: (4_000, 0)}  # nobody is a friend


def test_several_rewards_of_an_incentive_take_their_sum() -> None:
    bonus = Reward(kind="amount", asset="bonus", amount=1_000, threshold=1)
    points = Reward(kind="amount", asset="points", amount=99_000, threshold=1)
    gift = Reward(kind="gift", threshold=1)

    assert shares(on_order(1, cash(500), bonus, points, gift)) == {1: (1_500, 0)}


def test_of_steps_an_order_takes_its_part_of_the_best_one() -> None:
    steps = [cash(3_000, 3), cash(4_000, 10)]
    monthly: dict[str, Any] = {"reach": "steps", "period": "month"}

    assert shares(on_order(1, *steps, **monthly)) == {1: (1_000, 0)}  # a third of ¥30
    assert shares(on_order(1, *steps, **monthly, sums_steps=True)) == {1: (1_400, 0)}
    assert shares(on_order(1, cash(1_000, 3), **monthly)) == {1: (334, 0)}  # never a fen too few


def test_of_each_n_an_order_takes_its_part() -> None:
    assert shares(on_order(1, cash(10_000, 200_000), value=PAID, reach="every",
                           metric=Metric.OWN_SPEND)) == {1: (500, 0)}  # fmt: skip


def test_a_percentage_takes_itself_up_to_its_greatest_amount() -> None:
    five = Reward(kind="percent", asset="cash", rate=500, threshold=1)
    capped = Reward(kind="percent", asset="cash", rate=500, most=300, threshold=1)
    sales: dict[str, Any] = {"metric": Metric.OWN_SALES, "value": PAID}

    assert shares(on_order(1, five, **sales), on_order(2, capped, **sales)) == {
        1: (500, 0), 2: (300, 0),
    }  # fmt: skip


def test_incentives_for_other_goods_share_nothing() -> None:
    mask = on_order(1, cash(4_000), room=3_000, products=[1])
    tea = on_order(2, cash(4_000), room=3_000, products=[2])

    assert shares(mask, tea) == {1: (3_000, 0), 2: (3_000, 0)}
    all_goods = on_order(3, cash(4_000), room=6_000)
    assert shares(mask, tea, all_goods) == {1: (3_000, 0), 2: (3_000, 0), 3: (0, 0)}
    of_category = on_order(3, cash(4_000), room=6_000, categories=[5])  # tea may be of it
    assert shares(tea, of_category) == {2: (3_000, 0), 3: (3_000, 0)}


def test_what_a_closed_period_has_stays_and_others_get_the_rest() -> None:
    closed = on_order(1, cash(4_000), kept=Shares(2_000, 0), is_fixed=True)

    assert shares(closed, on_order(2, cash(5_000))) == {1: (2_000, 0), 2: (4_000, 0)}
    lowered = on_order(1, cash(4_000), kept=Shares(2_000, 0))  # a refund after the close
    assert shares(lowered) == {1: (2_000, 0)}


amounts = st.integers(1, 9_000)


@given(st.lists(st.tuples(amounts, amounts, st.booleans()), max_size=6), st.integers(0, 9_000))
def test_all_awards_of_an_order_together_never_exceed_its_room(
    incentives: list[tuple[int, int, bool]], room: int
) -> None:
    rows = [
        on_order(key, cash(earner), cash(friend, side="friend"), room=room,
                 subject=9 if has_friend else None)
        for key, (earner, friend, has_friend) in enumerate(incentives)
    ]  # fmt: skip

    found = shares(*rows)

    wanted = sum(earner + friend * has_friend for earner, friend, has_friend in incentives)
    assert sum(map(sum, found.values())) == min(wanted, room)
