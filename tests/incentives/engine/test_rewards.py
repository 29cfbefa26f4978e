"""What terms give, as numbers: each time, each n, at steps, as a percentage, within limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from incentives.metrics import Counted
from incentives.models import Metric, Reward, Version
from incentives.rewards import Target, basis_of, limit_targets, targets_for
from ledger.chart import Asset

AT = datetime(2026, 11, 2, tzinfo=UTC)


def amount(fen: int, threshold: int = 1, *, asset: str = Asset.CASH, pk: int = 1) -> Reward:
    return Reward(pk=pk, kind="amount", asset=asset, amount=fen, threshold=threshold)


def percent(rate: int, threshold: int = 1, *, most: int | None = None, pk: int = 1) -> Reward:
    return Reward(
        pk=pk, kind="percent", asset=Asset.CASH, rate=rate, most=most, threshold=threshold
    )  # fmt: skip


def thing(kind: str, threshold: int = 1, *, pk: int = 9) -> Reward:
    return Reward(pk=pk, kind=kind, threshold=threshold)


def terms(reach: str = "steps", metric: str = Metric.OWN_ORDERS, **fields: object) -> Version:
    return Version(reach=reach, metric=metric, **fields)


def sold(order: int, value: int = 1, paid: int = 10_000, *, day: int = 0, counted: bool = True,
         **about: int) -> Counted:  # fmt: skip
    at = AT + timedelta(days=day)
    return Counted(
        order=order, proof=about.get("proof"), member=1, subject=about.get("subject"), value=value,
        paid=paid, counted=counted, happened_at=at, counted_at=at if counted else None,
        period_start=date(2026, 11, 2),
    )  # fmt: skip


def told(targets: list[Target]) -> list[tuple[str, int]]:
    return [(target.step, target.amount) for target in targets]


def test_each_order_gives_its_own_award() -> None:
    rows = [sold(1), sold(2, day=1), sold(3, counted=False), sold(4, value=0)]

    targets = targets_for(terms("each"), [amount(500)], 2, rows)

    assert told(targets) == [("order:1:cash", 500), ("order:2:cash", 500)]


def test_the_first_ones_count_within_the_limit_per_member() -> None:
    """Of what completes at one moment the larger ones come first, in every order of arrival."""
    rows = [sold(1, day=2), sold(2, day=1), sold(3, value=3, day=1)]
    version = terms("each", Metric.OWN_UNITS, most_per_member=2)

    for order_of_arrival in (rows, rows[::-1]):
        targets = targets_for(version, [amount(500)], 5, order_of_arrival)
        assert told(targets) == [("order:3:cash", 500), ("order:2:cash", 500)]


def test_friends_and_proofs_name_their_steps() -> None:
    assert told(targets_for(terms("each"), [amount(5)], 1, [sold(1, subject=8)])) == [
        ("friend:8:cash", 5)
    ]
    proof = sold(1, proof=4)
    assert told(targets_for(terms("each"), [thing("coupon")], 1, [proof])) == [
        ("proof:4:coupon", 1)
    ]


def test_every_full_n_gives_once() -> None:
    """满 2000 返 100: ¥4,999 are two times 2,000."""
    version = terms("every", Metric.OWN_SPEND)
    reward = amount(10_000, 200_000)

    assert told(targets_for(version, [reward], 199_999, [])) == []
    assert told(targets_for(version, [reward], 499_900, [])) == [
        ("n:1:cash", 10_000), ("n:2:cash", 10_000),
    ]  # fmt: skip
    version.most_per_member = 1
    assert told(targets_for(version, [reward], 499_900, [])) == [("n:1:cash", 10_000)]


def test_the_highest_step_counts_and_adds_to_those_below() -> None:
    """So nothing is taken back when the next step is reached: 50, then 80, then 100 in all."""
    rewards = [amount(5_000, 5), amount(8_000, 10), amount(10_000, 20)]

    assert told(targets_for(terms(), rewards, 4, [])) == []
    assert told(targets_for(terms(), rewards, 12, [])) == [
        ("from:5:cash", 5_000), ("from:10:cash", 3_000),
    ]  # fmt: skip
    assert sum(row.amount for row in targets_for(terms(), rewards, 20, [])) == 10_000


def test_a_step_that_gives_less_than_one_below_adds_nothing() -> None:
    rewards = [amount(8_000, 5), amount(5_000, 10), amount(9_000, 20)]

    assert told(targets_for(terms(), rewards, 20, [])) == [
        ("from:5:cash", 8_000), ("from:10:cash", 0), ("from:20:cash", 1_000),
    ]  # fmt: skip


def test_all_steps_add_up_if_the_terms_say_so() -> None:
    rewards = [amount(5_000, 5), amount(8_000, 10)]

    assert told(targets_for(terms(sums_steps=True), rewards, 10, [])) == [
        ("from:5:cash", 5_000), ("from:10:cash", 8_000),
    ]  # fmt: skip


def test_assets_of_a_step_do_not_replace_each_other() -> None:
    rewards = [amount(500, 5), amount(90, 5, asset=Asset.POINTS, pk=2), amount(800, 10, pk=3)]

    assert told(targets_for(terms(), rewards, 10, [])) == [
        ("from:5:cash", 500), ("from:5:points", 90), ("from:10:cash", 300),
    ]  # fmt: skip


def test_of_things_only_those_of_the_highest_step_stay() -> None:
    rewards = [thing("coupon", 5, pk=1), thing("gift", 10, pk=2)]

    assert told(targets_for(terms(), rewards, 5, [])) == [("from:5:coupon", 1)]
    assert told(targets_for(terms(), rewards, 10, [])) == [("from:10:gift", 1)]
    both = terms(sums_steps=True)
    assert len(targets_for(both, rewards, 10, [])) == 2


def test_two_rewards_of_a_kind_at_a_step_are_told_apart() -> None:
    rewards = [thing("coupon", pk=1), thing("coupon", pk=2)]

    assert told(targets_for(terms(), rewards, 1, [])) == [
        ("from:1:coupon", 1), ("from:1:coupon:2", 1),
    ]  # fmt: skip


def test_a_percentage_is_rounded_down_and_has_a_most() -> None:
    version = terms("each", Metric.OWN_SALES)

    assert told(targets_for(version, [percent(333)], 0, [sold(1, value=10_990)])) == [
        ("order:1:cash", 365)
    ]
    assert told(targets_for(version, [percent(333, most=300)], 0, [sold(1, value=10_990)])) == [
        ("order:1:cash", 300)
    ]


def test_a_percentage_of_pieces_is_of_what_they_paid() -> None:
    version = terms("each", Metric.REFERRED_BUYERS)

    assert told(targets_for(version, [percent(500)], 1, [sold(1, paid=20_000, subject=2)])) == [
        ("friend:2:cash", 1_000)
    ]


def test_both_sides_are_given_the_earner_first() -> None:
    friend = amount(300)
    friend.side = Reward.Side.FRIEND

    targets = targets_for(terms("each"), [friend, amount(500)], 1, [sold(1, subject=2)])

    assert [(target.side, target.amount) for target in targets] == [
        ("earner", 500), ("friend", 300),
    ]  # fmt: skip


def test_ranks_and_pools_are_for_the_close() -> None:
    assert targets_for(terms("rank"), [amount(5)], 9, [sold(1)]) == []
    assert targets_for(terms("steps", Metric.TEAM_POOL), [amount(5)], 9, [sold(1)]) == []


def test_limits_lower_the_later_targets_and_leave_points_and_things() -> None:
    cash, points = amount(500, 5), amount(900, 5, asset=Asset.POINTS, pk=2)
    rewards = [cash, points, amount(800, 10, pk=3), thing("gift", 10)]
    targets = targets_for(terms(), rewards, 10, [])

    assert told(limit_targets(targets, {"": 600})) == [
        ("from:5:cash", 500), ("from:5:points", 900), ("from:10:cash", 100), ("from:10:gift", 1),
    ]  # fmt: skip


def test_each_order_has_a_limit_of_its_own() -> None:
    targets = targets_for(terms("each"), [amount(500)], 2, [sold(1), sold(2)])

    assert told(limit_targets(targets, {"order:1": 200, "order:2": 0, "": 0})) == [
        ("order:1:cash", 200), ("order:2:cash", 0),
    ]  # fmt: skip


def test_a_step_says_what_it_is_counted_by() -> None:
    assert basis_of("order:7:cash") == "order:7"
    assert basis_of("friend:7:coupon:2") == "friend:7"
    assert basis_of("from:100:cash") == basis_of("n:3:cash") == basis_of("place:1") == ""
