"""A strike price is the lowest that was asked in the seven days before a reduction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from catalog.models import AskedPrice, Category, Product, Sku
from catalog.queries import product_facts
from catalog.services import put_on_sale, take_off_sale
from common import clock
from members.models import User

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def product(qian: User) -> Product:
    made = Product.objects.create(name="Mask", category=Category.objects.create(code="c", name="C"))
    Sku.objects.create(product=made, code="M-1", price=8_000)
    put_on_sale(product=made, by=qian, at=clock.now())
    return made


def past(product: Product, *periods: tuple[float, float, int]) -> None:
    """Add what was asked before today: from and until so many days ago, and the price."""
    sku, now = product.skus.earliest("code"), clock.now()
    for since, until, price in periods:
        AskedPrice.objects.create(
            sku=sku, price=price, since=now - since * DAY, until=now - until * DAY
        )


def strike(product: Product, *, at: datetime | None = None) -> int | None:
    return product_facts([product], at=at or clock.now())[product.pk].strike_price


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ([], None),
        ([(20, 0, 10_000)], 10_000),
        ([(20, 3, 12_000), (3, 0, 10_000)], 10_000),  # the lowest of the seven days
        ([(20, 8, 9_000), (8, 0, 10_000)], 10_000),  # what was before does not count
        ([(20, 6, 7_000), (6, 0, 10_000)], None),  # raised shortly before: no reduction
        ([(20, 6, 8_000), (6, 0, 10_000)], None),
        ([(6, 0, 10_000)], None),  # asked for less than seven days
        ([(20, 10, 12_000), (2, 0, 10_000)], None),  # not on sale when the seven days began
        ([(20, 5, 12_000), (2, 0, 10_000)], 10_000),
        ([(20, 1, 10_000), (1, 0, 8_000)], 10_000),  # taken off sale for a moment since
    ],
    ids=str,
)
def test_the_basis_of_a_reduction(
    product: Product, periods: Iterable[tuple[float, float, int]], expected: int | None
) -> None:
    past(product, *periods)
    assert strike(product) == expected


def test_after_thirty_days_it_is_no_reduction_any_more(product: Product) -> None:
    past(product, (20, 0, 10_000))
    assert strike(product, at=clock.now() + 29 * DAY) == 10_000
    assert strike(product, at=clock.now() + 31 * DAY) is None


def test_only_the_cheapest_sku_counts(product: Product) -> None:
    past(product, (20, 0, 10_000))
    Sku.objects.create(product=product, code="M-0", price=7_999)
    assert strike(product) is None


def test_what_the_mall_calls_the_original_price_is_no_basis(product: Product) -> None:
    product.skus.update(original_price=99_900)
    assert strike(product) is None


def asked(product: Product) -> list[tuple[int, bool]]:
    rows = AskedPrice.objects.filter(sku__product=product).order_by("since", "pk")
    return [(row.price, row.until is None) for row in rows]


def test_a_price_is_asked_while_the_product_is_on_sale(product: Product, qian: User) -> None:
    sku = product.skus.get()
    sku.price = 9_000
    sku.save()
    sku.cost = 1
    sku.save()
    assert asked(product) == [(8_000, False), (9_000, True)]
    take_off_sale(product=product, by=qian, at=clock.now())
    product.skus.update(price=1)
    assert asked(product) == [(8_000, False), (9_000, False)]
    put_on_sale(product=product, by=qian, at=clock.now())
    assert asked(product) == [(8_000, False), (9_000, False), (1, True)]


def test_the_price_of_a_draft_is_not_asked(db: None) -> None:
    shelf = Category.objects.create(code="c", name="C")
    draft = Product.objects.create(name="Draft", category=shelf)
    Sku.objects.create(product=draft, code="D-1", price=9_900)
    draft.skus.update(price=100)
    assert asked(draft) == []


@pytest.mark.parametrize("change", [{"price": 1}, {"since": clock.now()}])
def test_the_past_cannot_be_changed(product: Product, change: dict[str, object]) -> None:
    past(product, (20, 10, 10_000))
    rows = AskedPrice.objects.exclude(until=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(until=clock.now())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM catalog_askedprice")
    assert rows.get().price == 10_000


def test_an_sku_has_one_price_at_a_time(product: Product) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        AskedPrice.objects.create(sku=product.skus.get(), price=1, since=clock.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        past(product, (1, 2, 10_000))  # ends before it begins
