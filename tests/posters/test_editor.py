"""The calls of the editor: who may, what is drawn, and what is refused."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from config.roles import sync_groups
from members.models import User
from posters.admin import schema_form
from posters.models import PosterTemplate
from posters.rendering import schema
from tests.cast import NOON, staff
from tests.posters import studio

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("no_static_files"),
    pytest.mark.slow,
]


@pytest.fixture
def plain(db: None) -> PosterTemplate:
    return studio.template()


def client(user: User) -> Client:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(user)
    return browser


@pytest.fixture
def qian(db: None) -> Client:
    return client(studio.editor())


def call(browser: Client, template: PosterTemplate, name: str, body: Any) -> Any:
    return browser.post(url(template, name), json.dumps(body), "application/json")


def url(template: PosterTemplate, name: str = "", *args: Any) -> str:
    page = f"editor_{name}" if name else "editor"
    return reverse(f"admin:posters_postertemplate_{page}", args=[template.pk, *args])


def test_the_preview_is_what_the_renderer_draws(qian: Client, plain: PosterTemplate) -> None:
    body = {"document": studio.document(), "sample": "normal", "size": "750x1334"}

    answer = call(qian, plain, "preview", body)

    drawn = answer.json()
    assert (drawn["width"], drawn["height"], drawn["is_qr_readable"]) == (750, 1334, True)
    kind, content = drawn["image"].split(",")
    assert kind == "data:image/jpeg;base64"
    with Image.open(BytesIO(base64.b64decode(content))) as image:
        assert image.size == (750, 1334)


def test_a_change_changes_the_preview(qian: Client, plain: PosterTemplate) -> None:
    images = {
        call(qian, plain, "preview", {"document": made}).json()["image"]
        for made in (studio.document(), studio.changed("title", y=900), studio.document())
    }

    assert len(images) == 2


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "poster_document_unreadable"),
        (b"[]", "poster_document_unreadable"),
        (b'{"document": 1}', "poster_document_unreadable"),
        (b'{"document": NaN}', "poster_document_unreadable"),
        (b'{"document": {"v": 1}, "base": 1}', "template_invalid"),
        (b'{"document": {}, "x": "' + b"x" * 300_000 + b'"}', "poster_document_unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused(
    qian: Client, plain: PosterTemplate, raw: bytes, code: str
) -> None:
    for name in ("preview", "check", "save"):
        answer = qian.post(url(plain, name), raw, "application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert plain.versions.count() == 1


def test_problems_name_their_place(qian: Client, plain: PosterTemplate) -> None:
    answer = call(qian, plain, "preview", {"document": studio.changed("title", size=9_000)})

    [problem] = answer.json()["problems"]
    assert problem["path"] == "elements/0/size"


def test_saving_and_publishing(qian: Client, plain: PosterTemplate) -> None:
    made = studio.changed("title", y=900)
    saved = call(qian, plain, "save", {"document": made, "base": 1}).json()
    assert saved["number"] == 2
    assert [row["number"] for row in saved["versions"]] == [2, 1]
    stale = call(qian, plain, "save", {"document": studio.document(), "base": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "poster_template_outdated")

    published = call(qian, plain, "publish", {"number": 2}).json()

    assert published["current"] == 2
    assert qian.get(url(plain, "version", 1)).json()["document"]["name"] == "plain"
    assert qian.get(url(plain, "version", 9)).status_code == 404
    assert call(qian, plain, "publish", {"number": True}).status_code in (400, 404)


def test_an_unfit_document_is_not_published_and_says_why(
    qian: Client, plain: PosterTemplate
) -> None:
    made = studio.changed("title", color="#F4F4F4")
    assert call(qian, plain, "check", {"document": made}).json()["problems"]
    call(qian, plain, "save", {"document": made, "base": 1})

    refused = call(qian, plain, "publish", {"number": 2})

    assert (refused.status_code, refused.json()["code"]) == (400, "poster_template_unfit")
    assert refused.json()["problems"]
    plain.refresh_from_db()
    assert plain.current_version
    assert plain.current_version.number == 1


RIGHTS = {
    "Operations": (200, 200, 200, 200),
    "Finance": (200, 200, 403, 403),
    "Administrators": (200, 200, 403, 403),
    "": (403, 403, 403, 403),
}


@pytest.mark.parametrize("role", RIGHTS)
def test_each_role_may_do_its_own(role: str, plain: PosterTemplate) -> None:
    from django.contrib.auth.models import Group  # noqa: PLC0415

    sync_groups(at=NOON)
    user = staff("Wu")
    user.groups.set(Group.objects.filter(name=role))
    browser = client(User.objects.get(pk=user.pk))

    statuses = (
        browser.get(url(plain)).status_code,
        call(browser, plain, "preview", {"document": studio.document()}).status_code,
        call(browser, plain, "save", {"document": studio.document(), "base": 1}).status_code,
        call(browser, plain, "publish", {"number": 1}).status_code,
    )

    assert statuses == RIGHTS[role]


def test_calls_only_post_and_only_the_staff_sees_the_page(
    qian: Client, plain: PosterTemplate
) -> None:
    assert qian.get(url(plain, "preview")).status_code == 405
    assert Client().get(url(plain)).status_code == 302
    assert qian.get(url(PosterTemplate(pk=10**6))).status_code == 404


def test_the_page_has_everything_for_its_script(qian: Client, plain: PosterTemplate) -> None:
    page = qian.get(url(plain))

    editor = page.context["editor"]
    assert editor["document"]["name"] == "plain"
    assert editor["rights"] == {"change": True, "publish": True}
    assert (editor["number"], editor["current"]) == (1, 1)
    assert b'<script id="editor-data" type="application/json">' in page.content


def test_the_forms_cover_every_kind_of_element() -> None:
    kinds = schema()["$defs"]["element"]["properties"]["type"]["enum"]
    forms = schema_form.forms()

    assert set(forms) == {*kinds, "canvas"}
    assert {row["name"] for row in schema_form.element_types()} == set(kinds)
    known = {
        "integer", "number", "boolean", "choice", "binding", "text", "lines", "color", "fill",
        "radius", "numbers", "object", "json",
    }  # fmt: skip
    for fields in forms.values():
        assert {field["kind"] for field in fields} <= known


def test_every_field_and_kind_has_words_of_its_own() -> None:
    """A key that the schema gets must get a label, too."""
    keys = {field["key"] for fields in schema_form.forms().values() for field in fields}

    assert keys <= set(schema_form.LABELS)
    assert {row["name"] for row in schema_form.element_types()} <= set(schema_form.TYPES)


def test_industries_have_names_and_odd_ones_stay(qian: Client, plain: PosterTemplate) -> None:
    PosterTemplate.objects.filter(pk=plain.pk).update(industry="luxury")
    listing = reverse("admin:posters_postertemplate_changelist")
    listed = qian.get(listing, headers={"Accept-Language": "zh-CN"})
    assert "珠宝" in listed.content.decode()
    PosterTemplate.objects.filter(pk=plain.pk).update(industry="pets")
    page = reverse("admin:posters_postertemplate_change", args=[plain.pk])
    assert '<option value="pets" selected>' in qian.get(page).content.decode()
    body = {"name": plain.name, "industry": "pets", "is_active": "on", "sort": "7"}
    assert qian.post(page, body).status_code == 302
    plain.refresh_from_db()
    assert (plain.industry, plain.sort) == ("pets", 7)


def test_a_new_element_is_valid(plain: PosterTemplate, qian: Client) -> None:
    others = [row for row in studio.document()["elements"] if row["id"] != "qr"]
    added = [{"id": f"new-{row['name']}", **row["blank"]} for row in schema_form.element_types()]

    answer = call(qian, plain, "preview", {"document": studio.document(elements=[*others, *added])})

    assert answer.status_code == 200, answer.json()
