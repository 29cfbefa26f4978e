"""Everything that the palette should find is found, by those who may see it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Product
from closing.models import StatementLine, TreasuryDocument
from distribution.models import Distributor
from incentives.models import Version
from members.models import Member, User
from orders.models import Order
from tests.cast import give
from withdrawals.models import Attempt, Withdrawal

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]


def found(client: Client, term: str) -> str:
    return client.get(reverse("backoffice_find"), {"q": term}).content.decode()


def picked(client: Client, source: str, term: str) -> str:
    url = reverse("backoffice_pick", args=[source])
    return client.get(url, {"q": term}).content.decode()


def change(model: str, key: int) -> str:
    return reverse(f"admin:{model}_change", args=[key])


def test_people_are_found_by_name_number_and_code(as_boss: Client) -> None:
    zhao = Member.objects.get(nickname="Zhao")
    for term in ("zha", "Zhao", "zhao", zhao.public_id.upper(), zhao.distributor.code[:4]):
        assert change("members_member", zhao.pk) in found(as_boss, term), term


def test_orders_are_found_by_their_number_in_any_case_and_by_refunds(as_boss: Client) -> None:
    order = Order.objects.get(number="W-3")
    for term in ("W-3", "w-3", order.public_id, "R-2"):
        assert change("orders_order", order.pk) in found(as_boss, term), term


def test_incentives_are_found_by_name_and_id(as_boss: Client) -> None:
    version = Version.objects.get(name="双十二冲刺")
    for term in ("冲刺", version.public_id.upper(), version.incentive.public_id):
        assert change("incentives_incentive", version.incentive_id) in found(as_boss, term), term


def test_withdrawals_are_found_by_their_id_and_payments(as_boss: Client) -> None:
    attempt = Attempt.objects.select_related("withdrawal").first()
    assert attempt
    page = change("withdrawals_withdrawal", attempt.withdrawal_id)
    for term in (attempt.withdrawal.public_id.upper(), attempt.out_bill_no):
        assert page in found(as_boss, term), term


def test_lines_of_statements_and_documents_are_found(as_boss: Client) -> None:
    line, document = StatementLine.objects.latest("pk"), TreasuryDocument.objects.latest("pk")
    assert change("closing_statementline", line.pk) in found(as_boss, line.number)
    assert change("closing_treasurydocument", document.pk) in found(as_boss, document.number)


def test_products_are_found_by_name_and_sku(as_boss: Client) -> None:
    nuts = Product.objects.get(name="每日坚果")
    for term in ("坚果", "n-1", nuts.public_id):
        assert change("catalog_product", nuts.pk) in found(as_boss, term), term
    assert 'data-value="N-1"' in picked(as_boss, "skus", "坚果")
    assert 'data-value="nuts"' in picked(as_boss, "categories", "坚果")


def test_pickers_find_distributors_and_payments_by_name(as_boss: Client) -> None:
    wang = Distributor.objects.get(member__nickname="Wang")
    assert f'data-value="{wang.public_id}"' in picked(as_boss, "distributors", "wan")
    attempt = Attempt.objects.filter(withdrawal__member__nickname="Lu").first()
    assert attempt
    assert f'data-value="{attempt.out_bill_no}"' in picked(as_boss, "payments", "Lu")


def test_distributors_who_exited_come_last(as_boss: Client) -> None:
    wang, zhao = (Distributor.objects.get(member__nickname=name) for name in ("Wang", "Zhao"))
    Member.objects.filter(pk__in=[wang.member_id, zhao.member_id]).update(nickname="同名")
    Distributor.objects.filter(pk=zhao.pk).update(status=Distributor.Status.EXITED)
    shown = picked(as_boss, "distributors", "同名")
    assert shown.index(wang.public_id) < shown.index(zhao.public_id)


@pytest.mark.parametrize(
    ("term", "right"),
    [("W-3", "view_order"), ("坚果", "view_product"), ("zhao", "view_member")],
)
def test_each_kind_needs_its_right(as_qian: Client, qian: User, term: str, right: str) -> None:
    assert "/admin/" not in found(as_qian, term)
    give(qian, right)
    assert "/admin/" in found(as_qian, term)


def test_withdrawals_of_others_are_not_found_by_a_part(as_boss: Client) -> None:
    row = Withdrawal.objects.latest("pk")
    assert change("withdrawals_withdrawal", row.pk) not in found(as_boss, row.public_id[:10])
