"""Columns of amounts that are money or points, by the asset of the row."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q
from django.utils.html import format_html

from backoffice.base import NOTHING, StrOrPromise, column, render_yuan, value_at
from backoffice.filters import field_title
from backoffice.sheets import Cell, Yuan
from backoffice.totals import Total
from common.money import yuan_text
from ledger.chart import Asset


def amount_text(amount: int, asset: str) -> str:
    """Format money as ``¥1,234.50`` and points as a whole number."""
    return f"{amount:,}" if asset == Asset.POINTS else yuan_text(amount)


def render_amount(amount: int | None, asset: str) -> str:
    """Render an amount for a page; lists align it to the right."""
    if amount is None:
        return NOTHING
    if asset == Asset.POINTS:
        return format_html('<span class="tt-yuan">{}</span>', f"{amount:,}")
    return render_yuan(amount)


def amount_cell(amount: int | None, asset: str) -> Cell:
    """Return an amount for a spreadsheet: money in yuan, points as they are."""
    return amount if amount is None or asset == Asset.POINTS else Yuan(amount)


def amount_column(description: StrOrPromise, field: str, asset: str = "asset") -> Any:
    """Return a column that shows an amount of an asset; both fields may be dotted paths."""

    @column(description, ordering=field.replace(".", "__"))
    def show(_page: Any, row: Any) -> str:
        return render_amount(value_at(row, field), value_at(row, asset))

    def cell(_page: Any, row: Any) -> Cell:
        return amount_cell(value_at(row, field), value_at(row, asset))

    shown: Any = show
    shown.is_amount, shown.cell = True, cell
    return shown


class AssetTotals:
    """Adds up the amounts of a list by asset, and keeps points out of filters by money."""

    sum_by: ClassVar[str] = "asset"
    model: Any

    def is_money(self) -> Q:
        return ~Q(**{self.sum_by: Asset.POINTS})

    def show_total(self, total: Total) -> tuple[StrOrPromise, str]:
        title = field_title(self.model, total.field, self)
        if total.group != Asset.CASH:
            title = f"{title} · {Asset(total.group).label}"
        return title, amount_text(total.amount, total.group)
