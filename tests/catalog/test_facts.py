"""What cards, posters and pages show of products."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import Category, Product, Sku
from catalog.queries import ProductFacts, picture_url, product_facts
from catalog.services import take_off_sale
from members.models import User
from tests.cast import NOON
from tests.catalog.pictures import product, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def facts(made: Product) -> ProductFacts:
    made.refresh_from_db()
    return product_facts([made], at=NOON)[made.pk]


def test_the_facts_of_a_product() -> None:
    made = product(price=10_990, url="https://m.example.com/1", mini_path="pages/1")
    Sku.objects.create(product=made, code="XL", price=15_000)
    row = uploaded(made)
    shown = facts(made)
    assert shown == ProductFacts(
        public_id=made.public_id, title="Mask", price=10_990, highest_price=15_000,
        strike_price=None, picture=row.path, picture_hash=row.sha256,
        chat_picture=row.chat_path, square_picture=row.square_path,
        url="https://m.example.com/1", mini_path="pages/1", category_code="beauty", industry="",
        on_sale=True,
    )  # fmt: skip
    assert len(shown.version) == 16


def test_a_product_with_nothing_has_facts_too() -> None:
    shelf = Category.objects.create(code="c", name="C")
    made = Product.objects.create(name="Draft", category=shelf)
    shown = facts(made)
    assert (shown.price, shown.highest_price, shown.picture, shown.on_sale) == (
        None,
        None,
        "",
        False,
    )
    assert product_facts([], at=NOON) == {}


def test_the_industry_is_that_of_the_nearest_category() -> None:
    top = Category.objects.create(code="top", name="Top", industry="food")
    middle = Category.objects.create(code="middle", name="Middle", parent=top)
    low = Category.objects.create(code="low", name="Low", parent=middle, industry="baby")
    assert facts(product("A", category=middle)).industry == "food"
    assert facts(product("B", category=low)).industry == "baby"
    assert facts(product("C")).industry == ""


@pytest.mark.parametrize("change", ["name", "price", "picture", "sale", "industry", "nothing"])
def test_the_version_is_another_one_as_soon_as_something_shown_is(change: str, qian: User) -> None:
    made = product()
    before = facts(made).version
    verbs: dict[str, Any] = {
        "name": lambda: Product.objects.update(name="又名"),
        "price": lambda: Sku.objects.update(price=1),
        "picture": lambda: uploaded(made),
        "sale": lambda: take_off_sale(product=made, by=qian, at=NOON),
        "industry": lambda: Category.objects.update(industry="beauty"),
        "nothing": lambda: Sku.objects.update(cost=1),
    }
    verbs[change]()
    assert (facts(made).version == before) == (change == "nothing")


def test_many_products_cost_as_many_queries_as_one() -> None:
    def cost(products: list[Product]) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(product_facts(products, at=NOON)) == len(products)
        return len(seen)

    products = [product(f"P{number}") for number in range(20)]
    uploaded(products[0])
    assert cost(products[:1]) == cost(products) <= 4


def test_addresses_of_pictures_are_whole(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://shop.example.com"
    assert picture_url("products/a.jpg") == "https://shop.example.com/media/products/a.jpg"
    assert picture_url("") == ""
