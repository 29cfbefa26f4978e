"""Concurrent publications: versions are numbered without a gap, each plan once."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial

import pytest
from django.db.models import Max

from commissions.models import Plan
from commissions.services import draft, publish, record_edit
from commissions.services.plans import PlanNotCompliant, SelfApprovalForbidden
from common.status import WrongStatus
from events.models import Event
from members.models import User
from tests.cast import NOON, staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.shop import rule


@pytest.fixture
def qian(committed: str) -> User:
    return staff("Qian")


@pytest.fixture
def feng(committed: str) -> User:
    return staff("Feng")


def drafts(by: User, count: int) -> list[Plan]:
    return [draft(name=f"Plan {n}", by=by, at=NOON, rules=[rule()]) for n in range(count)]


def test_plans_published_at_once_are_numbered_without_a_gap(qian: User, feng: User) -> None:
    plans = drafts(qian, 6)
    empty = draft(name="Empty", by=qian, at=NOON)

    results = run_concurrently(
        *[partial(publish, plan=plan, by=feng, at=NOON) for plan in [*plans, empty]]
    )

    assert Counter(map(type, results)) == {type(None): 6, PlanNotCompliant: 1}
    numbers = Plan.objects.filter(status="published").values_list("number", flat=True)
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


def test_a_plan_that_8_publish_at_once_is_published_once(qian: User, feng: User) -> None:
    [plan] = drafts(qian, 1)

    results = run_concurrently(
        *[partial(publish, plan=Plan.objects.get(pk=plan.pk), by=feng, at=NOON)] * 8
    )

    assert Counter(map(type, results)) == {type(None): 1, WrongStatus: 7}
    assert Event.objects.filter(name="commissions.plan_published").count() == 1
    assert Plan.objects.get().number == 1


def test_a_concurrent_editor_does_not_publish(qian: User, feng: User) -> None:
    [plan] = drafts(qian, 1)

    _edited, refusal = run_during_transaction(
        lambda: record_edit(plan=plan, by=feng, at=NOON),
        lambda: publish(plan=Plan.objects.get(pk=plan.pk), by=feng, at=NOON),
    )

    assert isinstance(refusal, SelfApprovalForbidden)
    assert Plan.objects.get().status == Plan.Status.DRAFT


def test_control_numbers_read_without_the_lock_collide(qian: User, feng: User) -> None:
    plans = drafts(qian, 4)
    barrier = threading.Barrier(4)

    def number(plan: Plan) -> int:
        last = Plan.objects.aggregate(last=Max("number"))["last"] or 0
        barrier.wait(30)
        return last + 1

    assert run_concurrently(*[partial(number, plan) for plan in plans]) == [1] * 4
