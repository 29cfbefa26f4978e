"""Two change Lan's level at the same moment: it ends as one after the other would leave it."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from distribution.models import Distributor, Level
from distribution.services import set_level
from incentives.ladder.precedence import holding_of
from incentives.models import LadderLevel, LevelPin, LevelReview, LevelWarning
from incentives.services.level_reviews import review_distributors
from incentives.services.levels import (
    award_level,
    end_awarded_level,
    end_levels_that_are_over,
    pin_level,
    unpin_level,
)
from members.models import Member, User
from tests.cast import NOON, staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.incentives.levels.ladder import (
    RELEASED,
    award_of,
    changes,
    level_of,
    silver_and_gold,
    sold,
)
from tests.shop import DAY, open_shop


@pytest.fixture
def qian(committed: str) -> User:
    return staff("Qian")


@pytest.fixture
def lan(committed: str) -> Member:
    """Has sold for 100 yuan, and was not reviewed yet."""
    bo = open_shop()
    silver_and_gold()
    sold(bo, 100)
    return Member.objects.get(nickname="Lan")


def gold() -> Level:
    return Level.objects.get(name="Gold")


def test_a_level_is_reached_once_by_many_reviews(lan: Member) -> None:
    review = partial(review_distributors, [lan.distributor.pk], at=RELEASED)

    found = run_concurrently(*[review] * 6)

    assert sorted(found) == [0, 0, 0, 0, 0, 1]
    assert changes(lan) == [("", "Silver", "ladder")]


def test_a_pin_that_commits_during_a_review_counts(lan: Member, qian: User) -> None:
    pin = partial(
        pin_level, distributor=lan.distributor, level=gold(), reason="Trains", by=qian, at=RELEASED
    )

    run_during_transaction(
        pin, partial(review_distributors, [lan.distributor.pk], at=RELEASED + DAY)
    )

    assert level_of(lan) == "Gold"
    assert LadderLevel.objects.get(distributor__member=lan).level == Level.objects.get(rank=1)


def test_without_the_lock_a_review_would_undo_the_pin(lan: Member, qian: User) -> None:
    """The control: the same review, but decided before the lock is taken."""

    def careless() -> None:
        with transaction.atomic():
            distributor = Distributor.objects.get(member=lan)
            decided = Level.objects.get(name="Silver")
            set_level(
                distributor=distributor, level=decided, by=None, at=RELEASED, reason="reached"
            )

    pin = partial(
        pin_level, distributor=lan.distributor, level=gold(), reason="Trains", by=qian, at=RELEASED
    )

    run_during_transaction(pin, careless)

    assert level_of(lan) == "Silver"
    assert str(holding_of(lan.distributor, at=RELEASED).level) == "Gold"


def test_two_pins_leave_one(lan: Member, qian: User) -> None:
    pins = [
        partial(
            pin_level, distributor=lan.distributor, level=level, reason="Trains", by=qian, at=NOON
        )
        for level in Level.objects.order_by("rank")
    ]

    found = run_concurrently(*pins)

    assert not [error for error in found if isinstance(error, Exception)]
    assert LevelPin.objects.filter(ended_at=None).count() == 1
    assert level_of(lan) == str(LevelPin.objects.get(ended_at=None).level)


def test_an_award_is_given_and_taken_back_at_once(lan: Member) -> None:
    award = award_of(lan, gold())
    award_level(award=award, at=NOON)

    found = run_concurrently(
        *[partial(end_awarded_level, award=award, at=NOON + DAY)] * 4,
    )

    assert sorted(found) == [False, False, False, True]
    assert (level_of(lan), len(changes(lan))) == ("", 2)


def test_two_sweeps_end_a_pin_once(lan: Member, qian: User) -> None:
    pin_level(
        distributor=lan.distributor, level=gold(), reason="Trains", by=qian, at=NOON,
        until=NOON + DAY,
    )  # fmt: skip

    run_concurrently(*[partial(end_levels_that_are_over, at=NOON + DAY)] * 3)

    assert [cause for *_levels, cause in changes(lan)] == ["pin", "pin_over"]


def test_everything_at_once_ends_where_the_rules_say(lan: Member, qian: User) -> None:
    award = award_of(lan, gold(), days=5)

    found = run_concurrently(
        partial(award_level, award=award, at=RELEASED),
        partial(review_distributors, [lan.distributor.pk], at=RELEASED),
        partial(
            pin_level, distributor=lan.distributor, level=None, reason="Paused", by=qian,
            at=RELEASED,
        ),
        partial(review_distributors, [lan.distributor.pk], at=RELEASED),
    )  # fmt: skip

    assert not [error for error in found if isinstance(error, Exception)]
    assert level_of(lan) == ""
    unpin_level(distributor=lan.distributor, reason="On", by=qian, at=RELEASED + DAY)
    assert level_of(lan) == "Gold"
    end_levels_that_are_over(at=RELEASED + 5 * DAY)
    assert level_of(lan) == "Silver"
    last = LevelReview.objects.latest("pk")
    assert (str(last.after), LevelWarning.objects.count()) == ("Silver", 0)
