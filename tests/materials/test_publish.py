"""Operations publish materials and withdraw them; what is published does not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Category, Product
from common.errors import PermissionMissing, ReasonRequired
from common.status import WrongStatus
from events.models import Event
from materials.models import Campaign, Material, MaterialFile
from materials.services import FilesMissing, publish_material, withdraw_material
from members.models import User
from sharing.models import ForbiddenWord
from sharing.wording import WordsForbidden
from tests.cast import NOON
from tests.materials.media import (
    draft,
    mp4,
    operator,
    photo,
    publish,
    published,
    with_files,
    withdraw,
)

pytestmark = pytest.mark.django_db


def state(row: Material) -> tuple[str, int]:
    row.refresh_from_db()
    return row.status, row.version


def test_each_publishing_is_a_version_on_record() -> None:
    row = published()
    withdraw(row)
    assert (row.withdrawn_by, row.withdrawal_reason) == (operator(), "过期")

    publish(row)

    assert state(row) == ("published", 2)
    assert (row.withdrawn_at, row.withdrawn_by, row.withdrawal_reason) == (None, None, "")
    events = Event.objects.filter(name__startswith="materials.").order_by("pk")
    assert [(event.name, event.data["version"]) for event in events] == [
        ("materials.published", 1), ("materials.withdrawn", 1), ("materials.published", 2),
    ]  # fmt: skip


def test_it_needs_the_right(feng: User) -> None:
    row = draft()
    with pytest.raises(PermissionMissing):
        publish_material(material=row, by=feng, at=NOON)
    assert state(row) == ("draft", 0)

    publish(row)
    with pytest.raises(PermissionMissing):
        withdraw_material(material=row, reason="?", by=feng, at=NOON)
    assert state(row) == ("published", 1)


def test_a_withdrawal_has_a_reason() -> None:
    row = published()

    with pytest.raises(ReasonRequired):
        withdraw_material(material=row, reason=" ", by=operator(), at=NOON)

    assert state(row) == ("published", 1)


def test_neither_happens_twice() -> None:
    row = published()
    with pytest.raises(WrongStatus):
        publish(row)
    withdraw(row)
    with pytest.raises(WrongStatus):
        withdraw(row)

    assert state(row) == ("withdrawn", 1)
    assert Event.objects.filter(name__startswith="materials.").count() == 2


@pytest.mark.parametrize("kind", ["image", "video"])
def test_pictures_and_videos_need_their_file(kind: str) -> None:
    row = draft(kind)

    with pytest.raises(FilesMissing):
        publish(row)

    assert state(row) == ("draft", 0)


def test_a_cover_alone_is_no_video() -> None:
    row = with_files(photo(), kind="video")
    with pytest.raises(FilesMissing):
        publish(row)


@pytest.mark.parametrize("fields", [{"title": "全网第一"}, {"text": "全 网·第 一 的茶"}])
def test_forbidden_words_are_refused(fields: dict[str, str]) -> None:
    ForbiddenWord.objects.get_or_create(word="全网第一", industry="")
    row = draft(**fields)

    with pytest.raises(WordsForbidden, match="全网第一"):
        publish(row)

    assert state(row) == ("draft", 0)


def test_a_word_does_not_go_from_the_title_into_the_text() -> None:
    ForbiddenWord.objects.get_or_create(word="绝世好茶", industry="")

    publish(draft(title="绝世", text="好茶"))


def test_the_industry_of_the_product_has_words_of_its_own() -> None:
    ForbiddenWord.objects.get_or_create(word="抗皱圣品", industry="beauty")
    shelf = Category.objects.create(code="masks", name="面膜", industry="beauty")
    mask = Product.objects.create(name="面膜", category=shelf)

    publish(draft(text="抗皱圣品"))
    with pytest.raises(WordsForbidden, match="抗皱圣品"):
        publish(draft(text="抗皱圣品", product=mask))


CHANGES: dict[str, Callable[[Material], Any]] = {
    "title": lambda row: Material.objects.filter(pk=row.pk).update(title="Other"),
    "audience": lambda row: Material.objects.filter(pk=row.pk).update(audience="advanced"),
    "version": lambda row: Material.objects.filter(pk=row.pk).update(version=7),
    "back to draft": lambda row: Material.objects.filter(pk=row.pk).update(status="draft"),
    "delete": lambda row: Material.objects.filter(pk=row.pk).delete(),
    "move a file": lambda row: row.files.update(position=5),
    "remove a file": lambda row: row.files.update(status="removed"),
    "delete a file": lambda row: row.files.all().delete(),
    "add a file": lambda row: MaterialFile.objects.create(
        material=row, kind="video", path="p", sha256="0", size=1, status="stored", created_at=NOON
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_database_keeps_what_is_published(name: str) -> None:
    row = published(photo(), kind="image")

    with pytest.raises(IntegrityError), transaction.atomic():
        CHANGES[name](row)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "gif"},
        {"kind": "copy", "text": ""},
        {"title": ""},
        {"audience": "friends"},
        {"status": "published"},
        {"version": 1},
        {"withdrawal_reason": "?"},
    ],
)
def test_the_database_refuses_what_is_incomplete(values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        draft(**values)


def test_the_kind_of_a_material_is_final() -> None:
    row = draft()
    with pytest.raises(IntegrityError), transaction.atomic():
        Material.objects.filter(pk=row.pk).update(kind="image")


def test_what_was_published_once_is_never_deleted() -> None:
    row = withdraw(published())
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()
    draft().delete()


def test_a_campaign_ends_after_it_starts() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.create(name="x", starts_at=NOON, ends_at=NOON)


def test_a_withdrawn_material_may_be_changed_and_published_again() -> None:
    row = withdraw(published(mp4(), kind="video"))

    row.title = "夏茶"
    row.save(update_fields=["title"])
    publish(row)

    assert state(row) == ("published", 2)
