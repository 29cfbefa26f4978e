"""The ranking of a contest: live, masked, and as cheap with a million participants."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives import ranking as module
from incentives.models import Progress, Version
from incentives.ranking import OwnPlace, Ranking, RankingRow, ranking, shared_ranks
from members.models import Member
from tests.cast import NOON, member
from tests.incentives.contests.stage import (
    WEEK_START,
    close,
    contest,
    open_stage,
    release,
    sell,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def week(db: None) -> Version:
    open_stage()
    return contest()


def shown(version: Version, size: int = 10, of: str = "") -> Ranking:
    own = member(of) if of else None
    return ranking(version=version, period_start=WEEK_START, size=size, of=own)


def test_equal_values_share_the_better_place() -> None:
    assert shared_ranks([9, 7, 7, 7, 5, 5, 1]) == [1, 2, 2, 2, 5, 5, 7]
    assert shared_ranks([]) == []


def test_names_are_masked_and_the_own_line_is_marked(week: Version) -> None:
    sell("Lan", 100_000)
    sell("Chen", 50_000)
    sell("Mei", 50_000)
    release()
    assert shown(week, of="Chen").places == [
        RankingRow(1, "L**", 100_000),
        RankingRow(2, "C**", 50_000, is_own=True),
        RankingRow(2, "M**", 50_000),
    ]


def test_what_is_not_completed_is_shown_as_coming(week: Version) -> None:
    sell("Lan", 100_000)
    found = shown(week, of="Lan")
    assert found.places == []
    assert found.own == OwnPlace(rank=None, value=0, coming=100_000, missing=1)


def test_the_own_place_says_what_is_missing(week: Version) -> None:
    sell("Lan", 100_000)
    sell("Chen", 30_000)
    release()
    assert shown(week, of="Chen").own == OwnPlace(2, 30_000, 0, missing=70_000)
    assert shown(week, of="Lan").own == OwnPlace(1, 100_000, 0, missing=0)
    assert shown(week, of="Mei").own == OwnPlace(None, 0, 0, missing=30_000)


def test_it_is_final_after_the_close(week: Version) -> None:
    sell("Lan", 100_000)
    release()
    assert not shown(week).is_final
    close()
    assert shown(week).is_final


def crowd(version: Version, count: int) -> None:
    """Let many others take part: one by one they would take minutes."""
    Member.objects.bulk_create(
        Member(nickname=f"P{number}", joined_at=NOON) for number in range(count)
    )
    people = Member.objects.filter(nickname__startswith="P").values_list("pk", flat=True)
    Progress.objects.bulk_create(
        Progress(incentive_id=version.incentive_id, member_id=key, period_start=WEEK_START,
                 value=1_000_000 + place)
        for place, key in enumerate(people)
    )  # fmt: skip


def test_far_behind_nobody_is_counted(week: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COUNTED", 3)
    sell("Lan", 100_000)
    release()
    crowd(week, 2)
    assert shown(week, of="Lan").own == OwnPlace(3, 100_000, 0, missing=900_000)
    crowd_of_one = Member.objects.create(nickname="Q", joined_at=NOON)
    Progress.objects.create(
        incentive=week.incentive, member=crowd_of_one, period_start=WEEK_START, value=200_000
    )
    assert shown(week, of="Lan").own == OwnPlace(None, 100_000, 0, missing=100_000)


def test_more_participants_need_no_more_queries(week: Version) -> None:
    sell("Lan", 100_000)
    release()

    lan = member("Lan")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            ranking(version=week, period_start=WEEK_START, size=10, of=lan)
        return len(seen)

    few = queries()
    crowd(week, 60)
    assert queries() == few <= 6


def test_the_index_has_the_order(week: Version) -> None:
    crowd(week, 5_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incentives_progress")
    rows = module._in_order(module._rows(week, WEEK_START)).values_list("member", "value")[:100]
    plan = rows.explain()
    assert "progress_ranking" in plan
    assert "Sort" not in plan
