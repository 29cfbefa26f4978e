"""What is computed before publication agrees with the awards about cash and store credit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db.models import Sum
from django.utils import translation

from incentives.cash import whole_sentence
from incentives.figures import figures_of
from incentives.models import Award, Policy, Reward, Version
from incentives.services.back_tests import request_back_test, run_back_tests
from incentives.simulation import simulate
from incentives.worst_case import worst_case
from members.models import Member
from tests.cast import NOON, member, staff
from tests.incentives.engine.story import RELEASED, buy, complete_by
from tests.incentives.offers import draft, published, reward
from tests.shop import DAY, make_referral, open_shop

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TESTED = RELEASED + DAY
MOST_SHARE = 727
"""Basis points: ¥8.00 of an order of ¥109.90."""


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def friends(db: None) -> None:
    """Chen, who has no code, brought Dan; Lan, a distributor, brought Eve."""
    open_shop()
    make_referral(member("Chen"), member("Dan"))
    make_referral(member("Lan"), member("Eve"))


def red_packet(*more: Reward) -> list[Reward]:
    return [reward(800), *more]


def offered(*rewards: Reward) -> Version:
    return draft(metric="referred_buyers", period="month", rewards=red_packet(*rewards))


def buy_by_friends() -> None:
    buy(member("Dan"), "O-1")
    buy(member("Eve"), "O-2")


def given() -> dict[str, int]:
    sums = Award.objects.order_by().values_list("asset").annotate(Sum("posted"))
    return dict(sums.exclude(posted=0))


def back_tested(version: Version) -> dict[str, int]:
    test = request_back_test(version=version, days=30, by=staff("Qian"), at=TESTED)
    while run_back_tests(at=TESTED):
        pass
    test.refresh_from_db()
    assert (test.status, sum(row.amount for row in test.members.all())) == (
        "done", sum(test.totals.values()),
    )  # fmt: skip
    totals: dict[str, int] = test.totals
    return totals


def simulated(version: Version, who: Member, value: int | None = None) -> list[tuple[str, str]]:
    rewards = list(version.rewards.all())
    found = simulate(version=version, rewards=rewards, member=who, value=value, at=TESTED)
    return [(target.side, target.reward.asset) for target in found.targets]


@pytest.mark.parametrize(
    ("pays_members", "expected"),
    [(False, {"cash": 800, "store_credit": 800}), (True, {"cash": 1_600})],
    ids=["store_credit", "cash"],
)
def test_back_test_figures_and_worst_case_agree_with_the_awards(
    *, pays_members: bool, expected: dict[str, int]
) -> None:
    Policy.objects.update(pays_members_cash=pays_members)
    version = published(metric="referred_buyers", rewards=red_packet())
    buy_by_friends()
    complete_by(RELEASED)

    assert given() == expected
    assert back_tested(version) == expected
    assert figures_of([version.incentive_id])[version.incentive_id].cost == 1_600
    [(_name, share)] = worst_case(version, list(version.rewards.all()), at=NOON).awards
    assert share == MOST_SHARE, "store credit costs what cash does"


def test_a_simulation_says_what_each_would_be_paid_in() -> None:
    version = offered()
    buy_by_friends()

    assert simulated(version, member("Chen")) == [("earner", "store_credit")]
    assert simulated(version, member("Lan")) == [("earner", "cash")]
    assert simulated(version, member("Chen"), value=1) == [("earner", "store_credit")]
    Policy.objects.update(pays_members_cash=True)
    assert simulated(version, member("Chen")) == [("earner", "cash")]
    assert version.rewards.get().asset == "cash", "what is drafted stays"


def test_cash_for_friends_depends_on_the_friend() -> None:
    """It is published while the settings allow it, and goes on when they no longer do."""
    Policy.objects.update(pays_members_cash=True)
    version = published(
        metric="referred_buyers", period="month",
        rewards=red_packet(reward(100, side=Reward.Side.FRIEND)),
    )  # fmt: skip
    Policy.objects.update(pays_members_cash=False)
    buy_by_friends()
    complete_by(RELEASED)

    assert given() == back_tested(version) == {"cash": 800, "store_credit": 800 + 2 * 100}
    sides = [("earner", "cash"), ("friend", "store_credit")]
    assert simulated(version, member("Lan")) == simulated(version, member("Lan"), value=1) == sides


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("en", " Cash is for distributors; other members get the same amount of store credit."),
        ("zh-hans", "现金仅发给分销员；非分销员获得等额的购物金。"),
    ],
)
def test_the_sentence_says_what_members_get_in_place_of_cash(language: str, note: str) -> None:
    version = offered()
    to_distributors = draft(rewards=[reward(800)])
    with translation.override(language):
        assert whole_sentence(version, list(version.rewards.all())).endswith(note)
        assert note not in whole_sentence(to_distributors, list(to_distributors.rewards.all()))
        Policy.objects.update(pays_members_cash=True)
        assert note not in whole_sentence(version, list(version.rewards.all()))
