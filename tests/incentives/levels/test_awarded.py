"""An award gives Lan a level for some days, and never takes one away."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from events.models import Event
from incentives.models import LevelAward
from incentives.services.levels import (
    NoLevelToAward,
    award_level,
    end_awarded_level,
    end_levels_that_are_over,
    pin_level,
)
from integration.merges import merge_members, propose_merge
from members.models import Member, User
from tests.cast import NOON, give, member, staff
from tests.incentives.levels.ladder import (
    RELEASED,
    award_of,
    changes,
    level,
    level_of,
    review,
    rows,
    silver_and_gold,
    sold,
)
from tests.shop import DAY, distributor

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_it_counts_for_its_days(lan: Member) -> None:
    gold = level("Gold", 2)

    given = award_level(award=award_of(lan, gold, days=10), at=NOON)

    assert (level_of(lan), given.ends_at) == ("Gold", NOON + 10 * DAY)
    assert end_levels_that_are_over(at=NOON + 10 * DAY - DAY) == 0
    assert [end_levels_that_are_over(at=NOON + 10 * DAY) for _turn in range(2)] == [1, 0]
    assert changes(lan) == [("", "Gold", "award"), ("Gold", "", "award_over")]


def test_given_twice_it_counts_once(lan: Member) -> None:
    award = award_of(lan, level("Gold", 2))
    award_level(award=award, at=NOON)
    before = (rows(), Event.objects.count())

    award_level(award=award, at=NOON + DAY)

    assert (rows(), Event.objects.count()) == before


@pytest.mark.slow
def test_taken_back_it_ends_at_once_and_given_again_its_days_start_again(lan: Member) -> None:
    award = award_of(lan, level("Gold", 2), days=10)
    award_level(award=award, at=NOON)

    assert [end_awarded_level(award=award, at=NOON + DAY) for _turn in range(2)] == [True, False]
    assert level_of(lan) == ""
    given = award_level(award=award, at=NOON + 2 * DAY)

    assert (level_of(lan), given.ends_at) == ("Gold", NOON + 12 * DAY)
    assert LevelAward.objects.count() == 1


@pytest.mark.slow
def test_taken_back_after_its_days_nothing_changes(lan: Member) -> None:
    award = award_of(lan, level("Gold", 2), days=10)
    award_level(award=award, at=NOON)
    end_levels_that_are_over(at=NOON + 10 * DAY)
    before = rows()

    assert end_awarded_level(award=award, at=NOON + 20 * DAY) is False

    assert rows() == before


def test_an_award_that_gave_no_level_has_none_to_end(lan: Member) -> None:
    before = rows()

    assert end_awarded_level(award=award_of(lan, level("Gold", 2)), at=NOON) is False

    assert {**rows(), **before} == rows()


@pytest.mark.slow
def test_an_award_never_takes_a_level_away(bo: Member, dan: Member, lan: Member) -> None:
    silver, _gold = silver_and_gold()
    sold(bo, 299)
    sold(dan, 1)
    review(RELEASED)

    award_level(award=award_of(lan, silver), at=RELEASED)

    assert (level_of(lan), len(changes(lan))) == ("Gold", 1)


@pytest.mark.slow
def test_sales_that_reach_more_than_the_award_count(bo: Member, dan: Member, lan: Member) -> None:
    silver, _gold = silver_and_gold()
    award_level(award=award_of(lan, silver, days=60), at=NOON)
    sold(bo, 299)
    sold(dan, 1)

    review(RELEASED)
    end_levels_that_are_over(at=NOON + 60 * DAY)

    assert changes(lan) == [("", "Silver", "award"), ("Silver", "Gold", "ladder")]


@pytest.mark.slow
def test_the_better_of_two_awards_counts(lan: Member) -> None:
    silver, gold = silver_and_gold()
    award_level(award=award_of(lan, gold, days=10), at=NOON)
    award_level(award=award_of(lan, silver, days=20), at=NOON)

    end_levels_that_are_over(at=NOON + 10 * DAY)
    assert level_of(lan) == "Silver"
    end_levels_that_are_over(at=NOON + 20 * DAY)

    assert [after for _before, after, _cause in changes(lan)] == ["Gold", "Silver", ""]


@pytest.mark.slow
def test_a_pin_counts_before_an_award(lan: Member, qian: User) -> None:
    silver, gold = silver_and_gold()
    pin_level(distributor=lan.distributor, level=silver, reason="On probation", by=qian, at=NOON)

    award_level(award=award_of(lan, gold), at=NOON)

    assert level_of(lan) == "Silver"


def test_a_member_who_is_no_distributor_gets_none(chen: Member) -> None:
    award = award_of(chen, level("Gold", 2))
    before = rows()

    with pytest.raises(NoLevelToAward):
        award_level(award=award, at=NOON)

    assert rows() == before


@pytest.mark.parametrize("days", [0, -1])
def test_an_awarded_level_lasts(lan: Member, days: int) -> None:
    gold = level("Gold", 2)

    with pytest.raises(IntegrityError), transaction.atomic():
        LevelAward.objects.create(
            award=award_of(lan, gold), distributor=lan.distributor, level=gold, starts_at=NOON,
            ends_at=NOON + days * DAY,
        )  # fmt: skip


@pytest.mark.slow
def test_it_goes_on_with_the_survivor_of_a_merge(lan: Member) -> None:
    """Lan goes on as Lin."""
    lin = member("Lin")
    distributor(lin)
    award_level(award=award_of(lan, level("Gold", 2)), at=NOON)
    proposal = propose_merge(
        merged=lan, survivor=lin, reason="同一个人", by=give(staff("Qian"), "propose_merge"),
        at=NOON + DAY,
    )  # fmt: skip

    merge_members(proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=NOON + 2 * DAY)

    assert level_of(lin) == "Gold"
    assert changes(lin) == [("", "Gold", "award")]
    end_levels_that_are_over(at=NOON + 30 * DAY)
    assert level_of(lin) == ""
