"""What finance pays by hand, as a file for the bank."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

import xlsxwriter  # type: ignore[import-untyped]
from django.utils.translation import gettext as _

XLSX_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment, unmasked; ``amount`` in fen."""

    number: str
    name: str
    channel: str
    bank: str
    account: str
    amount: int
    remark: str


def build_workbook(lines: Iterable[PaymentRow]) -> bytes:
    """A spreadsheet in which every text is a text: none is read as a formula, a link or a number,
    whatever a member has called themselves."""
    target = io.BytesIO()
    plain = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(target, plain) as book:
        yuan = book.add_format({"num_format": "#,##0.00"})
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet()
        titles = (
            _("number"), _("real name"), _("channel"), _("name of the bank"),
            _("account to pay to"), _("yuan"), _("remark"),
        )  # fmt: skip
        for place, title in enumerate(titles):
            sheet.write_string(0, place, title, bold)
        for row, line in enumerate(lines, start=1):
            texts = (line.number, line.name, line.channel, line.bank, line.account)
            for place, value in enumerate(texts):
                sheet.write_string(row, place, value, text)
            sheet.write_number(row, 5, line.amount / 100, yuan)
            sheet.write_string(row, 6, line.remark, text)
        sheet.set_column(0, 6, 24)
        sheet.freeze_panes(1, 0)
    return target.getvalue()
