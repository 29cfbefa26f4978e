"""Refunded shipping has its own column, and touches no commission."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from orders.models import Refund
from tests.integration.files import Write, import_mall
from tests.shop import commissions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def refunds(folder: Path, *rows: str) -> Path:
    header = "refund_no,order_no,line_no,quantity,amount,freight,refunded_at\n"
    (folder / "refunds.csv").write_text(
        header + "".join(f"{row},2025-11-06T12:00:00+08:00\n" for row in rows)
    )
    return folder


@pytest.mark.parametrize(
    ("row", "stored", "current"),
    [
        ("R-1,O-1,1,0,0.00,8.00", (0, 800), [1_099, 549]),
        ("R-1,O-1,1,0,8.00,0.00", (800, 0), [1_019, 509]),
        ("R-1,O-1,1,1,109.90,8.00", (10_990, 800), [0, 0]),
        ("R-1,O-1,1,0,9.00,", (900, 0), [1_009, 504]),
    ],
)
def test_shipping_and_goods_are_kept_apart(
    mall: Write, row: str, stored: tuple[int, int], current: list[int]
) -> None:
    assert import_mall(refunds(mall(), row)) == ""

    assert Refund.objects.values_list("amount", "freight").get() == stored
    assert [row[4] for row in commissions()] == current


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        (["R-1,O-1,1,0,8.00,"], "refunds.csv:2 amount: 8.00 is exactly the shipping"),
        (["R-1,O-1,1,0,0.00,3.00", "R-2,O-1,1,0,5.00,"], "refunds.csv:3 amount: 5.00 is exactly"),
        (["R-1,O-1,1,0,0.00,8.01"], "refunds.csv:2 freight: exceeds the shipping"),
        (["R-1,O-1,1,0,0.00,8.00", "R-2,O-1,1,0,0.00,0.01"], "refunds.csv:3 freight: exceeds"),
        (["R-1,O-1,1,0,0.00,0.00"], "refunds.csv:2 amount: is 0"),
    ],
)
def test_doubtful_shipping_is_asked_about(mall: Write, rows: list[str], place: str) -> None:
    assert place in import_mall(refunds(mall(), *rows))
    assert not Refund.objects.exists()
