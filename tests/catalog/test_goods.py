"""What goods were at a moment, for orders that arrive late."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from catalog.models import CatalogHistory, Category, Product, Sku
from catalog.queries import goods_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves() -> dict[str, Category]:
    home = Category.objects.create(code="home", name="Home")
    tea = Category.objects.create(code="tea", name="Tea", parent=home)
    return {"home": home, "tea": tea, "gifts": Category.objects.create(code="gifts", name="Gifts")}


@pytest.fixture
def pot(shelves: dict[str, Category]) -> Product:
    pot = Product.objects.create(name="Pot", category=shelves["tea"])
    Sku.objects.create(product=pot, code="pot-red", price=9_900, cost=4_000)
    return pot


def path(code: str, *, at: object) -> list[str]:
    names = dict(Category.objects.values_list("pk", "code"))
    return [names[key] for key in goods_at(at, [code])[code].categories]  # type: ignore[arg-type]


def test_goods_are_what_they_are_as_long_as_nothing_moves(pot: Product) -> None:
    found = goods_at(timezone.now(), ["pot-red", "unheard-of"])

    assert set(found) == {"pot-red"}
    red = found["pot-red"]
    assert (red.product_id, red.product, red.price, red.cost) == (pot.pk, "Pot", 9_900, 4_000)
    assert path("pot-red", at=timezone.now()) == ["tea", "home"]


def test_a_product_that_moves_was_on_its_old_shelf(
    pot: Product, shelves: dict[str, Category]
) -> None:
    before = timezone.now()
    pot.category = shelves["gifts"]
    pot.save()
    between = timezone.now()
    pot.category = shelves["home"]
    pot.save()

    assert path("pot-red", at=before) == ["tea", "home"]
    assert path("pot-red", at=between) == ["gifts"]
    assert path("pot-red", at=timezone.now()) == ["home"]


def test_a_shelf_that_moves_takes_its_goods_along_from_then_on(
    pot: Product, shelves: dict[str, Category]
) -> None:
    before = timezone.now()
    tea = Category.objects.get(code="tea")
    tea.parent = shelves["gifts"]
    tea.save()
    between = timezone.now()
    tea.parent = None
    tea.save()

    assert path("pot-red", at=before) == ["tea", "home"]
    assert path("pot-red", at=between) == ["tea", "gifts"]
    assert path("pot-red", at=timezone.now()) == ["tea"]


def test_what_it_cost_then(pot: Product) -> None:
    before = timezone.now()
    Sku.objects.update(cost=None)
    between = timezone.now()
    Sku.objects.update(cost=5_000)

    costs = [goods_at(at, ["pot-red"])["pot-red"].cost for at in (before, between)]
    assert costs == [4_000, None]
    assert goods_at(timezone.now(), ["pot-red"])["pot-red"].cost == 5_000


def test_a_change_that_changes_nothing_is_not_remembered(pot: Product) -> None:
    pot.save()
    Category.objects.get(code="tea").save()

    assert not CatalogHistory.objects.exists()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE catalog_cataloghistory SET value = 1", "DELETE FROM catalog_cataloghistory"],
)
def test_the_past_stays(pot: Product, shelves: dict[str, Category], statement: str) -> None:
    pot.category = shelves["gifts"]
    pot.save()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
