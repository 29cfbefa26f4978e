"""A plan is published with a look at the incentives that run: together they keep the limit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from commissions.models import Plan
from commissions.plan_reviews import review_plan
from commissions.services import publish, submit
from commissions.services.plans import PlanNotCompliant
from commissions.services.plans import draft as draft_plan
from events.models import Event
from incentives.models import Policy
from incentives.services.publication import stop
from tests.cast import NOON, staff
from tests.incentives.offers import published, reward
from tests.shop import DAY, plan, rule, sku

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(db: None) -> Iterator[None]:
    """One product of ¥100, which pays 10 % and 5 %; the settings allow 60 % with awards."""
    plan(rule(1_000, 500))
    sku(price=10_000)
    Policy.objects.update(most_of_an_order=6_000)
    with translation.override("en"):
        yield


def drafted(tier1: int, *, cap: int = 5_000) -> Plan:
    rows = [rule(tier1, 0)]
    return draft_plan(name="New", by=staff("Qian"), at=NOON, rules=rows, cap=cap, layers=["store"])


def refused(draft: Plan) -> str:
    before = (Plan.objects.filter(status="published").count(), Event.objects.count())
    with pytest.raises(PlanNotCompliant) as refusal:
        publish(plan=draft, by=staff("Feng"), at=NOON)
    draft.refresh_from_db()
    assert draft.status == Plan.Status.DRAFT
    assert (Plan.objects.filter(status="published").count(), Event.objects.count()) == before
    return str(refusal.value)


def test_a_plan_that_leaves_too_little_for_what_runs_is_refused() -> None:
    published(name="Sprint", rewards=[reward(3_000)])  # ¥30 of ¥100
    draft = drafted(4_000)

    text = refused(draft)

    assert "come to 70% of an order" in text
    assert "commissions 40%, Sprint 30%" in text
    assert "more than the 60%" in text
    assert review_plan(draft, at=NOON).errors == [text.removesuffix(" Nothing was published.")]
    with pytest.raises(PlanNotCompliant):
        submit(plan=draft, by=staff("Qian"), at=NOON)


def test_a_plan_that_fits_shows_the_sum_as_a_warning() -> None:
    published(name="Sprint", rewards=[reward(2_000)])
    draft = drafted(4_000)

    [text] = review_plan(draft, at=NOON).warnings

    assert "come to 60% of an order" in text
    publish(plan=draft, by=staff("Feng"), at=NOON)
    assert draft.status == Plan.Status.PUBLISHED


@pytest.mark.slow
def test_all_incentives_count_that_run_at_its_start_or_later() -> None:
    published(name="A", rewards=[reward(1_500)], ends_at=NOON + 9 * DAY)
    published(name="B", rewards=[reward(1_500)], starts_at=NOON + 20 * DAY)
    draft = drafted(4_000)

    assert "come to 70%" in refused(draft)
    # From the tenth day on only B is left.
    publish(plan=draft, by=staff("Feng"), at=NOON, starts_at=NOON + 10 * DAY)


@pytest.mark.slow
def test_what_was_stopped_or_does_not_grow_with_an_order_does_not_count() -> None:
    sprint = published(name="Sprint", rewards=[reward(3_000)])
    prize = [reward(90_000, first_rank=1, last_rank=1)]
    published(name="Contest", rewards=prize, reach="rank", period="week")
    refused(drafted(4_000))
    stop(incentive=sprint.incentive, by=staff("Feng"), at=NOON, reason="too dear")

    draft = drafted(4_000)

    assert review_plan(draft, at=NOON).warnings == []
    publish(plan=draft, by=staff("Feng"), at=NOON)
