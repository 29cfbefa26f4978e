"""Each member gets one event of a credit or a clawback, whatever happens to the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from django.db import connection, models

from commissions.models import AnnouncedClawback, CreditedMember
from commissions.services import (
    member_clawbacks,
    member_credits,
    record_member_clawbacks,
    record_member_credits,
)
from events.models import Delivery
from tests.commissions.member_events import (
    HALF,
    Killed,
    deliver_all,
    die_at_second_event,
    events,
    settled,
    tell,
    told,
)
from tests.concurrency import run_concurrently
from tests.shop import DAY


@dataclass(frozen=True)
class Case:
    """``cause`` is the event that ``follow`` follows; ``rows`` make each ``effect`` unique."""

    happen: Callable[[], object]
    cause: str
    effect: str
    follow: Callable[[Any], None]
    module: ModuleType
    verb: str
    rows: type[models.Model]

    def names(self) -> list[str]:
        return sorted(name for name, _ in told(self.effect))

    def recorded(self) -> int:
        return self.rows._default_manager.count()

    def die_at_second_event(self, patch: pytest.MonkeyPatch) -> None:
        if self.module is member_credits:
            patch.setattr(member_credits, "MEMBERS_PER_SLICE", 1)
        die_at_second_event(patch, self.module, self.verb)


CASES = [
    Case(
        settled, "commissions.credited", "commissions.credited_to_member",
        record_member_credits, member_credits, "record_each", CreditedMember,
    ),
    Case(
        lambda: tell(settled(), HALF),
        "commissions.clawed_back", "commissions.clawed_back_from_member",
        record_member_clawbacks, member_clawbacks, "record", AnnouncedClawback,
    ),
]  # fmt: skip
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.cause)


@pytest.mark.django_db
@each_case
def test_an_event_that_is_delivered_twice_changes_nothing(case: Case) -> None:
    case.happen()
    case.follow(events(case.cause))
    before = told(case.effect)

    case.follow(events(case.cause))

    assert told(case.effect) == before
    assert case.recorded() == 2


@each_case
def test_a_killed_worker_resumes_with_the_members_that_are_missing(
    committed: str, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    """Each member or slice commits by itself, so the second call has only the rest to do."""
    case.happen()
    with monkeypatch.context() as patch:
        case.die_at_second_event(patch)
        with pytest.raises(Killed):
            case.follow(events(case.cause))
    assert len(told(case.effect)) == case.recorded() == 1

    case.follow(events(case.cause))

    assert case.names() == ["Lan", "Mei"]


@each_case
def test_a_killed_delivery_is_delivered_again(
    committed: str, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    """A delivery and its rows are one transaction: the killed one leaves nothing of its own."""
    case.happen()
    with monkeypatch.context() as patch:
        case.die_at_second_event(patch)
        with pytest.raises(Killed):
            deliver_all()
    connection.close()

    deliver_all(after=2 * DAY)

    assert case.names() == ["Lan", "Mei"]
    assert not Delivery.objects.exists()


@each_case
def test_workers_that_deliver_at_once_record_each_member_once(committed: str, case: Case) -> None:
    case.happen()
    follow = partial(case.follow, events(case.cause))

    run_concurrently(follow, follow, follow)
    follow()

    assert case.names() == ["Lan", "Mei"]
    assert case.recorded() == 2
