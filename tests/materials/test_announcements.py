"""Announcements are shown to their audience while they run, and stay on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from common.errors import PermissionMissing, ReasonRequired
from common.status import WrongStatus
from events.models import Event
from materials.models import Announcement
from materials.services import (
    AnnouncementOver,
    publish_announcement,
    withdraw_announcement,
)
from members.models import Member, User
from sharing.wording import WordsForbidden
from tests.api.phone import Phone
from tests.cast import NOON
from tests.materials.media import announced, announcement, at_level, operator
from tests.materials.test_admin import PRESS, url
from tests.shop import DAY, distributor

pytestmark = pytest.mark.django_db


def titles(who: Member) -> list[str]:
    return [row["title"] for row in Phone(who).get("/announcements").json()["announcements"]]


def test_an_announcement_is_laid_out_in_blocks(bo: Member) -> None:
    row = announced(text="## 双十二\n周五开始。\n- 一\n- 二")

    body = Phone(bo).get("/announcements").json()

    assert body == {
        "announcements": [
            {
                "id": row.public_id, "title": "发货通知", "version": 1, "is_pinned": False,
                "published_at": "2026-11-01T12:00:00+08:00",
                "blocks": [
                    {"kind": "heading", "text": "双十二", "items": []},
                    {"kind": "paragraph", "text": "周五开始。", "items": []},
                    {"kind": "list", "text": "", "items": ["一", "二"]},
                ],
            }
        ]
    }  # fmt: skip


def test_announcements_are_for_their_audience_and_level(
    bo: Member, lan: Member, mei: Member
) -> None:
    distributor(lan)
    gold = at_level(mei, 5)
    announced(title="all")
    announced(title="sellers", audience="distributors")
    announced(title="gold", audience="distributors", lowest_level=gold)
    announcement(title="draft")

    assert titles(bo) == ["all"]
    assert titles(lan) == ["sellers", "all"]
    assert titles(mei) == ["gold", "sellers", "all"]


def test_pinned_ones_come_first_and_only_what_runs_is_shown(
    bo: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced(title="pinned", is_pinned=True)
    announced(title="now", starts_at=NOON, ends_at=NOON + DAY)
    announced(title="always")
    announced(title="tomorrow", starts_at=NOON + DAY)

    def at(moment: Any) -> list[str]:
        monkeypatch.setattr("common.clock.now", lambda: moment)
        return titles(bo)

    assert at(NOON) == ["pinned", "always", "now"]
    assert at(NOON + DAY - timedelta(seconds=1)) == ["pinned", "always", "now"]
    assert at(NOON + DAY) == ["pinned", "tomorrow", "always"]


def test_withdrawing_hides_it_and_is_on_record(bo: Member) -> None:
    row = announced()

    withdraw_announcement(announcement=row, reason="改期", by=operator(), at=NOON)

    assert titles(bo) == []
    assert Event.objects.get(name="materials.announcement_withdrawn").data == {
        "version": 1, "reason": "改期",
    }  # fmt: skip
    publish_announcement(announcement=row, by=operator(), at=NOON)
    assert Phone(bo).get("/announcements").json()["announcements"][0]["version"] == 2


def test_one_that_is_published_and_over_is_not_published_again() -> None:
    row = announced(ends_at=NOON + DAY)

    with pytest.raises(WrongStatus):
        publish_announcement(announcement=row, by=operator(), at=NOON + DAY)
    row.refresh_from_db()
    assert (row.status, row.version, row.published_at) == ("published", 1, NOON)
    assert Event.objects.filter(name="materials.announcement_published").count() == 1


def test_refusals_publish_nothing(feng: User) -> None:
    row = announcement()
    over = announcement(ends_at=NOON)
    forbidden = announcement(text="全网最低价，稳赚不赔")

    with pytest.raises(PermissionMissing):
        publish_announcement(announcement=row, by=feng, at=NOON)
    with pytest.raises(AnnouncementOver):
        publish_announcement(announcement=over, by=operator(), at=NOON)
    with pytest.raises(WordsForbidden):
        publish_announcement(announcement=forbidden, by=operator(), at=NOON)
    assert not Announcement.objects.exclude(status="draft").exists()

    publish_announcement(announcement=row, by=operator(), at=NOON)
    with pytest.raises(WrongStatus):
        publish_announcement(announcement=row, by=operator(), at=NOON)
    with pytest.raises(ReasonRequired):
        withdraw_announcement(announcement=row, reason=" ", by=operator(), at=NOON)
    row.refresh_from_db()
    assert (row.status, row.version) == ("published", 1)


def test_the_database_keeps_what_was_published() -> None:
    announced()
    for change in (
        lambda: Announcement.objects.update(text="Other"),
        lambda: Announcement.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""}, {"text": ""}, {"starts_at": NOON, "ends_at": NOON}, {"audience": "nobody"},
        {"status": "unknown"},
    ],
)  # fmt: skip
def test_the_database_refuses(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        announcement(**fields)


def test_the_office_makes_publishes_and_withdraws_one(as_boss: Client) -> None:
    form = {"title": "放假", "text": "<b>春节</b>", "audience": "members"}
    as_boss.post(url("add", model="announcement"), form)
    row = Announcement.objects.get()

    as_boss.post(url("publish", row.pk, model="announcement"), PRESS)
    page = as_boss.get(url("change", row.pk, model="announcement")).content.decode()
    row.refresh_from_db()
    assert row.status == "published"
    assert "&lt;b&gt;春节&lt;/b&gt;</p>" in page

    as_boss.post(url("withdraw", row.pk, model="announcement"), PRESS)
    row.refresh_from_db()
    assert row.status == "withdrawn"
