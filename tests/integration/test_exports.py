"""Exports saved by LibreOffice 7.4 in Chinese: after one round of messages they come in.

``exports/as_saved`` is what a shop owner saves without care: order numbers as numbers, a sum row,
dates of its locale. ``exports/corrected`` is the same after the messages were followed. Both are in
three forms: xlsx, CSV in GBK with semicolons, CSV in UTF-16 with tabs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from commissions.models import Rule
from members.models import Member
from orders.models import Order
from tests.integration.files import import_mall
from tests.shop import commissions

pytestmark = pytest.mark.django_db

EXPORTS = Path(__file__).parent / "exports"
FORMS = ("xlsx", "gbk", "tab")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize("form", FORMS)
def test_the_first_round_names_every_kind_of_error_and_what_to_do(form: str) -> None:
    errors = import_mall(EXPORTS / "as_saved" / form)

    kinds = [line for line in errors.splitlines() if not line.startswith(" ")]
    expected = ["Ids that the spreadsheet has damaged: 4"]
    if form != "xlsx":
        expected += ["Times: 2"]  # in .xlsx they are dates, in CSV 24年12月1日
    expected += ["Sum rows: 1"]
    if form == "gbk":
        expected += ["Amounts: 1"]  # GBK has no ¥
    assert sorted(kinds[:-1]) == sorted(expected)
    assert ":6 订单号: “合计” is a sum row" in errors
    assert errors.count("What to do:") == len(expected)
    assert not Member.objects.exists()


@pytest.mark.parametrize("form", FORMS)
def test_the_corrected_files_come_in(form: str) -> None:
    assert import_mall(EXPORTS / "corrected" / form) == ""

    assert list(Order.objects.order_by("number").values_list("number", "status")) == [
        ("250105000000000001", "received"), ("250106000000000002", "paid"),
    ]  # fmt: skip
    assert list(Rule.objects.order_by("layer").values_list("layer", "tier1", "tier2")) == [
        ("product", 850, 0), ("store", 1_000, 500),
    ]  # fmt: skip
    # 2 × 109.90 − 10.00 = 209.80, of which 104.90 were refunded; 8.5 % of 1,299.00.
    assert [row[:5] for row in commissions("250105000000000001")] == [
        (1, 1, "兰兰", 2_098, 1_049), (1, 2, "梅姐", 1_049, 524), (2, 1, "兰兰", 11_041, 11_041),
    ]  # fmt: skip
