"""Expired bindings end at their expiry."""

from __future__ import annotations

import pytest

from distribution import tasks
from distribution.models import Binding
from distribution.services import expire_bindings
from events.models import Event
from members.models import Member
from tests.cast import NOON, member
from tests.distribution.people import rows, set_policy, upline
from tests.shop import DAY, distributor, make_referral


@pytest.fixture
def five(mei: Member) -> None:
    set_policy(binding_days=10)
    distributor(mei)
    for number in range(5):
        make_referral(mei, member(f"Member {number}"), at=NOON + number * DAY)


def test_a_binding_ends_at_its_expiry_however_late_the_task_runs(five: None) -> None:
    assert expire_bindings(at=NOON + 12 * DAY) == 3

    ended = Binding.objects.exclude(ended_at=None).order_by("pk")
    assert [binding.ended_at for binding in ended] == [NOON + days * DAY for days in (10, 11, 12)]
    assert {binding.end_reason for binding in ended} == {"expired"}
    assert Event.objects.filter(name="distribution.expired").count() == 3


def test_a_second_run_expires_nothing(five: None) -> None:
    expire_bindings(at=NOON + 100 * DAY)
    before = rows()

    assert expire_bindings(at=NOON + 100 * DAY) == 0
    assert rows() == before


def test_bindings_expire_in_batches(five: None) -> None:
    at = NOON + 100 * DAY
    assert [expire_bindings(at=at, limit=2) for _turn in range(4)] == [2, 2, 1, 0]


def test_a_binding_without_expiry_stays(mei: Member, lan: Member) -> None:
    distributor(mei)
    make_referral(mei, lan)

    assert expire_bindings(at=NOON + 10_000 * DAY) == 0
    assert upline(lan) == "Mei"


def test_a_batch_of_any_size_needs_the_same_queries(
    five: None, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_max_num_queries(6):
        expire_bindings(at=NOON + 100 * DAY)


def test_the_task_runs_until_nothing_is_left(five: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "BATCH_SIZE", 2)
    monkeypatch.setattr("common.clock.now", lambda: NOON + 100 * DAY)

    tasks.expire_bindings()

    assert not Binding.objects.filter(ended_at=None).exists()
