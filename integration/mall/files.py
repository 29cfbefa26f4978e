"""The six files of a mall and their columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from commissions.models.plan import MAX_FIXED_AMOUNT, Layer
from commissions.rules import ONE_HUNDRED_PERCENT
from common import money
from integration.mall.sheets import (
    InvalidCell,
    Parser,
    Problem,
    Sheet,
    integer,
    moment,
    one_of,
    optional,
    read,
    text,
    yuan,
)
from ledger.chart import Asset

PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?%", re.ASCII)
STATUSES = ("placed", "paid", "shipped", "received", "completed", "closed")


class Rate(NamedTuple):
    """A rule's value for a tier: basis points, or minor units per unit sold."""

    percent: bool
    value: int


def rate(cell: str) -> Rate:
    """Parse ``10%``, ``8.25%``, or ``3.00`` per unit."""
    if match := PERCENT.fullmatch(cell):
        whole_part, hundredths = match.groups()
        points = int(whole_part) * 100 + int((hundredths or "").ljust(2, "0"))
        if points > ONE_HUNDRED_PERCENT:
            raise InvalidCell(_("is more than 100%"))
        return Rate(True, points)
    try:
        amount = money.parse_yuan(cell)
        if not 0 <= amount <= MAX_FIXED_AMOUNT:
            raise InvalidCell(_("is too large"))
        return Rate(False, amount)
    except money.InvalidAmount:
        raise InvalidCell(
            _("“%(cell)s” is neither a percentage such as 8.5%% nor an amount such as 3.00")
            % {"cell": cell[:40]}
        ) from None


def scope(cell: str) -> str:
    """Parse the scope of a rule: only goods can be rewarded."""
    if cell not in Layer.values:
        raise InvalidCell(
            _(
                "“%(cell)s” is not store, category or product: a commission is paid for goods that"
                " were bought, never for recruiting people (禁止传销条例, article 7)"
            )
            % {"cell": cell[:40]}
        )
    return cell


COLUMNS: dict[str, dict[str, Parser]] = {
    "categories.csv": {"code": text(80), "name": text(80), "parent": text(80, blank=True)},
    "products.csv": {
        "sku": text(80),
        "name": text(200),
        "category": text(80),
        "price": yuan,
        "cost": optional(yuan),
        "stock": integer(0, 10**9),
    },
    "members.csv": {
        "member": text(128),
        "nickname": text(80, blank=True),
        "province": text(40, blank=True),
        "city": text(60, blank=True),
        "joined_at": moment,
        "is_distributor": one_of("0", "1"),
        "referrer": text(128, blank=True),
        "bound_at": optional(moment),
    },
    "rules.csv": {
        "scope": scope,
        "target": text(80, blank=True),
        "tier1": optional(rate),
        "tier2": optional(rate),
        "base": one_of("paid", "profit", ""),
        "asset": one_of(*Asset.values),
    },
    "orders.csv": {
        "order_no": text(64),
        "line_no": integer(1, 30_000),
        "buyer": text(128),
        "sku": text(80),
        "quantity": integer(1, 10**6),
        "unit_price": yuan,
        "discount": yuan,
        "shipping": yuan,
        "status": one_of(*STATUSES),
        "placed_at": moment,
        "paid_at": optional(moment),
        "shipped_at": optional(moment),
        "received_at": optional(moment),
        "closed_at": optional(moment),
    },
    "refunds.csv": {
        "refund_no": text(64),
        "order_no": text(64),
        "line_no": integer(1, 30_000),
        "quantity": integer(0, 10**6),
        "amount": yuan,
        "refunded_at": moment,
    },
}


@dataclass(frozen=True, slots=True)
class Files:
    categories: Sheet
    products: Sheet
    members: Sheet
    rules: Sheet
    orders: Sheet
    refunds: Sheet


def read_all(folder: Path) -> tuple[Files, list[Problem]]:
    """Read the files of a folder.

    :returns: the files, and a problem for each cell that cannot be read
    """
    problems: list[Problem] = []
    sheets = {
        file.removesuffix(".csv"): read(folder, file, columns, problems)
        for file, columns in COLUMNS.items()
    }
    return Files(**sheets), problems
