"""Calls about shares, visits and home pages."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from pytest_django import Settings

from catalog.models import Product
from common import clock
from members.models import Member
from sharing.models import Share, Visit
from tests.api.phone import Phone, outcome
from tests.cast import member
from tests.distribution.people import upline
from tests.sharing.things import PHONE, mask, rows, share
from tests.shop import distributor

pytestmark = pytest.mark.django_db


def post_visit(body: dict[str, Any], **headers: str) -> Any:
    return Client().post(
        "/api/v1/visits", json.dumps(body), "application/json",
        headers={"User-Agent": PHONE, "Accept-Language": "en", **headers},
    )  # fmt: skip


def shared(who: Member, **more: Any) -> str:
    return share(who, at=clock.now(), **more).code


def test_a_member_shares_a_product(lan: Member) -> None:
    phone, product = Phone(lan), mask()
    body = {"target": {"kind": "product", "id": product.public_id}, "channel": "weibo"}

    first, again = phone.post("/shares", body), phone.post("/shares", body)

    assert (first.status_code, again.status_code) == (201, 200)
    card = first.json()
    assert card == again.json()
    assert card["target"] == {"kind": "product", "id": product.public_id}
    assert card["h5"]["link"].endswith(f"/s/{card['code']}")
    assert card["chat"]["title"] == "mask"
    assert Phone().get(f"/shares/{card['code']}").json() == card


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"target": {"kind": "coupon", "id": "c"}, "channel": "chat"}, (404, "target_unknown")),
        ({"target": {"kind": "home"}, "channel": "chat"}, (404, "target_unknown")),
        ({"target": {"kind": "recruit", "id": "x"}, "channel": "chat"}, (404, "target_unknown")),
        ({"target": {"kind": "recruit"}, "channel": "fax"}, (400, "invalid_input")),
        ({"target": {"kind": "recruit"}, "channel": "poster"}, (400, "invalid_input")),
        ({"target": {"kind": "recruit"}, "channel": "chat", "label": "x" * 41},
         (400, "invalid_input")),
        ({"channel": "chat"}, (400, "invalid_input")),
    ],
    ids=str,
)  # fmt: skip
def test_bad_shares_are_refused(lan: Member, body: dict[str, Any], code: tuple[int, str]) -> None:
    before = rows()
    assert outcome(Phone(lan).post("/shares", body)) == code
    assert rows() == before


def test_the_list_shows_the_own_shares(lan: Member, bo: Member) -> None:
    product = mask()
    shared(lan)
    code = shared(lan, kind="product", target=product.public_id, channel="qq")
    shared(bo)

    page = Phone(lan).get("/shares", kind="product").json()

    [row] = page["results"]
    assert (row["code"], row["title"], row["live"], row["channel"]) == (code, "mask", True, "qq")
    assert len(Phone(lan).get("/shares").json()["results"]) == 2


@pytest.mark.slow
def test_a_longer_list_needs_no_more_queries(lan: Member) -> None:
    phone = Phone(lan)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert phone.get("/shares").status_code == 200
        return len(seen)

    for name in ("a", "b"):
        shared(lan, kind="product", target=mask(name).public_id)
    few = queries()
    for name in ("c", "d", "e"):
        shared(lan, kind="product", target=mask(name).public_id)
    assert queries() == few


@pytest.mark.slow
def test_codes_that_open_nothing_answer_alike(lan: Member, bo: Member) -> None:
    distributor(lan)
    off = shared(lan)
    Share.objects.filter(code=off).update(disabled_at=clock.now())
    off_sale = mask()
    gone = shared(lan, kind="product", target=off_sale.public_id)
    Product.objects.filter(pk=off_sale.pk).update(status=Product.Status.OFF_SALE)
    before = rows()

    answers = [post_visit({"share": code}) for code in (off, "1234567890", "1" * 22, "nothing")]
    bodies = [answer.json() for answer in answers]
    for body in bodies:
        assert body.pop("anonymous_id")
    assert {answer.status_code for answer in answers} == {200}
    assert (
        bodies
        == [{"visit": "", "bound": False, "own": False, "landing": {"url": "/", "mini_path": ""}}]
        * 4
    )
    missing = [Phone().get(f"/shares/{code}") for code in (off, "1234567890", "1" * 22)]
    problems = [
        {name: value for name, value in answer.json().items() if name != "request_id"}
        for answer in missing
    ]
    assert problems == [problems[0]] * 3
    codes = (off, "1" * 10, gone)
    assert [Phone().get(f"/shares/{code}/qr").status_code for code in codes] == [404] * 3
    assert rows() == before


def test_a_visit_binds_the_member_who_is_signed_in(lan: Member, bo: Member) -> None:
    distributor(lan)
    answer = Phone(bo).post("/visits", {"share": shared(lan)}).json()
    assert answer["bound"] is True
    assert answer["distributor"]["nickname"] == "Lan"
    assert answer["target"]["kind"] == "recruit"
    assert upline(bo) == "Lan"


def test_the_chain_from_a_visit_to_the_sign_in(lan: Member) -> None:
    distributor(lan)
    code = shared(lan)
    came = post_visit({"share": code}).json()

    login = Phone().post(
        "/auth/wechat/login",
        {"code": "bo", "share": code, "anonymous_id": came["anonymous_id"]},
    )  # fmt: skip

    assert login.status_code == 200
    joined = Visit.objects.get()
    assert (joined.public_id, joined.is_new_member) == (came["visit"], True)
    assert joined.member
    assert upline(joined.member) == "Lan"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"}, {"Origin": "https://evil.example.com"}, {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "cross-site", "Referer": "https://servicewechat.com.evil.example.com/"},
    ],
    ids=str,
)  # fmt: skip
def test_other_sites_count_nothing(lan: Member, headers: dict[str, str]) -> None:
    code = shared(lan)
    before = rows()
    assert outcome(post_visit({"share": code}, **headers)) == (403, "cross_site_visit")
    assert rows() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://testserver"},
        {},
        {
            "Sec-Fetch-Site": "cross-site",
            "Referer": "https://servicewechat.com/wx1/devtools/p.html",
        },
    ],
    ids=str,
)
def test_our_pages_and_apps_count(lan: Member, headers: dict[str, str]) -> None:
    assert post_visit({"share": shared(lan)}, **headers).json()["visit"]


@pytest.mark.slow
def test_reading_changes_nothing(lan: Member, bo: Member) -> None:
    distributor(lan)
    code = shared(lan)
    before = rows()
    for phone in (Phone(), Phone(bo)):
        phone.get(f"/shares/{code}")
        phone.get(f"/shares/{code}/qr")
        phone.get(f"/homes/{lan.distributor.code}")
    assert rows() == before


def test_the_qr_code_is_that_of_the_link(lan: Member, settings: Settings) -> None:
    code = shared(lan)
    answer = Phone().get(f"/shares/{code}/qr")
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"].startswith("public")
    with Image.open(BytesIO(answer.content)) as picture:
        [found] = zxingcpp.read_barcodes(picture)
    assert found.text == f"{settings.PUBLIC_URL}/s/{code}"


def test_pages_of_a_visit(lan: Member) -> None:
    came = post_visit({"share": shared(lan)}).json()
    pages = f"/visits/{came['visit']}/pages"
    assert Phone().post(pages, {"path": "/p/1?x=1"}).status_code == 204
    assert Visit.objects.get().pages == ["/p/1"]
    assert outcome(Phone().post("/visits/nobody/pages", {"path": "/"})) == (404, "visit_unknown")


@pytest.mark.slow
def test_the_home_page_of_a_distributor(lan: Member, bo: Member) -> None:
    code, product = distributor(lan).code, mask()
    phone = Phone(lan)
    assert phone.get("/distributor/home").json()["products"] == []

    body = {"line": "每天都用", "products": [product.public_id]}
    saved = phone.put("/distributor/home", body)

    assert saved.status_code == 200
    [shown] = saved.json()["products"]
    assert shown["price"] == 10_990
    assert "strike_price" not in shown
    assert Phone().get(f"/homes/{code}").json() == saved.json()
    refused = phone.put("/distributor/home", {"line": "全网最低", "products": []})
    assert outcome(refused) == (400, "words_forbidden")
    assert outcome(Phone(bo).get("/distributor/home")) == (404, "not_distributor")
    assert outcome(Phone(bo).put("/distributor/home", body)) == (404, "not_distributor")
    assert outcome(Phone().get("/homes/NOBODY")) == (404, "not_found")


@pytest.mark.slow
def test_the_export_has_shares_visits_and_home_pages(lan: Member, bo: Member) -> None:
    distributor(lan)
    code = shared(lan, label="邻居群")
    Phone(bo).post("/visits", {"share": code})
    Phone(lan).put("/distributor/home", {"line": "Hello", "products": []})

    own, visitor = Phone(lan).get("/me/data").json(), Phone(bo).get("/me/data").json()

    assert [(row["code"], row["label"]) for row in own["shares"]] == [(code, "邻居群")]
    assert own["home_pages"] == [{"line": "Hello", "products": []}]
    assert [row["share"] for row in visitor["visits"]] == [code]


@pytest.mark.slow
def test_a_closed_account_leaves_no_traces(lan: Member) -> None:
    distributor(member("Mei"))
    code = shared(member("Mei"))
    own = shared(lan, label="邻居群")
    Phone(lan).post("/visits", {"share": code})

    assert Phone(lan).post("/me/close").status_code in (200, 204)

    kept = Visit.objects.get()
    assert (kept.ip, kept.user_agent, kept.pages) == (None, "", [])
    assert "邻居群" not in Share.objects.values_list("label", flat=True)
    assert post_visit({"share": own}).json()["visit"] == ""


@pytest.mark.slow
@pytest.mark.parametrize("code", ["%E7%A0%81", "a" * 300, "..%2F", "[::1", "%25"])
def test_strange_codes_are_not_found(code: str) -> None:
    for path in (f"/shares/{code}", f"/shares/{code}/qr", f"/homes/{code}"):
        assert Phone().get(path).status_code == 404, path
    assert Phone().post(f"/visits/{code}/pages", {"path": "/"}).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("path", ["//[", "http://[::1", "?", "#", "/p?a#b", "x" * 500])
def test_strange_pages_are_taken(lan: Member, path: str) -> None:
    came = post_visit({"share": shared(lan)}).json()
    assert Phone().post(f"/visits/{came['visit']}/pages", {"path": path}).status_code == 204


@pytest.mark.slow
@pytest.mark.parametrize("origin", ["http://[", "", "://", "testserver", "http://testserver@evil"])
def test_strange_origins_are_other_sites(lan: Member, origin: str) -> None:
    answer = post_visit({"share": shared(lan)}, Origin=origin)
    assert outcome(answer) == (403, "cross_site_visit")
