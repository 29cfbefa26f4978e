"""Members make posters, and see their own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import Product
from common import clock
from events.models import Event
from members.models import Member
from posters import followers
from posters.models import Poster, PosterTemplate, RecommendationLine
from sharing.models import Share
from sharing.services import fetch_codes
from tests.api.phone import Phone, outcome
from tests.posters import studio

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def plain(db: None) -> PosterTemplate:
    return studio.template()


@pytest.fixture
def mask(db: None, plain: PosterTemplate) -> Product:
    return studio.mask()


@pytest.fixture
def phone(lan: Member) -> Phone:
    return Phone(lan)


def post(phone: Phone, product: Product, **more: Any) -> Any:
    return phone.post("/posters", {"target": {"kind": "product", "id": product.public_id}, **more})


def test_a_new_poster_is_202_until_it_is_drawn(phone: Phone, mask: Product) -> None:
    first = post(phone, mask, line="好用")
    assert (first.status_code, first["Retry-After"]) == (202, "1")
    assert (first.json()["status"], first.json()["url"]) == ("rendering", "")

    address = f"/posters/{first.json()['id']}"
    assert phone.get(address).status_code == 202
    studio.work(at=clock.now())
    read = phone.get(address)

    assert read.status_code == 200
    again = post(phone, mask, line="好用")
    assert (again.status_code, again.json()) == (200, read.json())
    body = read.json()
    assert (body["status"], body["width"], body["height"]) == ("ready", 1080, 1920)
    assert body["link"].endswith(f"/s/{body['share']}")
    assert body["target"] == {"kind": "product", "id": mask.public_id}
    assert Share.objects.get().code == body["share"]


def test_the_file_can_be_read_by_everybody(phone: Phone, mask: Product) -> None:
    post(phone, mask)
    studio.work(at=clock.now())

    url = post(phone, mask).json()["url"]
    answer = Client().get(url[url.index("/media/") :])

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "immutable" in answer["Cache-Control"]
    answer.close()


def test_a_stand_in_is_replaced_when_the_code_of_the_mini_program_comes(
    phone: Phone, mask: Product
) -> None:
    post(phone, mask)
    studio.work(at=clock.now())
    before = post(phone, mask).json()
    assert before["final"] is False

    fetch_codes(at=clock.now())
    followers.replace_stand_ins(list(Event.objects.filter(name="sharing.code_stored")))
    assert phone.get(f"/posters/{before['id']}").json() == before  # until the other is drawn
    studio.work(at=clock.now())

    after = phone.get(f"/posters/{before['id']}").json()
    assert (after["id"], after["final"], after["status"]) == (before["id"], True, "ready")
    assert after["url"] != before["url"]
    assert post(phone, mask).json()["url"] == after["url"]


def test_nobody_sees_the_posters_of_others(phone: Phone, mask: Product, bo: Member) -> None:
    made = post(phone, mask).json()

    assert outcome(Phone(bo).get(f"/posters/{made['id']}")) == (404, "not_found")
    assert Phone(bo).get("/posters").json()["results"] == []
    assert outcome(Phone().get("/posters")) == (401, "not_signed_in")
    assert [row["id"] for row in phone.get("/posters").json()["results"]] == [made["id"]]


def test_templates_are_listed_by_industry_with_their_sizes(
    phone: Phone, mask: Product, plain: PosterTemplate
) -> None:
    mask.category.industry = "food"
    mask.category.save()
    studio.template("rosy", industry="beauty")
    studio.template("tasty", industry="food")
    studio.template("house", kind="home")

    rows = phone.get("/posters/templates", kind="product", id=mask.public_id).json()["results"]

    assert [row["name"] for row in rows] == ["tasty", "plain", "rosy"]
    assert rows[1] == {
        "id": plain.public_id, "name": "plain", "kind": "product", "industry": "",
        "thumbnail": "", "sizes": ["1080x1920", "750x1334"],
    }  # fmt: skip


def test_lines_are_offered_the_products_first(phone: Phone, mask: Product, lan: Member) -> None:
    RecommendationLine.objects.create(source="product", product=mask, text="这款卖得很好")
    post(phone, mask, line="自己写的一句")

    rows = phone.get("/posters/lines", kind="product", id=mask.public_id).json()["results"]

    assert [row["source"] for row in rows[:3]] == ["product", "distributor", "suggested"]
    assert rows[1]["text"] == "自己写的一句"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid_input"),
        ({"target": {"kind": "coupon", "id": "1"}}, 400, "invalid_input"),
        ({"target": {"kind": "product"}, "colour": "red"}, 400, "invalid_input"),
        ({"target": {"kind": "product", "id": "1"}, "size": "9x9"}, 400, "invalid_input"),
        ({"target": {"kind": "product", "id": "1"}, "line": "\0"}, 400, "invalid_input"),
        ({"target": {"kind": "product", "id": "1"}}, 404, "target_unknown"),
        ({"target": {"kind": "product", "id": "1"}, "template": "x"}, 400,
         "poster_template_unknown"),
        ({"target": {"kind": "product", "id": "1"}, "line": "好" * 60}, 400,
         "recommendation_too_long"),
        ({"target": {"kind": "product", "id": "1"}, "line": "全网最低价"}, 400, "words_forbidden"),
        ({"target": {"kind": "recruit"}}, 400, "poster_template_unknown"),
    ],
)  # fmt: skip
def test_bad_requests_are_refused_and_make_nothing(
    phone: Phone, mask: Product, body: Any, status: int, code: str
) -> None:
    assert outcome(phone.post("/posters", body)) == (status, code)
    assert not Poster.objects.exists()
    assert not Share.objects.exists()


def test_what_failed_a_moment_ago_is_503(phone: Phone, mask: Product) -> None:
    post(phone, mask)
    Poster.objects.update(status="failed", rung_at=clock.now())

    refused = post(phone, mask)

    assert outcome(refused) == (503, "poster_failed")
    assert phone.get(f"/posters/{Poster.objects.get().public_id}").json()["status"] == "failed"


def test_a_list_needs_no_more_queries_with_more_rows(phone: Phone, mask: Product) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            phone.get("/posters")
        return len(seen)

    lan = Member.objects.get(nickname="Lan")
    studio.open_for(lan, mask, at=clock.now())
    few = queries()
    for number in range(5):
        studio.open_for(lan, mask, line=f"line {number}", at=clock.now() + timedelta(days=1))

    assert queries() == few
