"""Concurrent publications: an incentive's versions are numbered once each, terms stay as read."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial

import pytest
from django.db.models import Max

from commissions.models import Plan
from commissions.services import publish as publish_plan
from commissions.services.plans import PlanNotCompliant, publish_errors
from commissions.services.plans import draft as draft_plan
from common.status import WrongStatus
from events.models import Event
from incentives.models import Version
from incentives.services.drafts import create_draft, edit
from incentives.services.publication import (
    AwardsAboveShare,
    SelfApprovalForbidden,
    publish,
    require_publishable,
    stop,
)
from incentives.services.versions import IncentiveStopped
from tests.cast import NOON, staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.incentives.offers import draft, published, reward
from tests.shop import rule, sku

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def shop(committed: str) -> None:
    staff("Qian")
    staff("Feng")


def again(version: Version) -> Version:
    """Read a version as another request would."""
    return Version.objects.get(pk=version.pk)


def test_a_version_that_8_publish_at_once_is_published_once() -> None:
    version = draft()

    results = run_concurrently(
        *[partial(publish, version=again(version), by=staff("Feng"), at=NOON)] * 8
    )

    assert Counter(map(type, results)) == {type(None): 1, WrongStatus: 7}
    assert Event.objects.filter(name="incentives.version_published").count() == 1
    assert again(version).number == 1


def test_control_a_number_read_without_the_lock_is_given_twice() -> None:
    incentive = published().incentive
    barrier = threading.Barrier(4)

    def number() -> int:
        last = incentive.versions.aggregate(last=Max("number"))["last"]
        barrier.wait(30)
        return last + 1

    assert run_concurrently(*[number] * 4) == [2] * 4


def test_a_concurrent_editor_does_not_publish() -> None:
    version = draft()

    _edited, refusal = run_during_transaction(
        lambda: edit(version=again(version), by=staff("Feng"), at=NOON, rewards=[reward(5)]),
        lambda: publish(version=again(version), by=staff("Feng"), at=NOON),
    )

    assert isinstance(refusal, SelfApprovalForbidden)
    assert again(version).status == "draft"


def test_a_version_is_not_published_while_its_incentive_is_stopped() -> None:
    first = published()
    second = create_draft(by=staff("Qian"), at=NOON, based_on=first)

    _stopped, refusal = run_during_transaction(
        lambda: stop(incentive=first.incentive, by=staff("Feng"), at=NOON, reason="卖完了"),
        lambda: publish(version=again(second), by=staff("Feng"), at=NOON),
    )

    assert isinstance(refusal, IncentiveStopped)
    assert again(second).status == "draft"


def test_two_incentives_at_once_stay_within_the_worst_case() -> None:
    sku(price=10_000)
    versions = [draft(rewards=[reward(4_000)]) for _ in range(2)]  # each 40 % of 60 %

    first, refusal = run_during_transaction(
        *(partial(publish, version=again(row), by=staff("Feng"), at=NOON) for row in versions)
    )

    assert first is None
    assert isinstance(refusal, AwardsAboveShare)
    assert [again(row).status for row in versions] == ["published", "draft"]


def test_control_the_worst_case_misses_what_is_published_meanwhile() -> None:
    sku(price=10_000)
    other = draft(rewards=[reward(4_000)])

    _published, checked = run_during_transaction(
        lambda: published(rewards=[reward(4_000)]),
        lambda: require_publishable(again(other), at=NOON),
    )

    assert checked is None


def test_a_plan_and_an_incentive_at_once_stay_within_the_worst_case() -> None:
    sku(price=10_000)
    version = draft(rewards=[reward(4_000)])  # 40 % of 60 %
    plan = draft_plan(name="Plan", by=staff("Qian"), at=NOON, rules=[rule(3_000, 0)])

    first, refusal = run_during_transaction(
        lambda: publish(version=again(version), by=staff("Feng"), at=NOON),
        lambda: publish_plan(plan=Plan.objects.get(pk=plan.pk), by=staff("Feng"), at=NOON),
    )

    assert first is None
    assert isinstance(refusal, PlanNotCompliant)
    assert not Plan.objects.filter(status="published").exists()


def test_control_a_plan_misses_what_is_published_meanwhile() -> None:
    sku(price=10_000)
    version = draft(rewards=[reward(4_000)])
    plan = draft_plan(name="Plan", by=staff("Qian"), at=NOON, rules=[rule(3_000, 0)])

    _published, reasons = run_during_transaction(
        lambda: publish(version=again(version), by=staff("Feng"), at=NOON),
        lambda: publish_errors(Plan.objects.get(pk=plan.pk), at=NOON),
    )

    assert reasons == []
