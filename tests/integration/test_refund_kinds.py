"""Refunds of an import: exchanges change no amount, and surplus money back is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from orders.models import OrderLine, Refund
from tests.integration.files import Write, import_mall
from tests.shop import commissions

pytestmark = pytest.mark.django_db

HEADER = "refund_no,order_no,line_no,quantity,amount,freight,kind,refunded_at\n"
AT = "2025-11-06T12:00:00+08:00"


def with_refund(folder: Path, row: str) -> Path:
    (folder / "refunds.csv").write_text(f"{HEADER}{row},{AT}\n")
    return folder


@pytest.mark.parametrize(
    ("row", "kind", "left"),
    [
        ("R-1,O-1,1,1,0.00,,换货", "exchange", [1_099, 549]),
        ("R-1,O-1,1,1,0.00,,exchange", "exchange", [1_099, 549]),
        ("R-1,O-1,1,0,36.63,,仅退款", "refund", [732, 366]),
        ("R-1,O-1,1,1,109.90,,", "return", [0, 0]),
        ("R-1,O-1,1,1,117.90,,", "return", [0, 0]),
        ("R-1,O-1,1,2,129.90,,", "return", [0, 0]),
    ],
)
def test_the_kind_and_the_amount_of_a_refund_count(
    mall: Write, row: str, kind: str, left: list[int]
) -> None:
    assert import_mall(with_refund(mall(), row)) == ""

    assert Refund.objects.get().kind == kind
    assert [commission[4] for commission in commissions()] == left


def test_more_money_back_than_was_paid_is_compensation(mall: Write) -> None:
    assert import_mall(with_refund(mall(), "R-1,O-1,1,1,129.90,,")) == ""

    assert OrderLine.objects.get().compensation == 2_000


def test_an_exchange_pays_nothing_back(mall: Write) -> None:
    errors = import_mall(with_refund(mall(), "R-1,O-1,1,1,10.00,,换货"))

    assert "refunds.csv:2 amount" in errors
    assert not Refund.objects.exists()


def test_a_refund_number_belongs_to_one_order(mall: Write) -> None:
    folder = mall()
    orders = (folder / "orders.csv").read_text()
    other = orders.splitlines()[1].replace("O-1", "O-2")
    (folder / "orders.csv").write_text(f"{orders}{other}\n")

    errors = import_mall(with_refund(folder, f"R-1,O-1,1,0,1.00,,,{AT}\nR-1,O-2,1,0,1.00,,"))

    assert "refunds.csv:3 refund_no" in errors
    assert not Refund.objects.exists()
