"""Members read training courses; each version is read for itself, and that stays on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction

from common.errors import PermissionMissing
from common.status import WrongStatus
from events.models import Event
from materials.models import Course, CourseReading
from materials.rules import Block, blocks
from materials.services import load_shipped_courses, publish_course, withdraw_course
from materials.services.shipped import shipped_courses
from members.closing import close_member
from members.models import Member, User
from tests.api.phone import Phone, outcome
from tests.cast import NOON
from tests.integration.test_merges import merge
from tests.materials.media import at_level, course, mp4, operator, published
from tests.shop import distributor

pytestmark = pytest.mark.django_db


def read(who: Member, row: Course, version: Any = 1) -> Any:
    return Phone(who).post(f"/courses/{row.public_id}/read", {"version": version})


def next_version(row: Course) -> None:
    withdraw_course(course=row, reason="改版", by=operator(), at=NOON)
    publish_course(course=row, by=operator(), at=NOON)


def test_a_course_is_laid_out_in_blocks(bo: Member) -> None:
    row = course(summary="必读", is_required=True)

    body = Phone(bo).get(f"/courses/{row.public_id}").json()

    assert body == {
        "id": row.public_id, "title": "合规", "summary": "必读", "version": 1, "is_required": True,
        "published_at": "2026-11-01T12:00:00+08:00", "is_read": False,
        "blocks": [
            {"kind": "heading", "text": "广告", "items": []},
            {"kind": "paragraph", "text": "请标明。", "items": []},
            {"kind": "list", "text": "", "items": ["一", "二"]},
        ],
    }  # fmt: skip


def test_required_ones_come_first_and_are_counted_until_read(bo: Member) -> None:
    course(title="later", position=2)
    course(title="first", position=1)
    required = course(title="required", is_required=True, position=9)

    before = Phone(bo).get("/courses").json()
    answer = read(bo, required)
    after = Phone(bo).get("/courses").json()

    assert [row["title"] for row in before["courses"]] == ["required", "first", "later"]
    assert (before["unread"], after["unread"]) == (1, 0)
    assert answer.json()["is_read"]
    assert [row["is_read"] for row in after["courses"]] == [True, False, False]
    assert after["courses"][0]["read_at"] == answer.json()["read_at"]


def test_a_repetition_changes_nothing(bo: Member) -> None:
    row = course()
    first = read(bo, row).json()

    assert read(bo, row).json() == first
    assert CourseReading.objects.count() == 1
    assert Event.objects.filter(name="materials.course_read").count() == 1


def test_a_new_version_is_unread(bo: Member) -> None:
    row = course(is_required=True)
    read(bo, row)
    next_version(row)

    assert Phone(bo).get("/courses").json()["unread"] == 1
    refused = read(bo, row, 1)
    assert outcome(refused) == (409, "course_outdated")
    assert refused.json()["data"] == {"version": 2}
    assert read(bo, row, 2).status_code == 200
    assert [one.version for one in CourseReading.objects.order_by("pk")] == [1, 2]


@pytest.mark.parametrize("version", [0, -1, "1", 1.0, None, True, 2**31])
def test_a_malformed_version_is_refused(bo: Member, version: Any) -> None:
    assert outcome(read(bo, course(), version)) == (400, "invalid_input")
    assert not CourseReading.objects.exists()


def test_courses_are_for_their_audience(bo: Member, lan: Member, mei: Member) -> None:
    distributor(lan)
    gold = at_level(mei, 5, advanced=True)
    hidden = [
        course(title="sellers", audience="distributors"),
        course(title="gold", audience="advanced", lowest_level=gold),
        Course.objects.create(title="draft", text="x", audience="members", created_at=NOON),
    ]

    assert Phone(bo).get("/courses").json() == {"unread": 0, "courses": []}
    for row in hidden:
        assert outcome(Phone(bo).get(f"/courses/{row.public_id}")) == (404, "not_found")
        assert outcome(read(bo, row)) == (404, "not_found")
    assert [row["title"] for row in Phone(lan).get("/courses").json()["courses"]] == ["sellers"]
    assert len(Phone(mei).get("/courses").json()["courses"]) == 2


def test_the_video_is_shown_to_those_who_may_see_it(bo: Member, mei: Member) -> None:
    at_level(mei, 5, advanced=True)
    row = course(material=published(mp4(), kind="video", audience="advanced"))

    path = f"/courses/{row.public_id}"
    assert "material" not in Phone(bo).get(path).json()
    assert Phone(mei).get(path).json()["material"]["files"][0]["kind"] == "video"


def test_publishing_needs_the_right_and_happens_once(feng: User) -> None:
    row = course()
    with pytest.raises(PermissionMissing):
        withdraw_course(course=row, reason="?", by=feng, at=NOON)
    with pytest.raises(WrongStatus):
        publish_course(course=row, by=operator(), at=NOON)
    row.refresh_from_db()
    assert (row.status, row.version) == ("published", 1)


def test_the_database_keeps_courses_and_readings(bo: Member) -> None:
    row = course()
    read(bo, row)
    for change in (
        lambda: Course.objects.update(text="Other"),
        lambda: Course.objects.all().delete(),
        lambda: CourseReading.objects.update(version=2),
        lambda: CourseReading.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseReading.objects.create(course=row, member=bo, version=1, read_at=NOON)


def test_readings_stay_when_an_account_is_closed(bo: Member) -> None:
    read(bo, course())

    close_member(member=bo, at=NOON)

    assert CourseReading.objects.get().member == bo


def test_what_a_merged_member_read_is_read(bo: Member, chen: Member) -> None:
    row = course(is_required=True)
    read(chen, row)
    merge(chen, bo)

    assert Phone(bo).get("/courses").json()["unread"] == 0
    assert read(bo, row).status_code == 200
    assert CourseReading.objects.count() == 1
    (exported,) = Phone(bo).get("/me/data").json()["courses"]
    assert (exported["course"], exported["version"]) == (row.public_id, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\n ", []),
        ("a\nb", [Block("paragraph", "a"), Block("paragraph", "b")]),
        ("- a\n- b\n\n- c", [Block("list", items=["a", "b"]), Block("list", items=["c"])]),
        ("## A\n## B", [Block("heading", "A"), Block("heading", "B")]),
        ("#A\n-a", [Block("paragraph", "#A"), Block("paragraph", "-a")]),
        ("<b>x</b>", [Block("paragraph", "<b>x</b>")]),
    ],
)
def test_blocks(text: str, expected: list[Block]) -> None:
    assert list(blocks(text)) == expected


def test_the_compliance_guide_is_shipped_and_required() -> None:
    guide, *others = load_shipped_courses(at=NOON)

    assert (guide.code, guide.is_required, guide.status) == ("compliance", True, "draft")
    assert not any(row.is_required for row in others)
    for topic in ("不承诺收入", "广告法", "“广告”", "第三级", "纳税", "隐私"):
        assert topic in guide.text, topic
    kinds = {block.kind for block in blocks(guide.text)}
    assert kinds == {"heading", "paragraph", "list"}
    assert all(row.title and row.summary for row in shipped_courses())


def test_loading_again_leaves_what_the_shop_has_changed() -> None:
    load_shipped_courses(at=NOON)
    Course.objects.filter(code="compliance").update(title="本店规则")

    assert load_shipped_courses(at=NOON) == []
    assert Course.objects.get(code="compliance").title == "本店规则"


def test_the_command_adds_them_and_publishes_them_if_asked(capsys: Any) -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("training_courses", publish_as="nobody")
    assert not Course.objects.exists()

    call_command("training_courses", publish_as=operator().username)

    assert set(Course.objects.values_list("status", flat=True)) == {"published"}
    call_command("training_courses")
    assert "分销合规指南" in capsys.readouterr().out


def test_the_command_needs_a_user_with_the_right(feng: User) -> None:
    with pytest.raises(CommandError):
        call_command("training_courses", publish_as=feng.username)
    assert not Course.objects.exists()
