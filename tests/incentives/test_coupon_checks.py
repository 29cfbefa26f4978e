"""A coupon must be able to serve what an incentive promises with it."""

from __future__ import annotations

from typing import Any

import pytest

from incentives.checks import errors_of
from incentives.models import Audience, Metric, PeriodKind, Reward, Version
from tests.cast import NOON
from tests.incentives.wrong_terms import coupon, terms
from tests.shop import DAY

pytestmark = pytest.mark.django_db
Reach = Version.Reach

CAMPAIGN: dict[str, Any] = {"period": PeriodKind.CAMPAIGN, "reach": Reach.EACH}
FRIENDS = {
    **CAMPAIGN, "metric": Metric.REFERRED_BUYERS, "audience": Audience.EVERYONE, "min_amount": 100,
}  # fmt: skip


def fields_in_error(facts: dict[str, Any], *sides: str, **values: Any) -> set[str]:
    """Return the fields in error where a coupon with these facts is given for each side."""
    kind = coupon(**facts)
    contest = values.get("reach") == Reach.RANK
    ranks: dict[str, Any] = {"first_rank": 1, "last_rank": 3} if contest else {"threshold": 1}
    rewards = [
        Reward(kind="coupon", coupon=kind, side=side, **ranks) for side in sides or ("earner",)
    ]
    return set(errors_of(terms(**values), rewards, at=NOON))


COUPON = "rewards.0.coupon"


@pytest.mark.parametrize(
    ("per_member", "values", "errors"),
    [
        (3, {**CAMPAIGN, "most_per_member": 3}, set()),
        (3, {**CAMPAIGN, "most_per_member": 4}, {COUPON}),
        (3, CAMPAIGN, {"most_per_member"}),
        (3, {**CAMPAIGN, "budget_awards": 3}, set()),
        (3, {**CAMPAIGN, "budget_awards": 4}, {COUPON}),
        (1, {**CAMPAIGN, "metric": Metric.FIRST_SALE}, set()),
        (1, {**CAMPAIGN, "reach": Reach.STEPS}, set()),
        # NOON is in the first month; from the second one on it is another coupon.
        (2, {"period": PeriodKind.MONTH, "ends_at": NOON + 31 * DAY}, set()),
        (1, {"period": PeriodKind.MONTH, "ends_at": NOON + 31 * DAY}, {COUPON}),
        (12, {"period": PeriodKind.MONTH}, {COUPON}),
        (13, {"period": PeriodKind.MONTH}, set()),
        (52, {"period": PeriodKind.WEEK, "reach": Reach.EVERY, "most_per_member": 1}, {COUPON}),
    ],
)
def test_a_member_may_get_as_many_as_the_terms_promise(
    per_member: int, values: dict[str, Any], errors: set[str]
) -> None:
    kind = {"per_member": per_member}
    if values.get("reach") == Reach.EVERY:
        rewards = [Reward(kind="coupon", coupon=coupon(**kind), threshold=2)]
        assert set(errors_of(terms(**values), rewards, at=NOON)) == errors
    else:
        assert fields_in_error(kind, **values) == errors


def test_a_friend_gets_one_and_who_brings_friends_one_for_each() -> None:
    assert fields_in_error({}, "friend", "earner", **FRIENDS) == {"most_per_member"}
    limited = {**FRIENDS, "most_per_member": 1}
    assert fields_in_error({}, "friend", "earner", **limited) == {"rewards.1.coupon"}
    assert fields_in_error({"per_member": 2}, "friend", "earner", **limited) == set()


@pytest.mark.parametrize(
    ("stock", "values", "errors"),
    [
        (5, {"budget_awards": 5}, set()),
        (5, {"budget_awards": 6}, {COUPON}),
        (5, {}, set()),
        (None, {"budget_awards": 1_000}, set()),
    ],
)
def test_the_stock_covers_the_budget(
    stock: int | None, values: dict[str, Any], errors: set[str]
) -> None:
    facts = {"stock": stock, "per_member": 5}
    assert fields_in_error(facts, **CAMPAIGN, most_per_member=1, **values) == errors


def test_the_stock_covers_the_prizes_of_a_contest() -> None:
    contest = {
        "metric": Metric.OWN_SALES, "reach": Reach.RANK, "period": PeriodKind.CAMPAIGN,
        "ends_at": NOON + 7 * DAY, "ties": Version.Ties.EACH, "budget_amount": 10**6,
    }  # fmt: skip
    assert fields_in_error({"stock": 2}, **contest) == {COUPON}
    assert fields_in_error({"stock": 3}, **contest) == set()
