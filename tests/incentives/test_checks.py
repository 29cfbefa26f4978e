"""Each bad input is an error of its field; nothing is published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from incentives.checks import errors_of
from incentives.compliance import objections
from incentives.models import PeriodKind, Policy, Reward
from tests.cast import NOON
from tests.incentives.wrong_terms import (
    CASES,
    CONTEST,
    EACH,
    EVERY_SALES,
    FRIENDS,
    Case,
    coupon,
    place,
    step,
    terms,
)
from tests.shop import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_terms_without_an_error() -> None:
    assert errors_of(terms(), [step(5), step(9, 2_000)], at=NOON) == {}
    assert errors_of(terms(**CONTEST), [place(1), place(2, 3, 500)], at=NOON) == {}
    assert errors_of(terms(**EACH), [step(1)], at=NOON) == {}


def test_group_buys_are_refused_with_what_to_count_instead() -> None:
    version = terms(metric="group_buys_formed")
    [text] = errors_of(version, [step(1)])["metric"]

    assert text.startswith("Group buys cannot be counted before")
    assert not objections(version, [step(1)])  # nothing is unlawful about them


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_bad_input_is_an_error_of_its_field(case: Case) -> None:
    errors = errors_of(terms(**case.terms), case.rewards, at=NOON)

    assert set(errors) >= case.fields
    assert len(set(errors) - case.fields) <= 1, errors
    assert all(text for texts in errors.values() for text in texts)


@pytest.mark.parametrize(
    ("fields", "has_error"),
    [
        ({}, False),
        ({"stock": 2, "granted": 1}, False),
        ({"stock": 2, "granted": 2}, True),
        ({"status": "ended", "ended_at": NOON}, True),
        ({"status": "draft", "published_at": None, "published_by": None}, True),
        ({"valid_days": None, "valid_from": NOON - 2 * DAY, "valid_until": NOON}, True),
    ],
    ids=["usable", "one_left", "run_out", "ended", "draft", "no_longer_valid"],
)
def test_a_coupon_can_be_granted(fields: dict[str, Any], has_error: bool) -> None:
    gives = Reward(kind="coupon", coupon=coupon(**fields), threshold=1)

    errors = errors_of(terms(period=PeriodKind.CAMPAIGN), [gives], at=NOON)

    assert set(errors) == ({"rewards.0.coupon"} if has_error else set())


def test_cash_for_every_member_needs_no_setting_and_cash_for_friends_does() -> None:
    assert errors_of(terms(**FRIENDS), [step(1)], at=NOON) == {}

    Policy.objects.update(pays_members_cash=True)

    assert errors_of(terms(**FRIENDS), [step(1), step(1, side="friend")], at=NOON) == {}


def test_without_a_moment_nothing_is_compared_with_the_clock() -> None:
    assert errors_of(terms(ends_at=NOON - 99 * DAY), [step(1)]) == {}
    assert errors_of(terms(ends_at=NOON + timedelta(seconds=1)), [step(1)], at=NOON) == {}


def test_gifts_and_amounts_may_stand_at_one_step() -> None:
    together = [step(5), Reward(kind="factor", rate=20_000, days=7, threshold=5)]

    assert errors_of(terms(), together, at=NOON) == {}


def test_steps_that_are_all_given_may_differ_and_have_a_limit() -> None:
    all_steps = terms(sums_steps=True, most_per_member=1)

    assert errors_of(all_steps, [step(5), step(9, 2_000, asset="bonus")], at=NOON) == {}


@pytest.mark.parametrize(("each", "most"), [(1_000, None), (2, 1_000)])
def test_each_amount_has_a_least_or_a_limit(each: int, most: int | None) -> None:
    version = terms(**EVERY_SALES, most_per_member=most)

    assert errors_of(version, [step(each, 1)], at=NOON) == {}
