"""The state of an incentive is the same on its page, in lists and in filters."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db.models import Prefetch

from incentives.models import Incentive, Version
from incentives.services.drafts import create_draft
from incentives.services.publication import stop, submit
from incentives.states import State, in_state, main_version, newest_first, state_of
from tests.cast import NOON, staff
from tests.incentives.offers import draft, published
from tests.shop import DAY, sku

pytestmark = pytest.mark.django_db
NOW = NOON + 10 * DAY


@pytest.fixture
def offers(db: None) -> dict[str, Version]:
    """Return an incentive in each state, by what it should be."""
    sku()
    qian = staff("Qian")
    waiting = draft()
    submit(version=waiting, by=qian, at=NOON)
    stopped = published()
    stop(incentive=stopped.incentive, by=qian, at=NOON + DAY, reason="too dear")
    later = published()
    later = published(based_on=later, starts_at=NOON + 30 * DAY)
    return {
        "draft": draft(),
        "waiting": waiting,
        "scheduled": published(starts_at=NOW + DAY),
        "running": published(),
        "ended": published(ends_at=NOON + 2 * DAY),
        "stopped": stopped,
        "running, with a next version": later,
        "running, with a draft": create_draft(by=qian, at=NOON, based_on=published()),
    }


def states(at: datetime) -> dict[int, str]:
    rows = Incentive.objects.prefetch_related(Prefetch("versions", newest_first()))
    return {row.pk: str(state_of(row, list(row.versions.all()), at=at)) for row in rows}


def test_each_state_is_what_its_versions_say(offers: dict[str, Version]) -> None:
    found = states(NOW)

    for name, version in offers.items():
        assert found[version.incentive_id] == name.partition(",")[0], name


@pytest.mark.slow
@pytest.mark.parametrize("days", [0, 1, 3, 12, 40])
def test_the_filter_and_the_page_agree_at_any_time(offers: dict[str, Version], days: int) -> None:
    at = NOON + days * DAY
    found = states(at)

    for state in State:
        rows = Incentive.objects.filter(in_state(state, at=at))
        assert set(rows.values_list("pk", flat=True)) == {
            key for key, name in found.items() if name == state
        }, state


@pytest.mark.slow
def test_the_version_in_force_stands_for_the_incentive(offers: dict[str, Version]) -> None:
    later = offers["running, with a next version"]
    versions = list(newest_first().filter(incentive=later.incentive_id))

    now, then = (main_version(versions, at=at) for at in (NOW, NOON + 40 * DAY))

    assert [row.number for row in (now, then) if row] == [1, 2]
