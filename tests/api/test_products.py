"""The mall's server keeps products and categories in step."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, Product, Sku
from events.models import Event
from integration.clients import create_client
from tests.api.mall import Mall
from tests.cast import NOON

pytestmark = pytest.mark.django_db

MASK = {"sku": "mask", "name": "面膜", "category": "beauty", "price": 10_990}


@pytest.fixture
def mall() -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


def push(mall: Mall, *rows: Any) -> list[tuple[str, str]]:
    response = mall.post("/products:batch", {"products": list(rows)})
    assert response.status_code == 200, response.content
    return [(row["sku"], row["status"]) for row in response.json()["results"]]


def push_categories(mall: Mall, *rows: Any) -> list[dict[str, Any]]:
    response = mall.post("/categories:batch", {"categories": list(rows)})
    assert response.status_code == 200, response.content
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def test_a_product_brings_its_category(mall: Mall) -> None:
    assert push(mall, MASK | {"cost": 4_200}) == [("mask", "created")]

    sku = Sku.objects.get()
    assert (sku.price, sku.cost, sku.product.name) == (10_990, 4_200, "面膜")
    assert sku.product.status == Product.Status.ON_SALE
    assert (sku.product.category.name, sku.product.category.parent) == ("beauty", None)


def test_only_what_differs_is_written(mall: Mall) -> None:
    assert push(mall, MASK | {"cost": 4_200}, MASK) == [("mask", "created"), ("mask", "unchanged")]
    assert push(mall, MASK | {"cost": None}) == [("mask", "unchanged")]
    assert push(mall, MASK | {"price": 9_990}, MASK, MASK | {"price": 9_900}) == [
        ("mask", "updated"),
        ("mask", "updated"),
        ("mask", "updated"),
    ]

    assert Sku.objects.values_list("price", "cost").get() == (9_900, 4_200)
    event = Event.objects.get(name="integration.goods_changed")
    assert (event.before["price"], event.after["price"]) == (10_990, 9_900)
    assert event.actor_kind == "integration.apiclient"


def test_what_a_page_shows_is_stored(mall: Mall) -> None:
    shown = {
        "original_price": 12_990,
        "images": ["https://img.example.com/1.jpg"],
        "url": "https://shop.example.com/mask",
        "mini_path": "/pages/goods?sku=mask",
    }
    push(mall, MASK | shown)
    push(mall, MASK)

    sku = Sku.objects.get()
    product = sku.product
    assert shown == {
        "original_price": sku.original_price,
        "images": product.images,
        "url": product.url,
        "mini_path": product.mini_path,
    }
    assert push(mall, MASK | {"url": "", "images": []}) == [("mask", "updated")]
    product.refresh_from_db()
    assert (product.url, product.images) == ("", [])


def test_products_go_on_sale_and_off_sale(mall: Mall) -> None:
    def status() -> str:
        return Product.objects.values_list("status", flat=True).get()

    push(mall, MASK | {"on_sale": False})
    assert status() == "draft"
    assert push(mall, MASK | {"on_sale": False}) == [("mask", "unchanged")]
    push(mall, MASK | {"on_sale": True})
    assert status() == "on_sale"
    push(mall, MASK | {"on_sale": False})
    assert status() == "off_sale"
    assert push(mall, MASK) == [("mask", "unchanged")]


def test_skus_of_one_product_agree(mall: Mall) -> None:
    push(mall, MASK)
    Sku.objects.create(product=Product.objects.get(), code="mask-5", price=50_000)

    push(
        mall, MASK | {"name": "新面膜"}, MASK | {"sku": "mask-5", "name": "新面膜", "price": 49_000}
    )

    assert Product.objects.get().name == "新面膜"
    assert dict(Sku.objects.values_list("code", "price")) == {"mask": 10_990, "mask-5": 49_000}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", ""),
        ("sku", 7),
        ("name", "x" * 201),
        ("price", 109.9),
        ("price", "10990"),
        ("price", -1),
        ("cost", True),
        ("images", ["javascript:alert(1)"]),
        ("url", "shop.example.com"),
        ("on_sale", "true"),
        ("stock", 5),
    ],
)
def test_a_bad_product_does_not_affect_the_others(mall: Mall, field: str, value: object) -> None:
    tea = MASK | {"sku": "tea"}

    response = mall.post("/products:batch", {"products": [MASK | {field: value}, tea]})

    bad, good = response.json()["results"]
    assert (bad["status"], good) == ("invalid", {"sku": "tea", "status": "created"})
    assert bad["problem"]["errors"][0]["field"].startswith(field)
    assert Sku.objects.count() == 1


def test_one_product_is_put_at_its_sku(mall: Mall) -> None:
    assert mall.put("/products/mask", MASK).json() == {"sku": "mask", "status": "created"}
    assert mall.put("/products/mask", MASK).json()["status"] == "unchanged"
    refused = mall.put("/products/tea", MASK)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "sku")
    listed = mall.put("/products/tea", [])
    assert (listed.status_code, listed.json()["code"]) == (400, "invalid_input")
    assert Sku.objects.count() == 1


def test_a_batch_takes_as_many_queries_as_one_product(mall: Mall) -> None:
    push(mall, MASK)

    def queries(count: int, name: str) -> int:
        rows = [MASK | {"sku": f"{name}-{number}"} for number in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            push(mall, *rows)
            push(mall, *rows)
        return len(captured)

    queries(1, "warm")
    assert queries(1, "a") == queries(20, "b")


def test_501_products_are_too_many(mall: Mall) -> None:
    response = mall.post("/products:batch", {"products": [MASK] * 501})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "products")


def test_categories_may_come_before_their_parents(mall: Mall) -> None:
    results = push_categories(
        mall,
        {"code": "masks", "name": "面膜", "parent": "beauty"},
        {"code": "beauty", "name": "美妆"},
        {"code": "masks", "name": "面膜类"},
    )

    assert [row["status"] for row in results] == ["created", "created", "updated"]
    masks = Category.objects.get(code="masks")
    assert masks.parent
    assert (masks.name, masks.parent.code) == ("面膜类", "beauty")
    (top,) = push_categories(mall, {"code": "masks", "name": "面膜类", "parent": ""})
    assert top["status"] == "updated"
    assert Category.objects.get(code="masks").parent is None


def test_a_category_is_never_below_itself(mall: Mall) -> None:
    push_categories(
        mall,
        {"code": "beauty", "name": "美妆"},
        {"code": "masks", "name": "面膜", "parent": "beauty"},
    )

    results = push_categories(
        mall,
        {"code": "beauty", "name": "美妆", "parent": "masks"},
        {"code": "tea", "name": "茶", "parent": "drinks"},
        {"code": "toys", "name": "玩具", "parent": "toys"},
    )

    assert [row["problem"]["code"] for row in results] == [
        "category_below_itself",
        "category_unknown",
        "category_unknown",
    ]
    assert Category.objects.get(code="beauty").parent is None
    assert not Category.objects.filter(code__in=["tea", "toys"]).exists()


def test_the_scope_is_needed() -> None:
    client, secret = create_client(name="orders", scopes=["orders:write"], at=NOON)
    mall = Mall(client.key, secret)

    for response in (
        mall.post("/products:batch", {"products": [MASK]}),
        mall.post("/categories:batch", {"categories": [{"code": "a", "name": "a"}]}),
        mall.put("/products/mask", MASK),
    ):
        assert (response.status_code, response.json()["code"]) == (403, "scope_missing")
    assert not Sku.objects.exists()


def test_pictures_are_listed_for_workers(mall: Mall) -> None:
    one, two = "https://img.example.com/1.jpg", "https://img.example.com/2.jpg"
    push(mall, MASK | {"images": [one, two]})
    product = Product.objects.get()
    rows = product.pictures.order_by("position")
    assert [(row.source_url, row.status) for row in rows] == [(one, "waiting"), (two, "waiting")]
    push(mall, MASK | {"images": [one, two], "price": 1})
    assert product.pictures.count() == 2
    push(mall, MASK | {"images": [two]})
    assert [(row.source_url, row.status) for row in rows.order_by("source_url")] == [
        (one, "removed"), (two, "waiting"),
    ]  # fmt: skip
