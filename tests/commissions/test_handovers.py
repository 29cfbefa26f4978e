"""A draft is handed over, stays as it is, and is published or returned by a second person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from commissions.models import Plan, Rule
from commissions.plan_cache import plans_in_force
from commissions.services import draft, publish, record_edit, return_to_draft, reviewers, submit
from commissions.services.handovers import ReviewerNotSuitable
from commissions.services.plans import (
    PlanChanged,
    PlanNotCompliant,
    PlanStartInvalid,
    SelfApprovalForbidden,
    plan_seal,
)
from common.errors import ReasonRequired
from common.status import WrongStatus
from events.models import Event
from members.models import User
from tests.cast import NOON, give, staff
from tests.commissions.test_plans import database_rows, refusal
from tests.shop import DAY, rule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def drafted(qian: User) -> Plan:
    return draft(name="双十二", by=qian, at=NOON, rules=[rule()])


@pytest.fixture
def publisher(feng: User) -> User:
    return give(feng, "publish_plan")


@pytest.fixture
def submitted(drafted: Plan, qian: User, publisher: User) -> Plan:
    submit(plan=drafted, by=qian, at=NOON, reviewer=publisher, note="周五前")
    return drafted


def test_a_draft_waits_for_the_person_who_was_named(
    submitted: Plan, qian: User, publisher: User
) -> None:
    lan = give(staff("Lan"), "publish_plan")

    submitted.refresh_from_db()
    assert (submitted.status, submitted.submitted_by, submitted.reviewer, submitted.note) == (
        "submitted", qian, publisher, "周五前",
    )  # fmt: skip
    assert list(Plan.objects.waiting_for(publisher)) == [submitted]
    assert list(Plan.objects.waiting_for(qian)) == []
    assert list(Plan.objects.waiting_for(lan)) == []
    event = Event.objects.latest("pk")
    assert (event.name, event.actor_id, event.data["reviewer"]) == (
        "commissions.plan_submitted", "qian", "feng",
    )  # fmt: skip


def test_without_a_name_it_waits_for_everyone_but_its_editors(
    drafted: Plan, qian: User, publisher: User
) -> None:
    submit(plan=drafted, by=qian, at=NOON)

    assert list(Plan.objects.waiting_for(publisher)) == [drafted]
    assert list(Plan.objects.waiting_for(qian)) == []


def test_the_reviewer_publishes_it(submitted: Plan, publisher: User) -> None:
    publish(plan=submitted, by=publisher, at=NOON + DAY, seal=plan_seal(submitted))

    submitted.refresh_from_db()
    assert (submitted.status, submitted.number, submitted.starts_at) == ("published", 1, NOON + DAY)
    assert list(Plan.objects.waiting_for(publisher)) == []


def test_who_hands_over_does_not_publish(drafted: Plan, publisher: User) -> None:
    submit(plan=drafted, by=publisher, at=NOON)

    with pytest.raises(SelfApprovalForbidden):
        publish(plan=drafted, by=publisher, at=NOON)


def test_reviewers_have_the_right_and_are_no_editors(drafted: Plan, qian: User) -> None:
    give(qian, "publish_plan")
    lan, away = give(staff("Lan"), "publish_plan"), give(staff("Away"), "publish_plan")
    User.objects.filter(pk=away.pk).update(is_active=False)
    staff("Wei")

    assert list(reviewers(drafted)) == [lan]


@pytest.mark.parametrize("who", ["qian", "wei"])
def test_a_person_who_may_not_publish_it_is_not_asked(drafted: Plan, qian: User, who: str) -> None:
    person = give(qian, "publish_plan") if who == "qian" else staff("Wei")
    before = database_rows()

    with pytest.raises(ReviewerNotSuitable, match=who):
        submit(plan=drafted, by=qian, at=NOON, reviewer=person)

    assert database_rows() == before


def test_a_plan_that_cannot_be_published_is_not_handed_over(qian: User) -> None:
    above_cap = draft(name="P", by=qian, at=NOON, rules=[rule(4_000, 600)], cap=3_000)
    before = database_rows()

    with pytest.raises(PlanNotCompliant, match="40%, more than the plan's cap of 30%"):
        submit(plan=above_cap, by=qian, at=NOON)

    assert database_rows() == before


def test_a_plan_that_was_handed_over_is_fixed(submitted: Plan, qian: User) -> None:
    before = database_rows()

    with pytest.raises(WrongStatus):
        record_edit(plan=submitted, by=qian, at=NOON)
    with pytest.raises(WrongStatus):
        submit(plan=submitted, by=qian, at=NOON)
    for statement in (
        "UPDATE commissions_rule SET tier1 = 1", "DELETE FROM commissions_rule",
        ("INSERT INTO commissions_rule (plan_id, layer, priority, kind, base, asset)"
        " SELECT id, 'store', 9, 'percent', 'paid', 'cash' FROM commissions_plan"),
    ):  # fmt: skip
        assert refusal(statement) == "plan_submitted_fixed"
    for statement in ("UPDATE commissions_plan SET cap = 1", "DELETE FROM commissions_plan"):
        assert refusal(statement) in ("plan_published_immutable", "plan_submitted_fixed")

    assert database_rows() == before


def test_a_plan_is_returned_with_a_reason(submitted: Plan, publisher: User, qian: User) -> None:
    return_to_draft(plan=submitted, by=publisher, at=NOON, reason="  二级太高 ")

    submitted.refresh_from_db()
    assert (submitted.status, submitted.return_reason, submitted.reviewer) == (
        "draft", "二级太高", None,
    )  # fmt: skip
    record_edit(plan=submitted, by=publisher, at=NOON)
    submit(plan=submitted, by=qian, at=NOON)
    submitted.refresh_from_db()
    assert submitted.return_reason == ""
    names = Event.objects.filter(name__startswith="commissions.plan").order_by("pk")
    assert [name.rsplit("_", 1)[1] for name in names.values_list("name", flat=True)] == [
        "drafted", "submitted", "returned", "edited", "submitted",
    ]  # fmt: skip


@pytest.mark.parametrize("reason", ["", "   ", "长" * 201])
def test_a_return_needs_a_short_reason(submitted: Plan, publisher: User, reason: str) -> None:
    before = database_rows()

    with pytest.raises(ReasonRequired):
        return_to_draft(plan=submitted, by=publisher, at=NOON, reason=reason)

    assert database_rows() == before


def test_only_a_plan_that_was_handed_over_is_returned(drafted: Plan, qian: User) -> None:
    with pytest.raises(WrongStatus):
        return_to_draft(plan=drafted, by=qian, at=NOON, reason="x")


def test_what_changed_since_it_was_read_is_not_published(
    submitted: Plan, qian: User, publisher: User
) -> None:
    seal = plan_seal(submitted)
    return_to_draft(plan=submitted, by=qian, at=NOON, reason="改一下")
    Rule.objects.update(tier1=1_100)
    submit(plan=submitted, by=qian, at=NOON)
    before = database_rows()

    with pytest.raises(PlanChanged):
        publish(plan=submitted, by=publisher, at=NOON, seal=seal)

    assert database_rows() == before


def test_a_plan_starts_later(submitted: Plan, publisher: User) -> None:
    publish(plan=submitted, by=publisher, at=NOON, starts_at=NOON + 3 * DAY)

    moments = [NOON + DAY, NOON + 3 * DAY]
    assert plans_in_force(moments) == {NOON + DAY: None, NOON + 3 * DAY: submitted}
    assert list(Plan.objects.scheduled(NOON + DAY)) == [submitted]
    assert list(Plan.objects.in_force(NOON + DAY)) == []
    assert list(Plan.objects.in_force(NOON + 3 * DAY)) == [submitted]


def test_of_two_plans_that_start_together_the_later_version_counts(
    submitted: Plan, publisher: User, qian: User
) -> None:
    publish(plan=submitted, by=publisher, at=NOON, starts_at=NOON + DAY)
    other = draft(name="Other", by=qian, at=NOON, rules=[rule()])
    publish(plan=other, by=publisher, at=NOON, starts_at=NOON + DAY)

    assert plans_in_force([NOON + DAY])[NOON + DAY] == other


@pytest.mark.parametrize("start", [-timedelta(seconds=1), timedelta(days=367)])
def test_a_start_lies_within_a_year_from_now(
    drafted: Plan, qian: User, publisher: User, start: timedelta
) -> None:
    before: list[Any] = database_rows()

    with pytest.raises(PlanStartInvalid):
        submit(plan=drafted, by=qian, at=NOON, starts_at=NOON + start)
    with pytest.raises(PlanStartInvalid):
        publish(plan=drafted, by=publisher, at=NOON, starts_at=NOON + start)

    assert database_rows() == before


def test_the_database_wants_to_know_who_handed_over(drafted: Plan) -> None:
    assert refusal("UPDATE commissions_plan SET status = 'submitted'") == (
        "plan_submitted_has_submitter"
    )
    assert refusal("UPDATE commissions_plan SET submitted_at = now()") == (
        "plan_submitted_has_submitter"
    )
