"""Members see the orders they bought; staff see orders by permission."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from members.models import Member, User
from orders.models import Order
from tests.shop import ingest, order, sku

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_orders(bo: Member, chen: Member) -> None:
    sku()
    ingest(order(bo), order(chen, number="O-2"))


def numbers(person: User | Member) -> list[str]:
    orders = Order.objects.visible_to(person)  # type: ignore[attr-defined]
    return sorted(orders.values_list("number", flat=True))


def test_a_member_sees_the_orders_they_bought(bo: Member, lan: Member) -> None:
    assert numbers(bo) == ["O-1"]
    assert numbers(lan) == []


def test_staff_without_the_permission_see_no_order(qian: User) -> None:
    qian.user_permissions.clear()
    qian.groups.clear()

    assert numbers(qian) == []


def test_staff_with_the_permission_see_every_order() -> None:
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_order"))

    assert numbers(viewer) == ["O-1", "O-2"]


def test_inactive_staff_see_no_order() -> None:
    viewer = User.objects.create(username="viewer", is_staff=True, is_active=False)
    viewer.user_permissions.add(Permission.objects.get(codename="view_order"))

    assert numbers(viewer) == []
