"""The pages of a product and of a distributor."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from common import clock
from distribution.models import Distributor
from distribution.services import change_status
from sharing.models import LandingPolicy
from sharing.services import save_home
from tests import shop
from tests.cast import staff
from tests.h5 import mall

pytestmark = pytest.mark.django_db


def test_a_product_has_a_price_a_summary_and_a_poster() -> None:
    product = mall.product(name="Silk mask", price=19_900)

    text = mall.visitor().get(f"/p/{product.public_id}").content.decode()

    assert "<b>199</b></span>" in text
    assert '<meta property="og:title" content="Silk mask">' in text
    assert f'/p/{product.public_id}">' in text
    assert "Make a poster" in text


def test_a_product_that_is_not_sold_is_gone() -> None:
    draft = shop.sku("draft").product
    sold = mall.product()
    unknown = mall.visitor().get("/p/nothing")
    Product.objects.filter(pk=sold.pk).update(status=Product.Status.OFF_SALE)

    for product in (draft, sold):
        page = mall.visitor().get(f"/p/{product.public_id}")
        assert page.status_code == 404
        assert page.content == unknown.content


def test_a_share_in_the_address_names_its_sender_and_goes_on() -> None:
    product = mall.product()
    mall.product("soap")
    code = mall.share(mall.distributor("lan"), "product", product.public_id).code

    text = mall.visitor().get(f"/p/{product.public_id}?share={code}").content.decode()

    assert "兰 recommends this to you" in text
    assert f"?share={code}" in text


@pytest.mark.parametrize("code", ["nonsense", "", "%00x", "x" * 3_000])
def test_a_share_that_opens_nothing_changes_nothing(code: str) -> None:
    product = mall.product()

    page = mall.visitor().get(f"/p/{product.public_id}", {"share": code})

    assert page.status_code == 200
    assert "recommends this to you" not in page.content.decode()


def test_it_leads_to_the_page_of_the_mall() -> None:
    product = mall.product()
    code = mall.share(mall.distributor("lan"), "product", product.public_id).code
    Product.objects.filter(pk=product.pk).update(url="https://mall.example.com/goods/1")

    text = mall.visitor().get(f"/p/{product.public_id}?share={code}").content.decode()

    assert f'href="https://mall.example.com/goods/1?share={code}"' in text


def test_the_policy_of_landing_pages_comes_first() -> None:
    product = mall.product()
    LandingPolicy.objects.create(kind="product", url="https://m.example.com/{sku}?from={code}")

    text = mall.visitor().get(f"/p/{product.public_id}").content.decode()

    assert 'href="https://m.example.com/mask?from="' in text


def test_an_address_that_is_no_page_is_no_link() -> None:
    product = mall.product()
    Product.objects.filter(pk=product.pk).update(url="javascript:alert(1)")

    assert "javascript:" not in mall.visitor().get(f"/p/{product.public_id}").content.decode()


def test_a_home_page_needs_no_more_queries_for_more_products() -> None:
    lan = mall.distributor("lan")
    code = Distributor.objects.get(member=lan).code
    products = [mall.product(f"soap-{number}").public_id for number in range(6)]
    counts = []
    for shown in (1, 6):
        save_home(member=lan, line="Mine", products=products[:shown], at=clock.now())
        with CaptureQueriesContext(connection) as queries:
            text = mall.visitor().get(f"/u/{code}").content.decode()
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert "6 products" in text


def test_an_empty_home_page_says_so() -> None:
    code = Distributor.objects.get(member=mall.distributor("lan")).code

    assert "No products yet" in mall.visitor().get(f"/u/{code}").content.decode()


def test_the_home_page_of_nobody_and_of_a_frozen_distributor_is_gone() -> None:
    distributor = Distributor.objects.get(member=mall.distributor("lan"))
    nobody = mall.visitor().get("/u/nobody")
    change_status(
        distributor=distributor, to=Distributor.Status.FROZEN, by=staff("qian"), at=clock.now(),
        reason="A complaint",
    )  # fmt: skip

    page = mall.visitor().get(f"/u/{distributor.code}")

    assert page.status_code == nobody.status_code == 404
    assert page.content == nobody.content
