"""Every bad input of a coupon is an error of its field; nothing is saved."""

from __future__ import annotations

from typing import Any

import pytest

from events.models import Event
from promotions.errors import CouponInvalid
from promotions.models import Coupon
from promotions.services import create_coupon, edit_coupon, publish_coupon
from tests.cast import NOON
from tests.promotions.coupons import DAY, draft, marketer, product, publisher, terms
from tests.shop import sku

pytestmark = pytest.mark.django_db

PERCENT: dict[str, Any] = {"kind": "percent", "rate": 2_000}
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("name", {"name": " "}),
    ("name", {"name": "券" * 41}),
    ("kind", {"kind": "gift", "amount": None}),
    ("amount", {"amount": None}),
    ("amount", {"amount": 0}),
    ("amount", {"amount": -1}),
    ("amount", {"amount": 10**10 + 1, "threshold": 0}),
    ("amount", {**PERCENT, "amount": 1}),
    ("rate", {**PERCENT, "rate": None}),
    ("rate", {**PERCENT, "rate": 0}),
    ("rate", {**PERCENT, "rate": 10_001}),
    ("rate", {"rate": 2_000}),
    ("most", {**PERCENT, "most": 0}),
    ("most", {"most": 100}),
    ("threshold", {"threshold": -1}),
    ("threshold", {"threshold": 4_999}),
    ("scope", {"scope": "shops"}),
    ("scope", {"kind": "product"}),
    ("targets", {"targets": [1]}),
    ("targets", {"scope": "products"}),
    ("targets", {"scope": "products", "targets": [404]}),
    ("targets", {"scope": "categories", "targets": [404]}),
    ("targets", {"kind": "product", "scope": "products", "targets": [1, 2]}),
    ("targets", {"scope": "products", "targets": list(range(501))}),
    ("valid_days", {"valid_days": None}),
    ("valid_days", {"valid_days": 0}),
    ("valid_days", {"valid_days": 3_651}),
    ("valid_days", {"valid_days": 7, "valid_from": NOON, "valid_until": NOON + DAY}),
    ("valid_from", {"valid_until": NOON}),
    ("valid_until", {"valid_from": NOON}),
    ("valid_until", {"valid_from": NOON, "valid_until": NOON}),
    ("valid_until", {"valid_from": NOON, "valid_until": NOON - DAY}),
    ("valid_until", {"valid_from": NOON, "valid_until": NOON.replace(year=2300)}),
    ("stock", {"stock": 0}),
    ("stock", {"stock": 2**31}),
    ("per_member", {"per_member": 0}),
    ("per_member", {"per_member": 1_001}),
    ("per_member", {"per_member": 3, "stock": 2}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("field", "values"), WRONG, ids=str)
def test_a_wrong_value_is_an_error_of_its_field(field: str, values: dict[str, Any]) -> None:
    by, before = marketer(), Event.objects.count()

    with pytest.raises(CouponInvalid) as refused:
        create_coupon(terms=terms(**values), by=by, at=NOON)

    assert set(refused.value.data["errors"]) == {field}
    assert not Coupon.objects.exists()
    assert Event.objects.count() == before


def test_all_errors_come_together() -> None:
    wrong = terms(name="", amount=0, stock=0, valid_days=0)

    with pytest.raises(CouponInvalid) as refused:
        create_coupon(terms=wrong, by=marketer(), at=NOON)

    assert set(refused.value.data["errors"]) == {"name", "amount", "stock", "valid_days"}


def test_the_same_product_twice_is_an_error() -> None:
    tea = product()

    with pytest.raises(CouponInvalid) as refused:
        draft(scope="products", targets=[tea.pk, tea.pk])

    assert set(refused.value.data["errors"]) == {"targets"}


def test_a_refused_change_leaves_the_draft_as_it_was() -> None:
    row = draft()

    with pytest.raises(CouponInvalid):
        edit_coupon(coupon=row, terms=terms(amount=0), by=marketer(), at=NOON)

    row.refresh_from_db()
    assert row.amount == 5_000


@pytest.mark.parametrize("kind", ["amount", "product"])
def test_goods_must_be_on_sale_when_it_is_published(kind: str) -> None:
    row = draft(kind=kind, scope="products", targets=[sku().product.pk])

    with pytest.raises(CouponInvalid) as refused:
        publish_coupon(coupon=row, by=publisher(), at=NOON)

    row.refresh_from_db()
    assert set(refused.value.data["errors"]) == {"targets"}
    assert row.status == "draft"


def test_what_would_be_over_already_is_not_published() -> None:
    row = draft(valid_from=NOON - DAY, valid_until=NOON)

    with pytest.raises(CouponInvalid) as refused:
        publish_coupon(coupon=row, by=publisher(), at=NOON)

    row.refresh_from_db()
    assert set(refused.value.data["errors"]) == {"valid_until"}
    assert row.published_at is None
