"""Terms without an error, and wrong ones with the fields that are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from incentives.models import Audience, Metric, PeriodKind, Reward, Version
from promotions.models import Coupon
from tests.cast import NOON, staff
from tests.incentives.offers import reward
from tests.shop import DAY

Reach, Kind = Version.Reach, Reward.Kind


def terms(**fields: Any) -> Version:
    """Return terms without an error: each month, from some own orders on, for distributors."""
    return Version(**{
        "name": "月度奖励", "metric": Metric.OWN_ORDERS, "audience": Audience.DISTRIBUTORS,
        "period": PeriodKind.MONTH, "reach": Reach.STEPS, **fields,
    })  # fmt: skip


def place(first: int | None, last: int | None = None, amount: int = 1_000, **fields: Any) -> Reward:
    return reward(amount, first_rank=first, last_rank=last or first, **fields)


def step(threshold: int | None, amount: int = 1_000, **fields: Any) -> Reward:
    return reward(amount, threshold=threshold, **fields)


class Case(NamedTuple):
    fields: set[str]
    rewards: Sequence[Reward]
    terms: dict[str, Any] = {}


CONTEST = {"reach": Reach.RANK, "period": PeriodKind.WEEK}
EACH = {"reach": Reach.EACH, "period": PeriodKind.EACH}
EVERY_SALES = {"reach": Reach.EVERY, "metric": Metric.OWN_SALES}
FRIENDS = {
    **EACH, "metric": Metric.REFERRED_BUYERS, "audience": Audience.EVERYONE, "min_amount": 100,
}  # fmt: skip
POOL = {"metric": Metric.TEAM_POOL, "reach": Reach.EACH, "audience": Audience.LEVELS}
NOT_FOUND = [10**9]
CASES = {
    # What is given.
    "no_reward": Case({"rewards"}, []),
    "negative_amount": Case({"rewards.0.amount"}, [step(1, -100)]),
    "zero_amount": Case({"rewards.0.amount"}, [step(1, 0)]),
    "no_amount": Case({"rewards.0.amount"}, [Reward(kind="amount", asset="cash", threshold=1)]),
    "huge_amount": Case({"rewards.0.amount"}, [step(1, 10**10 + 1)]),
    "unknown_asset": Case({"rewards.0.asset"}, [step(1, asset="gold")]),
    "unknown_kind": Case({"rewards.0.kind"}, [step(1, kind="house")]),
    "unknown_side": Case({"rewards.0.side"}, [step(1, side="boss")]),
    "percent_above_100": Case(
        {"rewards.0.rate"}, [step(1, kind="percent", rate=10_001)], {"metric": Metric.OWN_SALES}
    ),
    "percent_of_0": Case(
        {"rewards.0.rate"}, [step(1, kind="percent", rate=0)], {"metric": Metric.OWN_SALES}
    ),
    "percent_with_a_negative_limit": Case(
        {"rewards.0.most"}, [step(1, kind="percent", rate=1, most=-1)],
        {"metric": Metric.OWN_SALES},
    ),
    "percent_of_pieces": Case({"rewards.0.kind"}, [step(1, kind="percent", rate=500)]),
    "factor_of_1": Case({"rewards.0.rate"}, [step(1, kind="factor", rate=10_000, days=9)]),
    "factor_above_10": Case({"rewards.0.rate"}, [step(1, kind="boost", rate=100_001, days=9)]),
    "boost_without_days": Case({"rewards.0.days"}, [step(1, kind="boost", rate=20_000)]),
    "boost_for_years": Case({"rewards.0.days"}, [step(1, kind="boost", rate=20_000, days=400)]),
    "no_coupon": Case({"rewards.0.coupon"}, [step(1, kind="coupon")]),
    "no_gift": Case({"rewards.0.gift"}, [step(1, kind="gift")]),
    "no_level": Case({"rewards.0.level"}, [step(1, kind="level", days=9)]),
    # Steps.
    "overlapping_steps": Case({"rewards.1.threshold"}, [step(5), step(5, 2_000)]),
    "no_step": Case({"rewards.0.threshold"}, [step(None)]),
    "negative_step": Case({"rewards.0.threshold"}, [step(-1)]),
    "falling_steps": Case({"rewards.1.amount"}, [step(5, 2_000), step(9, 1_999)]),
    "two_rewards_each_time": Case({"rewards.1.threshold"}, [step(1), step(1, 2_000)], EACH),
    "every_1": Case({"rewards.0.threshold"}, [step(1)], {"reach": Reach.EVERY}),
    "another_asset_at_a_higher_step": Case(
        {"rewards.1.asset"}, [step(5), step(9, 2_000, asset="bonus")]
    ),
    "a_percentage_of_another_asset": Case(
        {"rewards.0.asset"},
        [step(20_000, kind="percent", rate=100, asset="points"), step(10_000, 500)],
        {"metric": Metric.OWN_SALES},
    ),
    "a_limit_of_the_highest_step": Case({"most_per_member"}, [step(5)], {"most_per_member": 1}),
    "each_fen": Case({"rewards.0.threshold"}, [step(999, 1)], EVERY_SALES),
    "each_fen_up_to_many_times": Case(
        {"rewards.0.threshold"}, [step(999, 1)], {**EVERY_SALES, "most_per_member": 1_001}
    ),
    "every_n_of_one_order": Case(
        {"period"}, [step(2)], {"reach": Reach.EVERY, "period": PeriodKind.EACH}
    ),
    "steps_of_one_order": Case({"period"}, [step(2)], {"period": PeriodKind.EACH}),
    "steps_of_the_sales_of_one_order": Case(
        {"period"}, [step(20_000)], {"metric": Metric.OWN_SALES, "period": PeriodKind.EACH}
    ),
    "steps_of_the_units_of_one_order": Case(
        {"period"}, [step(2)], {"metric": Metric.OWN_UNITS, "period": PeriodKind.EACH}
    ),
    # Places.
    "a_gap_between_places": Case({"rewards.1.first_rank"}, [place(1), place(3)], CONTEST),
    "no_first_place": Case({"rewards.0.first_rank"}, [place(2)], CONTEST),
    "no_place": Case({"rewards.0.first_rank"}, [reward(threshold=1)], CONTEST),
    "place_0": Case({"rewards.0.first_rank"}, [place(0, 1)], CONTEST),
    "places_backwards": Case({"rewards.0.last_rank"}, [place(3, 2)], CONTEST),
    "overlapping_places": Case(
        {"rewards.1.first_rank"}, [place(1, 3), place(3, 4, 500)], CONTEST
    ),
    "a_better_place_gets_less": Case(
        {"rewards.1.amount"}, [place(1, amount=500), place(2, amount=501)], CONTEST
    ),
    "a_contest_of_percent": Case(
        {"rewards.0.kind"}, [place(1, kind="percent", rate=100)],
        {**CONTEST, "metric": Metric.OWN_SALES},
    ),
    "a_boost_that_is_split": Case(
        {"rewards.0.kind"}, [place(1, kind="boost", rate=20_000, days=7)], CONTEST
    ),
    "a_contest_with_each_order": Case(
        {"period"}, [place(1)], {"reach": Reach.RANK, "period": PeriodKind.EACH}
    ),
    "a_contest_without_an_end": Case(
        {"ends_at"}, [place(1)], {"reach": Reach.RANK, "period": PeriodKind.CAMPAIGN}
    ),
    "a_contest_of_purchases": Case(
        {"reach"}, [place(1, asset="points")],
        {**CONTEST, "metric": Metric.OWN_SPEND, "audience": Audience.EVERYONE},
    ),
    "a_contest_with_a_limit": Case({"most_per_member"}, [place(1)], {
        **CONTEST, "most_per_member": 2}),
    "all_prizes_on_a_tie_without_a_budget": Case(
        {"ties"}, [place(1)], {**CONTEST, "ties": Version.Ties.EACH}
    ),
    # Limits.
    "budget_below_one_award": Case({"budget_amount"}, [step(1, 1_000)], {"budget_amount": 999}),
    "budget_below_all_prizes": Case(
        {"budget_amount"}, [place(1, 3, 1_000)], {**CONTEST, "budget_amount": 2_999}
    ),
    "fewer_awards_than_prizes": Case(
        {"budget_awards"}, [place(1, 3)], {**CONTEST, "budget_awards": 2}
    ),
    "budget_of_0": Case({"budget_awards"}, [step(1)], {"budget_awards": 0}),
    "negative_budget": Case({"budget_amount"}, [step(1)], {"budget_amount": -1}),
    "limit_of_0": Case({"most_per_member"}, [step(1)], {"most_per_member": 0}),
    "confirmation_above_0": Case({"confirm_above"}, [step(1)], {"confirm_above": 0}),
    # Time.
    "it_ends_before_it_begins": Case(
        {"ends_at"}, [step(1)], {"starts_at": NOON, "ends_at": NOON - DAY}
    ),
    "it_ends_as_it_begins": Case({"ends_at"}, [step(1)], {"starts_at": NOON, "ends_at": NOON}),
    "it_has_ended": Case({"ends_at"}, [step(1)], {"ends_at": NOON}),
    "it_closes_before_orders_complete": Case({"close_days"}, [step(1)], {"close_days": 6}),
    "it_closes_after_years": Case({"close_days"}, [step(1)], {"close_days": 367}),
    # What is counted.
    "no_name": Case({"name"}, [step(1)], {"name": "  "}),
    "a_long_name": Case({"name"}, [step(1)], {"name": "长" * 41}),
    "long_terms": Case({"terms"}, [step(1)], {"terms": "长" * 1_001}),
    "a_metric_without_orders": Case({"metric"}, [step(1)], {"metric": "likes"}),
    "unknown_audience": Case({"audience"}, [step(1)], {"audience": "friends"}),
    "unknown_period": Case({"period"}, [step(1)], {"period": "hour"}),
    "unknown_reach": Case({"reach"}, [step(1)], {"reach": "random"}),
    "unknown_ties": Case({"ties"}, [step(1)], {"ties": "draw"}),
    "negative_minimum": Case({"min_amount"}, [step(1)], {"min_amount": -1}),
    "no_days_for_friends": Case({"friend_days"}, [step(1)], {"friend_days": 0}),
    "a_friend_by_any_order": Case({"min_amount"}, [step(1, asset="points")], {
        **FRIENDS, "min_amount": 0}),
    "a_friend_by_an_order_of_a_few_fen": Case({"min_amount"}, [step(1, asset="points")], {
        **FRIENDS, "min_amount": 99}),
    "a_new_distributor_by_any_order": Case(
        {"min_amount"}, [step(1, asset="store_credit")],
        {**EACH, "metric": Metric.NEW_DISTRIBUTORS},
    ),
    "unknown_product": Case({"products"}, [step(1)], {"products": NOT_FOUND}),
    "unknown_category": Case({"categories"}, [step(1)], {"categories": NOT_FOUND}),
    "unknown_channel": Case({"channels"}, [step(1)], {"channels": ["chat", "television"]}),
    "a_pool_by_channel": Case(
        {"channels"}, [step(1, kind="percent", rate=100)],
        {**POOL, "levels": NOT_FOUND, "channels": ["chat"]},
    ),
    "proofs_with_a_channel": Case(
        {"channels"}, [step(1)], {"metric": Metric.PROOF, "channels": ["chat"]}
    ),
    "proofs_with_a_filter": Case(
        {"min_amount"}, [step(1)], {"metric": Metric.PROOF, "min_amount": 1}
    ),
    "first_sales_of_a_month": Case(
        {"period"}, [step(1)], {"metric": Metric.FIRST_SALE, "reach": Reach.EACH}
    ),
    "first_sales_in_steps": Case(
        {"reach"}, [step(2)], {"metric": Metric.FIRST_SALE, "period": PeriodKind.CAMPAIGN}
    ),
    # For whom.
    "members_have_no_sales": Case({"audience"}, [step(1, asset="points")], {
        "audience": Audience.EVERYONE}),
    "no_levels": Case({"levels"}, [step(1)], {"audience": Audience.LEVELS}),
    "unknown_level": Case(
        {"levels"}, [step(1)], {"audience": Audience.LEVELS, "levels": NOT_FOUND}
    ),
    "levels_of_everybody": Case({"levels"}, [step(1)], {"levels": NOT_FOUND}),
    "no_segments": Case({"segments"}, [step(1)], {"audience": Audience.SEGMENTS}),
    "segments_of_everybody": Case({"segments"}, [step(1)], {"segments": NOT_FOUND}),
    "a_bonus_for_members": Case({"rewards.0.asset"}, [step(1, asset="bonus")], FRIENDS),
    "a_level_for_members": Case(
        {"rewards.0.kind"}, [step(1, kind="boost", rate=20_000, days=9)], FRIENDS
    ),
    "a_bonus_for_friends": Case(
        {"rewards.1.asset"}, [step(1, asset="points"), step(1, asset="bonus", side="friend")],
        FRIENDS,
    ),
    "cash_for_friends": Case({"rewards.1.asset"}, [step(1), step(1, side="friend")], FRIENDS),
    "only_the_friend_gets_something": Case(
        {"rewards"}, [step(1, asset="points", side="friend")], FRIENDS
    ),
    "a_friend_without_referrals": Case(
        {"rewards.1.side"}, [step(1), step(1, asset="points", side="friend")], EACH
    ),
    "a_friend_at_steps": Case(
        {"rewards.1.side"}, [step(1, asset="points"), step(1, asset="points", side="friend")],
        {**FRIENDS, "reach": Reach.STEPS, "period": PeriodKind.MONTH},
    ),
    # Team pools.
    "a_pool_of_a_week": Case(
        {"period", "levels"}, [step(1, kind="percent", rate=100)],
        {**POOL, "period": PeriodKind.WEEK},
    ),
    "a_pool_that_refunds_lower_after_its_close": Case(
        {"takes_back_after_close", "levels"}, [step(1, kind="percent", rate=100)],
        {**POOL, "levels": NOT_FOUND, "takes_back_after_close": True},
    ),
}  # fmt: skip


def coupon(**fields: Any) -> Coupon:
    return Coupon.objects.create(**{
        "name": "新人券", "amount": 500, "valid_days": 30, "created_at": NOON,
        "created_by": staff("Qian"), "status": "published", "published_at": NOON,
        "published_by": staff("Feng"), **fields,
    })  # fmt: skip
