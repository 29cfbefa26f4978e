"""Documents are saved as versions that never change, and published when they are fit."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from common.errors import PermissionMissing, TwotierError
from events.models import Event
from members.models import User
from posters.models import PosterTemplate
from posters.rendering import TemplateInvalid, parse
from posters.services import (
    DocumentUnstorable,
    InvalidTemplateEntry,
    TemplateOutdated,
    TemplateUnfit,
    VersionUnknown,
    change_template,
    create_template,
    load_shipped,
    publish_version,
    save_version,
)
from posters.services.templates import SHIPPED
from sharing.wording import WordsForbidden, check_texts
from tests.cast import NOON, staff
from tests.posters import studio

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def qian(db: None) -> User:
    return studio.editor()


@pytest.fixture
def plain(db: None) -> PosterTemplate:
    return studio.template()


LID = {"id": "lid", "type": "rect", "x": 680, "y": 1520, "w": 160, "h": 320, "fill": "#FFFFFF"}
"""Lies over half of the code."""


def deep(levels: int) -> dict[str, Any]:
    """Return so many dictionaries within one another."""
    made: dict[str, Any] = {}
    for _level in range(levels):
        made = {"a": made}
    return made


def save(template: PosterTemplate, by: User, made: dict[str, Any], *, base: int = 1) -> int:
    return save_version(template=template, document=made, base=base, by=by, at=NOON).number


def numbers(template: PosterTemplate) -> list[int]:
    return list(template.versions.order_by("number").values_list("number", flat=True))


def current(template: PosterTemplate) -> int:
    version = PosterTemplate.objects.get(pk=template.pk).current_version
    return version.number if version else 0


def test_a_template_is_created_unpublished(qian: User) -> None:
    made = create_template(
        code="mine", kind="product", name="Mine", document=studio.document(), by=qian, at=NOON
    )

    assert numbers(made) == [1]
    assert not PosterTemplate.objects.offered().exists()


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        ("plain", "product", "Again"),
        ("mine", "coupon", "x"),
        ("", "product", "x"),
        ("a", "product", ""),
    ],
)
def test_an_entry_that_does_not_fit_creates_nothing(
    qian: User, plain: PosterTemplate, code: str, kind: str, name: str
) -> None:
    with pytest.raises(InvalidTemplateEntry):
        create_template(
            code=code, kind=kind, name=name, document=studio.document(), by=qian, at=NOON
        )

    assert PosterTemplate.objects.count() == 1


def test_saving_makes_a_version_and_publishes_nothing(plain: PosterTemplate, qian: User) -> None:
    assert save(plain, qian, studio.changed("title", y=1100)) == 2
    assert (numbers(plain), current(plain)) == ([1, 2], 1)


def test_the_same_document_is_the_same_version(plain: PosterTemplate, qian: User) -> None:
    unchanged = studio.document(name="plain")
    assert save(plain, qian, unchanged) == 1
    assert numbers(plain) == [1]


def test_of_two_who_edit_at_once_the_second_is_refused(plain: PosterTemplate, qian: User) -> None:
    save(plain, qian, studio.changed("title", y=1100))

    with pytest.raises(TemplateOutdated) as refused:
        save(plain, qian, studio.changed("title", y=1000))
    assert refused.value.data == {"number": 2}
    assert numbers(plain) == [1, 2]


@pytest.mark.parametrize(
    ("made", "error"),
    [
        (studio.document(extra=1), TemplateInvalid),
        (studio.changed("title", family="Comic"), TemplateInvalid),
        (studio.changed("qr", x=1_000), TemplateInvalid),
        (studio.changed("title", text="{{product.cost}}"), TemplateInvalid),
        (studio.document(elements=studio.document()["elements"] * 2_000), TemplateInvalid),
        (studio.document(tokens=deep(1_000)), TemplateInvalid),
        (studio.changed("title", text="NUL \0"), DocumentUnstorable),
        (studio.changed("title", text="half \ud800"), DocumentUnstorable),
    ],
    ids=["unknown key", "missing font", "outside", "unknown value", "10,000 elements", "too deep",
         "NUL", "surrogate"],
)  # fmt: skip
def test_an_invalid_document_is_not_saved(
    plain: PosterTemplate, qian: User, made: dict[str, Any], error: type[TwotierError]
) -> None:
    with pytest.raises(error):
        save(plain, qian, made)

    assert numbers(plain) == [1]


@pytest.mark.slow
def test_publishing_offers_a_version_and_an_earlier_one_is_the_way_back(
    plain: PosterTemplate, qian: User
) -> None:
    save(plain, qian, studio.changed("title", y=1100))

    publish_version(template=plain, number=2, by=qian, at=NOON)
    assert current(plain) == 2
    publish_version(template=plain, number=1, by=qian, at=NOON + DAY)

    assert current(plain) == 1
    published = Event.objects.filter(name="posters.template_published").order_by("pk")
    assert [(event.before, event.after) for event in published] == [
        ({"version": None}, {"version": 1}),
        ({"version": 1}, {"version": 2}),
        ({"version": 2}, {"version": 1}),
    ]
    assert plain.versions.get(number=1).published_at == NOON


@pytest.mark.parametrize(
    "made",
    [
        studio.changed("title", color="#F4F4F4"),
        studio.document(elements=[*studio.DOCUMENT["elements"], LID]),
    ],
    ids=["hardly legible", "over the code"],
)
def test_an_unfit_version_is_not_published(
    plain: PosterTemplate, qian: User, made: dict[str, Any]
) -> None:
    save(plain, qian, made)

    with pytest.raises(TemplateUnfit) as refused:
        publish_version(template=plain, number=2, by=qian, at=NOON)

    assert refused.value.problems
    assert current(plain) == 1
    assert plain.versions.get(number=2).published_at is None


@pytest.mark.slow
def test_forbidden_words_of_its_own_are_not_published(plain: PosterTemplate, qian: User) -> None:
    save(plain, qian, studio.changed("line", text="{{share.line}} 全国 最佳"))
    with pytest.raises(WordsForbidden, match="最佳"):
        publish_version(template=plain, number=2, by=qian, at=NOON)
    assert current(plain) == 1


def test_what_ships_has_no_forbidden_words() -> None:
    for path in SHIPPED.glob("*.json"):
        parsed = parse(json.loads(path.read_text(encoding="utf-8")))
        assert parsed.texts, path.stem
        assert not any(check_texts(parsed.texts, parsed.industry)), path.stem


def test_a_version_must_exist(plain: PosterTemplate, qian: User) -> None:
    with pytest.raises(VersionUnknown):
        publish_version(template=plain, number=7, by=qian, at=NOON)


def test_each_verb_needs_its_right(plain: PosterTemplate) -> None:
    feng = staff("Feng")
    with pytest.raises(PermissionMissing):
        save(plain, feng, studio.document())
    with pytest.raises(PermissionMissing):
        publish_version(template=plain, number=1, by=feng, at=NOON)
    with pytest.raises(PermissionMissing):
        change_template(template=plain, by=feng, at=NOON, name="x")
    with pytest.raises(PermissionMissing):
        create_template(
            code="x", kind="home", name="x", document=studio.document(), by=feng, at=NOON
        )

    assert PosterTemplate.objects.get().name == plain.name


def test_a_change_is_recorded(plain: PosterTemplate, qian: User) -> None:
    change_template(template=plain, by=qian, at=NOON, name="Other", sort=plain.sort)

    event = Event.objects.get(name="posters.template_changed")
    assert (event.before, event.after) == ({"name": "plain"}, {"name": "Other"})


def test_a_saved_version_never_changes(plain: PosterTemplate) -> None:
    for changes in ({"document": {}}, {"number": 9}, {"published_at": NOON + DAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            plain.versions.update(**changes)


def test_only_a_published_version_of_its_own_is_offered(plain: PosterTemplate, qian: User) -> None:
    other = studio.template("other")
    save(plain, qian, studio.changed("title", y=1100))
    for version in (other.versions.get(), plain.versions.get(number=2)):
        with pytest.raises(IntegrityError), transaction.atomic():
            PosterTemplate.objects.filter(pk=plain.pk).update(current_version=version)


def write(folder: Path, **changes: Any) -> None:
    text = json.dumps(studio.document(name="Shipped", **changes))
    (folder / "shipped.json").write_text(text, encoding="utf-8")


def test_shipped_templates_are_loaded_once_and_updated(tmp_path: Path) -> None:
    write(tmp_path)
    assert load_shipped(at=NOON, folder=tmp_path) == ["shipped"]
    assert load_shipped(at=NOON, folder=tmp_path) == []
    write(tmp_path, industry="beauty")
    assert load_shipped(at=NOON, folder=tmp_path) == ["shipped"]

    template = PosterTemplate.objects.get()
    assert (numbers(template), current(template)) == ([1, 2], 2)


@pytest.mark.slow
def test_what_a_person_has_published_stays(tmp_path: Path, qian: User) -> None:
    write(tmp_path)
    load_shipped(at=NOON, folder=tmp_path)
    template = PosterTemplate.objects.get()
    save(template, qian, studio.changed("title", y=1100))
    publish_version(template=template, number=2, by=qian, at=NOON)
    write(tmp_path, industry="beauty")

    assert load_shipped(at=NOON, folder=tmp_path) == ["shipped"]
    assert (numbers(template), current(template)) == ([1, 2, 3], 2)


@pytest.mark.slow
def test_the_command_loads_what_ships(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("poster_templates")
    first = capsys.readouterr().out
    call_command("poster_templates")

    again = capsys.readouterr().out
    assert len(first.splitlines()) == 1 + len(list(SHIPPED.glob("*.json")))
    assert len(again.splitlines()) == 1
