"""Goods as of a moment, for orders that arrive late."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from catalog.models import CatalogHistory, Category, Product, Sku
from catalog.queries import goods_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def categories() -> dict[str, Category]:
    home = Category.objects.create(code="home", name="Home")
    tea = Category.objects.create(code="tea", name="Tea", parent=home)
    return {"home": home, "tea": tea, "gifts": Category.objects.create(code="gifts", name="Gifts")}


@pytest.fixture
def pot(categories: dict[str, Category]) -> Product:
    pot = Product.objects.create(name="Pot", category=categories["tea"])
    Sku.objects.create(product=pot, code="pot-red", price=9_900, cost=4_000)
    return pot


def path(code: str, *, at: object) -> list[str]:
    names = dict(Category.objects.values_list("pk", "code"))
    return [names[key] for key in goods_at(at, [code])[code].categories]  # type: ignore[arg-type]


def test_goods_without_history_are_as_they_are_now(pot: Product) -> None:
    goods = goods_at(timezone.now(), ["pot-red", "unknown"])

    assert set(goods) == {"pot-red"}
    red = goods["pot-red"]
    assert (red.product_id, red.product, red.price, red.cost) == (pot.pk, "Pot", 9_900, 4_000)
    assert path("pot-red", at=timezone.now()) == ["tea", "home"]


def test_a_moved_product_was_in_its_former_category(
    pot: Product, categories: dict[str, Category]
) -> None:
    before = timezone.now()
    pot.category = categories["gifts"]
    pot.save()
    between = timezone.now()
    pot.category = categories["home"]
    pot.save()

    assert path("pot-red", at=before) == ["tea", "home"]
    assert path("pot-red", at=between) == ["gifts"]
    assert path("pot-red", at=timezone.now()) == ["home"]


def test_a_moved_category_moves_its_goods_from_then_on(
    pot: Product, categories: dict[str, Category]
) -> None:
    before = timezone.now()
    tea = Category.objects.get(code="tea")
    tea.parent = categories["gifts"]
    tea.save()
    between = timezone.now()
    tea.parent = None
    tea.save()

    assert path("pot-red", at=before) == ["tea", "home"]
    assert path("pot-red", at=between) == ["tea", "gifts"]
    assert path("pot-red", at=timezone.now()) == ["tea"]


def test_the_cost_is_as_of_the_moment(pot: Product) -> None:
    before = timezone.now()
    Sku.objects.update(cost=None)
    between = timezone.now()
    Sku.objects.update(cost=5_000)

    costs = [goods_at(at, ["pot-red"])["pot-red"].cost for at in (before, between)]
    assert costs == [4_000, None]
    assert goods_at(timezone.now(), ["pot-red"])["pot-red"].cost == 5_000


def test_saving_without_a_change_records_no_history(pot: Product) -> None:
    pot.save()
    Category.objects.get(code="tea").save()

    assert not CatalogHistory.objects.exists()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE catalog_cataloghistory SET value = 1", "DELETE FROM catalog_cataloghistory"],
)
def test_history_is_append_only(
    pot: Product, categories: dict[str, Category], statement: str
) -> None:
    pot.category = categories["gifts"]
    pot.save()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
