"""Copies and downloads count once for a member and day, without a hot row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common import clock
from materials import services
from materials.models import Material, MaterialDay, MaterialUse
from members.closing import close_member
from members.models import Member
from tests.api.phone import Phone, outcome
from tests.cast import NOON
from tests.integration.test_merges import merge
from tests.materials.media import published

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def use(who: Member, row: Material, at: Any = NOON, action: str = "copy") -> bool:
    return services.record_use(member=who, material=row, action=action, at=at)


def days(row: Material) -> list[tuple[str, int, int]]:
    services.count_uses()
    return [(day.day.isoformat(), day.copies, day.downloads) for day in row.days.order_by("day")]


def test_a_member_counts_once_a_day_and_action(bo: Member, chen: Member) -> None:
    row = published()

    assert use(bo, row)
    assert not use(bo, row)
    assert use(bo, row, action="download")
    assert use(chen, row)
    assert use(bo, row, NOON + DAY)

    assert days(row) == [("2026-11-01", 2, 1), ("2026-11-02", 1, 0)]


def test_a_day_is_that_of_shanghai(bo: Member) -> None:
    row = published()
    midnight = clock.day_start(clock.business_day(NOON + DAY))

    assert use(bo, row, midnight - timedelta(seconds=1))
    assert use(bo, row, midnight)

    assert [day for day, _, _ in days(row)] == ["2026-11-01", "2026-11-02"]


def test_totals_are_added_up_once(bo: Member, chen: Member) -> None:
    row = published()
    use(bo, row)
    assert (services.count_uses(), services.count_uses()) == (1, 0)
    use(chen, row)

    assert days(row) == [("2026-11-01", 2, 0)]


def test_the_api_says_whether_it_counts(bo: Member) -> None:
    row = published()
    path = f"/materials/{row.public_id}/used"

    answers = [Phone(bo).post(path, body).json() for body in ({}, {"action": "copy"})]
    download = Phone(bo).post(path, {"action": "download"}).json()
    services.count_uses()

    assert answers == [{"counted": True}, {"counted": False}]
    assert download == {"counted": True}
    body = Phone(bo).get(f"/materials/{row.public_id}").json()
    assert (body["copies"], body["downloads"]) == (1, 1)


@pytest.mark.parametrize("body", [{"action": "share"}, {"action": None}, {"count": 2}])
def test_an_unknown_action_counts_nothing(bo: Member, body: Any) -> None:
    row = published()

    assert outcome(Phone(bo).post(f"/materials/{row.public_id}/used", body)) == (
        400, "invalid_input",
    )  # fmt: skip
    assert not MaterialUse.objects.exists()


def test_the_database_takes_a_use_once(bo: Member) -> None:
    row = published()
    use(bo, row)

    with pytest.raises(IntegrityError), transaction.atomic():
        MaterialUse.objects.create(
            material=row, member=bo, action="copy", day=clock.business_day(NOON)
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        MaterialUse.objects.update(day=clock.business_day(NOON + DAY))


def test_who_used_what_is_forgotten_after_half_a_year(bo: Member) -> None:
    row = published()
    use(bo, row)
    late = NOON + 181 * DAY

    assert services.forget_old_uses(at=late) == 0  # not in the totals yet
    before = days(row)
    assert services.forget_old_uses(at=NOON + 179 * DAY) == 0
    assert services.forget_old_uses(at=late) == 1

    assert not MaterialUse.objects.exists()
    assert days(row) == before


def test_a_closed_account_leaves_the_totals_and_no_name(bo: Member, chen: Member) -> None:
    row = published()
    use(bo, row)
    use(chen, row)

    close_member(member=bo, at=NOON)

    assert set(MaterialUse.objects.values_list("member", flat=True)) == {None, chen.pk}
    assert days(row) == [("2026-11-01", 2, 0)]


def test_uses_of_several_who_left_are_kept_apart(bo: Member, chen: Member) -> None:
    row = published()
    for who in (bo, chen):
        use(who, row)
        close_member(member=who, at=NOON)

    assert days(row) == [("2026-11-01", 2, 0)]


def test_a_merged_member_and_the_survivor_are_one(bo: Member, chen: Member) -> None:
    row = published()
    use(chen, row)
    merge(chen, bo)

    assert not use(bo, row)
    (exported,) = Phone(bo).get("/me/data").json()["materials"]

    assert exported == {
        "material": row.public_id, "title": row.title, "action": "copy", "day": "2026-11-01",
    }  # fmt: skip


def test_the_export_has_nobody_elses(bo: Member, chen: Member) -> None:
    use(chen, published())

    assert Phone(bo).get("/me/data").json()["materials"] == []


def test_totals_of_many_materials_are_added_in_one_turn(bo: Member) -> None:
    rows = [published(title=str(number)) for number in range(3)]

    assert services.record_uses(member=bo, materials=rows, action="download", at=NOON) == 3
    assert services.record_uses(member=bo, materials=rows, action="download", at=NOON) == 0
    assert services.count_uses() == 3
    assert MaterialDay.objects.count() == 3
