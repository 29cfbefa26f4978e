"""Products go on and off sale."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Category, Product, Sku
from catalog.services import ProductWithoutSku, put_on_sale, take_off_sale
from common.status import WrongStatus
from events.models import Event
from members.models import User
from tests.cast import NOON


@pytest.fixture
def mask(db: None) -> Product:
    return Product.objects.create(name="Mask", category=Category.objects.create(code="c", name="C"))


@pytest.fixture
def sku(mask: Product) -> Sku:
    return Sku.objects.create(product=mask, code="M-1", price=100)


def test_a_product_without_a_sku_cannot_be_sold(mask: Product, qian: User) -> None:
    with pytest.raises(ProductWithoutSku):
        put_on_sale(product=mask, by=qian, at=NOON)
    mask.refresh_from_db()
    assert mask.status == Product.Status.DRAFT
    assert not Event.objects.filter(subject_id=mask.public_id).exists()


def test_each_change_of_sale_is_recorded(mask: Product, sku: Sku, qian: User) -> None:
    put_on_sale(product=mask, by=qian, at=NOON)
    take_off_sale(product=mask, by=qian, at=NOON)
    put_on_sale(product=mask, by=qian, at=NOON)
    events = Event.objects.filter(subject_id=mask.public_id).order_by("id")
    assert [(event.name, event.before["status"], event.actor_id) for event in events] == [
        ("catalog.on_sale", "draft", "qian"),
        ("catalog.off_sale", "on_sale", "qian"),
        ("catalog.on_sale", "off_sale", "qian"),
    ]


def test_a_draft_cannot_be_taken_off_sale(mask: Product, sku: Sku, qian: User) -> None:
    with pytest.raises(WrongStatus):
        take_off_sale(product=mask, by=qian, at=NOON)
    mask.refresh_from_db()
    assert mask.status == Product.Status.DRAFT


@pytest.mark.parametrize(
    "wrong", [{"price": -1}, {"cost": -1}, {"kind": "strange"}, {"code": "M-1"}]
)
def test_the_database_refuses_invalid_skus(
    mask: Product, sku: Sku, wrong: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Sku.objects.create(**{"product": mask, "code": "M-2", "price": 1, **wrong})
    assert mask.skus.get() == sku


def test_the_database_refuses_unknown_statuses(mask: Product) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.update(status="strange")


def test_search_by_words_of_the_name_or_the_start_of_a_code(mask: Product, sku: Sku) -> None:
    mask.name = "每日坚果 30 袋"
    mask.save()
    search = Product.objects.search  # type: ignore[attr-defined]
    for words in ("坚果", "袋 每日", "m-1", "M", " M-1 "):
        assert list(search(words)) == [mask], words
    for words in ("坚果 盒", "-1", "M-1 坚果"):
        assert not search(words).exists(), words
