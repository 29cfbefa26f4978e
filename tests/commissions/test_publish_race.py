"""Two people publish at one moment: the versions are numbered without a gap, each plan once."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial

import pytest
from django.db.models import Max

from commissions.models import Plan
from commissions.services import (
    PlanNotCompliant,
    SelfApprovalForbidden,
    draft,
    publish,
    record_edit,
)
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


def test_plans_that_are_published_at_once_are_numbered_without_a_gap(
    qian: User, feng: User
) -> None:
    made = drafts(qian, 6)
    bad = draft(name="Empty", by=qian, at=NOON)

    ends = run_concurrently(*[partial(publish, plan=one, by=feng, at=NOON) for one in [*made, bad]])

    assert Counter(map(type, ends)) == {type(None): 6, PlanNotCompliant: 1}
    numbers = Plan.objects.filter(status="published").values_list("number", flat=True)
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


def test_a_plan_is_published_once_by_8_at_once(qian: User, feng: User) -> None:
    [made] = drafts(qian, 1)

    ends = run_concurrently(
        *[partial(publish, plan=Plan.objects.get(pk=made.pk), by=feng, at=NOON)] * 8
    )

    assert Counter(map(type, ends)) == {type(None): 1, WrongStatus: 7}
    assert Event.objects.filter(name="commissions.plan_published").count() == 1
    assert Plan.objects.get().number == 1


def test_whoever_edits_at_that_moment_does_not_publish(qian: User, feng: User) -> None:
    [made] = drafts(qian, 1)

    _edited, refusal = run_during_transaction(
        lambda: record_edit(plan=made, by=feng, at=NOON),
        lambda: publish(plan=Plan.objects.get(pk=made.pk), by=feng, at=NOON),
    )

    assert isinstance(refusal, SelfApprovalForbidden)
    assert Plan.objects.get().status == Plan.Status.DRAFT


def test_control_numbers_read_without_taking_turns_collide(qian: User, feng: User) -> None:
    made = drafts(qian, 4)
    meet = threading.Barrier(4)

    def number(plan: Plan) -> int:
        last = Plan.objects.aggregate(last=Max("number"))["last"] or 0
        meet.wait(30)
        return last + 1

    assert run_concurrently(*[partial(number, one) for one in made]) == [1] * 4
