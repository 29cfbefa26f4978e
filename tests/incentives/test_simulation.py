"""A simulation says what a person would get: for their own orders, or for any value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import translation

from distribution.models import Distributor, Level
from events.models import Event
from incentives.checks import errors_of
from incentives.models import Award, Contribution, Metric, Progress, Version
from incentives.simulation import simulate, why_not
from members.models import Member
from tests.cast import NOON, member
from tests.incentives.offers import draft, reward
from tests.shop import DAY, PLACED, ingest, line, open_shop, order

pytestmark = pytest.mark.django_db
NOW = PLACED + 3 * DAY


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.fixture
def steps(bo: Member) -> Version:
    """¥10 of a month from ¥100 on, ¥30 from ¥1,000 on, by own sales."""
    return draft(
        metric="own_sales", period="month", reach="steps",
        rewards=[reward(1_000, threshold=10_000), reward(3_000, threshold=100_000)],
    )  # fmt: skip


def simulated(version: Version, who: str = "Lan", value: int | None = None) -> Any:
    return simulate(
        version=version, rewards=list(version.rewards.all()), member=member(who), at=NOW,
        value=value,
    )  # fmt: skip


def amounts(found: Any) -> list[int]:
    return [target.amount for target in found.targets]


def test_own_orders_of_the_period_count_as_if_they_were_completed(
    bo: Member, steps: Version
) -> None:
    ingest(order(bo, line(quantity=2)), order(bo, number="O-2"))

    found = simulated(steps)

    assert (found.value, found.orders, sum(amounts(found))) == (3 * 10_990, 2, 1_000)
    assert found.next_step == 100_000


@pytest.mark.parametrize(
    ("value", "paid"), [(0, 0), (9_999, 0), (10_000, 1_000), (99_999, 1_000), (100_000, 3_000)]
)
def test_any_value_can_be_tried(steps: Version, value: int, paid: int) -> None:
    assert sum(amounts(simulated(steps, value=value))) == paid


def test_each_piece_gives_once(bo: Member) -> None:
    version = draft(metric="own_orders", rewards=[reward(500)])

    assert amounts(simulated(version, value=3)) == [500] * 3


def test_orders_of_others_do_not_count(bo: Member, steps: Version) -> None:
    ingest(order(member("Chen")))

    assert simulated(steps).value == 0


def test_who_is_not_meant_gets_nothing_and_reads_why(bo: Member) -> None:
    gold = Level.objects.create(rank=1, name="Gold")
    version = draft(metric="own_sales", audience="levels", levels=[gold.pk])

    assert "no distributor" in simulated(version, "Bo", value=1).reason
    assert "level of Lan" in simulated(version, "Lan", value=1).reason
    Distributor.objects.filter(member__nickname="Lan").update(level=gold)
    assert not simulated(version, "Lan", value=1).reason


def test_what_every_member_may_earn_by_is_what_publication_allows(bo: Member) -> None:
    for metric in Metric:
        version = Version(metric=metric, audience="everyone")
        allowed = "audience" not in errors_of(filled(version), [])
        assert (not why_not(version, member("Bo"))) is allowed, metric


def filled(version: Version) -> Version:
    """Return a version that the checks of storage accept."""
    version.period, version.levels = "month", [0]
    return version


def test_every_member_may_bring_friends(bo: Member) -> None:
    version = draft(metric="referred_buyers", rewards=[reward(800, asset="store_credit")])

    found = simulated(version, "Bo", value=2)

    assert (found.reason, amounts(found)) == ("", [800, 800])


@pytest.mark.slow
def test_nothing_is_saved(
    bo: Member, steps: Version, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    ingest(order(bo))
    models: tuple[Any, ...] = (Award, Contribution, Progress, Event, Version)
    before = [list(model.objects.order_by("pk").values()) for model in models]

    with django_assert_max_num_queries(25):
        simulated(steps)

    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_a_draft_without_a_start_runs_from_now_on(bo: Member) -> None:
    version = draft(metric="first_sale", rewards=[reward(500)], at=NOON)

    assert amounts(simulated(version, value=1)) == [500]
