"""Anybody reads the goods of the shop; a distributor also sees what they would earn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import Category, Product, Sku
from catalog.services import put_on_sale, take_off_sale
from common import clock
from distribution.models import Level
from distribution.services import change_status
from members.models import Member, User
from sharing.models import Share
from tests.api.phone import Phone, outcome
from tests.cast import NOON
from tests.catalog.pictures import listed, product, uploaded
from tests.shop import distributor, plan, rule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lan(lan: Member) -> Member:
    """A distributor."""
    distributor(lan)
    return lan


def names(who: Phone, **query: Any) -> list[str]:
    response = who.get("/products", **query)
    assert response.status_code == 200, response.content
    return [row["title"] for row in response.json()["results"]]


def detail(who: Phone, made: Product) -> dict[str, Any]:
    response = who.get(f"/products/{made.public_id}")
    assert response.status_code == 200, response.content
    return dict(response.json())


def earning(who: Phone, made: Product) -> Any:
    return detail(who, made).get("my_commission")


def test_the_tree_of_categories() -> None:
    top = Category.objects.create(code="top", name="Top", industry="food")
    Category.objects.create(code="low", name="Low", parent=top)
    answer = Phone().get("/categories")
    assert answer.json() == {
        "results": [
            {"code": "top", "name": "Top", "parent": "", "industry": "food"},
            {"code": "low", "name": "Low", "parent": "top", "industry": ""},
        ]
    }
    assert Phone().get("/categories", etag=answer["ETag"]).status_code == 304


def test_what_everybody_sees_of_a_product(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://shop.example.com"
    made = product(price=10_990, url="https://m.example.com/1", mini_path="pages/1")
    row = uploaded(made)
    listed(made, "https://img.example.com/waiting.jpg")
    base = f"https://shop.example.com/media/products/{row.sha256}"
    shown = detail(Phone(), made)
    assert shown.pop("version")
    assert shown == {
        "id": made.public_id,
        "title": "Mask",
        "category": {"code": "beauty", "name": "Beauty"},
        "price": 10_990,
        "highest_price": 10_990,
        "strike_price": None,
        "picture": f"{base}.jpg",
        "square_picture": f"{base}-square.jpg",
        "chat_picture": f"{base}-chat.jpg",
        "on_sale": True,
        "purchasable_on": ["ios", "android", "web"],
        "pictures": [{"url": f"{base}.jpg", "width": 400, "height": 300}],
        "skus": [
            {
                "sku": f"SKU-{made.pk}", "variety": "", "kind": "physical", "price": 10_990,
                "purchasable_on": ["ios", "android", "web"],
            }
        ],
        "url": "https://m.example.com/1",
        "mini_path": "pages/1",
    }  # fmt: skip


def test_virtual_goods_cannot_be_bought_on_ios() -> None:
    made = product()
    made.skus.update(kind=Sku.Kind.VIRTUAL)
    assert detail(Phone(), made)["purchasable_on"] == ["android", "web"]
    Sku.objects.create(product=made, code="BOX", price=1)
    shown = detail(Phone(), made)
    assert shown["purchasable_on"] == ["ios", "android", "web"]
    assert [row["purchasable_on"][0] for row in shown["skus"]] == ["ios", "android"]


def test_only_products_on_sale_are_listed_and_drafts_are_nobodys(qian: User) -> None:
    made, gone = product("Mask"), product("Gone")
    take_off_sale(product=gone, by=qian, at=NOON)
    draft = Product.objects.create(name="Draft", category=made.category)
    assert names(Phone()) == ["Mask"]
    assert detail(Phone(), gone)["on_sale"] is False
    assert outcome(Phone().get(f"/products/{draft.public_id}")) == (404, "not_found")
    assert outcome(Phone().get("/products/nothing")) == (404, "not_found")


def test_filters_and_order() -> None:
    food = Category.objects.create(code="food", name="Food")
    fruit = Category.objects.create(code="fruit", name="Fruit", parent=food)
    product("Mask", price=300)
    product("Peach", price=100, category=fruit)
    product("Nuts", price=200, category=food)
    assert names(Phone()) == ["Nuts", "Peach", "Mask"]
    assert names(Phone(), sort="price") == ["Peach", "Nuts", "Mask"]
    assert names(Phone(), sort="-price") == ["Mask", "Nuts", "Peach"]
    assert names(Phone(), category="food") == ["Nuts", "Peach"]
    assert names(Phone(), category="fruit") == ["Peach"]
    assert names(Phone(), category="strange") == []
    assert names(Phone(), search="eac") == ["Peach"]
    assert outcome(Phone().get("/products", sort="strange")) == (400, "invalid_input")
    assert outcome(Phone().get("/products", strange="1")) == (400, "invalid_input")


@pytest.mark.parametrize("sort", ["newest", "price", "-price"])
def test_pages_show_each_product_once(sort: str) -> None:
    for number in range(7):
        product(f"P{number}", price=100 + number % 2)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"cursor": cursor} if cursor else {}
        answer = Phone().get("/products", sort=sort, page_size=2, **query).json()
        seen += [row["title"] for row in answer["results"]]
        cursor = answer["next"]
    assert sorted(seen) == [f"P{number}" for number in range(7)]


def test_a_distributor_sees_what_one_unit_would_bring(lan: Member, mei: Member) -> None:
    made = product(price=10_000)
    Sku.objects.create(product=made, code="XL", price=20_000)
    plan()
    assert earning(Phone(lan), made) == {"kind": "cash", "min": 1_000, "max": 2_000}
    assert Phone(lan).get("/products").json()["results"][0]["my_commission"]["max"] == 2_000
    assert earning(Phone(mei), made) is None
    assert earning(Phone(), made) is None
    assert earning(Phone(lan, scopes=("share",)), made) is None


def test_who_earns_nothing_sees_nothing(lan: Member, qian: User) -> None:
    made = product()
    assert earning(Phone(lan), made) is None  # there is no plan
    plan()
    assert earning(Phone(lan), made)
    change_status(
        distributor=lan.distributor, to="suspended", reason="考察", by=qian, at=clock.now()
    )
    assert earning(Phone(lan), made) is None


def test_amounts_per_order_and_points_are_those_of_one_unit(lan: Member) -> None:
    one, other = product("One", price=10_000), product("Other", price=10_000)
    plan(
        rule(500, 0, kind="per_order"),
        rule(1_000, 0, layer="product", product=other, asset="points"),
    )
    rows = Phone(lan).get("/products").json()["results"]
    assert {row["id"]: row["my_commission"] for row in rows} == {
        one.public_id: {"kind": "cash", "min": 500, "max": 500},
        other.public_id: {"kind": "points", "min": 10, "max": 10},
    }


def test_only_products_on_which_the_plan_pays(lan: Member, qian: User) -> None:
    food = Category.objects.create(code="food", name="Food")
    fruit = Category.objects.create(code="fruit", name="Fruit", parent=food)
    gold = Level.objects.create(rank=1, name="Gold")
    mask, peach, nuts = (
        product("Mask"), product("Peach", category=fruit), product("Nuts", category=food)
    )  # fmt: skip
    plan(
        rule(0, 0),
        rule(1_000, 0, layer="category", category=food),
        rule(0, 0, layer="product", product=peach),
        rule(1_000, 0, layer="product", product=mask, level=gold),
    )
    assert names(Phone(), distributable="true") == ["Nuts"]
    assert names(Phone(lan), distributable="true") == ["Nuts"]
    assert names(Phone(), distributable="false") == ["Peach", "Mask"]
    type(lan.distributor).objects.filter(pk=lan.distributor.pk).update(level=gold)
    assert nuts.name in names(Phone(lan), distributable="true")


def test_the_filter_agrees_with_the_amounts(lan: Member) -> None:
    shelf = Category.objects.create(code="food", name="Food")
    for number in range(4):
        product(f"P{number}", category=shelf)
    last = Product.objects.get(name="P3")
    plan(
        rule(0, 0),
        rule(100, 0, layer="category", category=shelf),
        rule(None, 0, layer="product", product=last),
        combine="best",
    )
    rows = Phone(lan).get("/products").json()["results"]
    paying = [row["title"] for row in rows if "my_commission" in row]
    assert paying == names(Phone(lan), distributable="true")


def test_a_member_gets_a_ready_card_and_nothing_is_written(chen: Member) -> None:
    made = product()
    row = uploaded(made)
    shown = detail(Phone(chen), made)
    card = shown["share"]
    assert card["h5"]["link"].endswith(f"/s/{card['code']}")
    assert card["chat"]["image"].endswith(row.chat_path)
    assert card["timeline"]["image"].endswith(row.square_path)
    assert not Share.objects.exists()
    assert "share" not in detail(Phone(), made)
    assert "share" not in detail(Phone(chen, scopes=("me:read",)), made)


def test_an_unchanged_page_is_not_sent_again(lan: Member) -> None:
    made = product()
    plan()
    for path in ("/products", f"/products/{made.public_id}"):
        answer = Phone(lan).get(path)
        assert Phone(lan).get(path, etag=answer["ETag"]).status_code == 304
        made.skus.update(price=1_000 + len(path))
        assert Phone(lan).get(path, etag=answer["ETag"]).status_code == 200


def cost(who: Phone, path: str, **query: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert who.get(path, **query).status_code == 200
    return len(seen)


def test_a_page_of_many_costs_as_many_queries_as_one(lan: Member) -> None:
    plan()
    first = product("P0")
    phone = Phone(lan)
    phone.get("/products")
    few = cost(phone, "/products", page_size=100)
    for number in range(20):
        product(f"Q{number}")
    assert cost(phone, "/products", page_size=100) == few
    assert cost(phone, "/products", page_size=100, distributable="true") <= few + 4
    uploaded(first)
    assert cost(phone, f"/products/{first.public_id}") <= few + 6


@pytest.mark.slow
def test_200_products_cost_as_many_queries_as_one(lan: Member, qian: User) -> None:
    plan()
    shelf = Category.objects.create(code="many", name="Many")
    made = Product.objects.bulk_create(
        Product(name=f"P{number}", category=shelf) for number in range(200)
    )
    Sku.objects.bulk_create(Sku(product=row, code=f"S{row.pk}", price=100) for row in made)
    put_on_sale(product=made[0], by=qian, at=NOON)
    phone = Phone(lan)
    phone.get("/products")
    few = cost(phone, "/products", page_size=100)
    Product.objects.filter(status="draft").update(status="on_sale")
    assert cost(phone, "/products", page_size=100) == few
