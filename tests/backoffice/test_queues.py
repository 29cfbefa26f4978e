"""Queues count what waits for a person, and lead from one row to the next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from backoffice import queues
from backoffice.queues import Queue, Summary
from distribution.models import Application
from distribution.services import apply, approve
from members.models import User
from tests.cast import NOON, give, member

HOUR = timedelta(hours=1)
LATER = NOON + 10 * HOUR
SUBMITTED = Q(status=Application.Status.SUBMITTED)


def queue(name: str = "trial", **changes: object) -> Queue:
    values = {
        "title": "Trial", "icon": "inbox", "model": "distribution.application",
        "permission": "distribution.change_application",
        "waiting": lambda _user: Application.objects.filter(SUBMITTED),
        "since": "submitted_at", "limit": 8 * HOUR,
    }  # fmt: skip
    return Queue(name=name, **{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setattr(queues, "_queues", {})
    return queues.register(queue())


@pytest.fixture
def applications(db: None) -> list[Application]:
    """Zhao, Yu and Sun apply, an hour after each other."""
    names = ("Zhao", "Yu", "Sun")
    return [apply(member=member(name), at=NOON + n * HOUR) for n, name in enumerate(names)]


def test_a_queue_is_open_to_those_who_decide(registered: Queue, qian: User, feng: User) -> None:
    assert queues.of(give(qian, "change_application")) == [registered]
    assert queues.of(feng) == []
    assert queues.get("trial") is registered


def test_queues_come_in_their_order(registered: Queue, qian: User) -> None:
    first, last = queue("first", order=10), queue("last", order=60)
    for added in (last, first):
        queues.register(added)
    assert queues.of(give(qian, "change_application")) == [first, registered, last]


def test_the_address_names_tab_and_row() -> None:
    plain = queue()
    assert queues.url(plain) == "/admin/distribution/application/"
    applications = queues.get("applications")
    assert queues.url(applications) == "/admin/queues/applications/"
    assert queues.url(applications, tab="waiting", row=7) == "/admin/queues/applications/?row=7"
    assert queues.url(applications, tab="rejected") == "/admin/queues/applications/?tab=rejected"


def test_tabs_are_counted_in_one_query(applications: list[Application], qian: User) -> None:
    approve(application=applications[0], by=give(qian, "change_application"), at=LATER)
    with CaptureQueriesContext(connection) as captured:
        counts = queues.tab_counts(queues.get("applications"), qian)
    assert counts == {"waiting": 2, "approved": 1, "rejected": 0}
    assert len(captured) == 1


def test_one_of_several_permissions_opens_a_queue(qian: User) -> None:
    both = queue(permission=("distribution.change_application", "risk.change_case"))
    assert both.is_open_to(give(qian, "change_case"))
    assert not queue().is_open_to(qian)


def test_a_name_belongs_to_one_queue(registered: Queue) -> None:
    with pytest.raises(ImproperlyConfigured):
        queues.register(queue())


def test_a_summary_counts_waiting_and_late_rows(
    registered: Queue, applications: list[Application], qian: User
) -> None:
    with CaptureQueriesContext(connection) as captured:
        found = queues.summary(registered, qian, LATER)

    assert found == Summary(count=3, oldest=NOON, late=2)
    assert len(captured) == 1
    approve(application=applications[0], by=give(qian, "change_application"), at=LATER)
    assert queues.summary(registered, qian, LATER) == Summary(2, NOON + HOUR, 1)


def test_a_row_is_late_only_after_the_limit(
    registered: Queue, applications: list[Application], qian: User
) -> None:
    assert queues.summary(registered, qian, NOON + 8 * HOUR).late == 0
    assert queues.summary(registered, qian, NOON + 8 * HOUR + HOUR / 60).late == 1


def test_without_a_limit_nothing_is_late(
    monkeypatch: pytest.MonkeyPatch, applications: list[Application], qian: User
) -> None:
    monkeypatch.setattr(queues, "_queues", {})
    unlimited = queues.register(queue(limit=None))
    assert queues.summary(unlimited, qian, LATER) == Summary(3, NOON, 0)


def test_a_limit_can_be_a_setting(
    monkeypatch: pytest.MonkeyPatch, applications: list[Application], qian: User
) -> None:
    monkeypatch.setattr(queues, "_queues", {})
    set_by_policy = queues.register(queue(limit=lambda: 10 * HOUR))
    assert queues.summary(set_by_policy, qian, LATER + HOUR / 2).late == 1


def test_several_queues_are_counted_in_one_query(
    registered: Queue, applications: list[Application], qian: User
) -> None:
    none = queues.register(queue("none", waiting=lambda _user: Application.objects.none()))
    rejected = queues.register(
        queue("rejected", waiting=lambda _user: Application.objects.filter(status="rejected"))
    )
    with CaptureQueriesContext(connection) as captured:
        found = queues.summaries([registered, none, rejected], qian, LATER)

    assert len(captured) == 1
    assert found["trial"].count == 3
    assert found["none"] == found["rejected"] == Summary()


def test_a_long_queue_is_counted_up_to_a_cap(
    registered: Queue,
    applications: list[Application],
    qian: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queues, "COUNTED", 2)
    found = queues.summary(registered, qian, LATER)
    assert (found.count, found.label, found.oldest) == (3, "2+", NOON)
    monkeypatch.setattr(queues, "COUNTED", 3)
    assert found.label == "3"


def test_next_is_the_row_that_follows_then_the_oldest(
    registered: Queue, applications: list[Application], qian: User
) -> None:
    first, second, third = applications
    assert queues.next_row(registered, qian, first) == second
    assert queues.next_row(registered, qian, third) == first
    approve(application=second, by=give(qian, "change_application"), at=LATER)
    assert queues.next_row(registered, qian, first) == third
    assert queues.next_row(registered, qian, second) == third


def test_rows_of_one_moment_follow_in_the_order_of_their_keys(
    registered: Queue, qian: User
) -> None:
    first, second, third = (apply(member=member(name), at=NOON) for name in ("Yu", "Li", "Bo"))
    assert queues.next_row(registered, qian, first) == second
    assert queues.next_row(registered, qian, second) == third
    assert queues.next_row(registered, qian, third) == first


def test_after_the_last_row_nothing_is_next(registered: Queue, qian: User) -> None:
    only = apply(member=member("Yu"), at=NOON)
    assert queues.next_row(registered, qian, only) is None
