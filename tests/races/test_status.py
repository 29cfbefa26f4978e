"""One of two concurrent status changes wins."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial

import pytest

from catalog.models import Category, Product, Sku
from catalog.services import put_on_sale
from common.status import WrongStatus
from events.models import Event
from members.models import User
from tests.cast import NOON, staff
from tests.concurrency import run_concurrently


@pytest.fixture
def qian(committed: str) -> User:
    return staff("Qian")


@pytest.fixture
def mask(committed: str) -> Product:
    product = Product.objects.create(
        name="Mask", category=Category.objects.create(code="c", name="C")
    )
    Sku.objects.create(product=product, code="M-1", price=100)
    return product


def test_eight_concurrent_status_changes_have_one_effect(mask: Product, qian: User) -> None:
    def move() -> None:
        put_on_sale(product=Product.objects.get(pk=mask.pk), by=qian, at=NOON)

    ends = run_concurrently(*[move] * 8)

    assert Counter(type(end) for end in ends) == {type(None): 1, WrongStatus: 7}
    assert Event.objects.filter(name="catalog.on_sale").count() == 1
    refusal = next(end for end in ends if isinstance(end, WrongStatus))
    assert refusal.data["status"] == Product.Status.ON_SALE


def test_control_reading_and_then_saving_lets_all_changes_win(mask: Product) -> None:
    meet = threading.Barrier(8)

    def move(read: threading.Barrier) -> bool:
        product = Product.objects.get(pk=mask.pk)
        read.wait(30)
        if product.status not in Product.COMES_FROM[Product.Status.ON_SALE]:
            return False
        product.status = Product.Status.ON_SALE
        product.save()
        return True

    assert run_concurrently(*[partial(move, meet)] * 8) == [True] * 8
