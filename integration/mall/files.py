"""The files of a mall and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from common.clock import SHANGHAI
from integration.mall.cells import (
    integer,
    key,
    moment,
    one_of,
    optional,
    rate,
    scope,
    text,
    yuan,
)
from integration.mall.headers import (
    ASSETS,
    BASES,
    REFUND_KINDS,
    SCOPES,
    STATUSES,
    YES_NO,
    column_of,
)
from integration.mall.problems import Problem
from integration.mall.sheets import Columns, Sheet, parse_table
from integration.mall.tables import Table, read_table
from ledger.chart import Asset
from orders.models import Refund

ORDER_STATUSES = ("placed", "paid", "shipped", "received", "completed", "closed")
OPTIONAL_FILES = frozenset({"bindings"})
OPTIONAL_COLUMNS: Mapping[str, frozenset[str]] = {
    "rules": frozenset({"from"}),
    "bindings": frozenset({"ended_at"}),
    "refunds": frozenset({"freight", "kind"}),
}
REPLACED_BY_BINDINGS = frozenset({"referrer", "bound_at"})
"""Columns of members that may be missing where the file of bindings is given."""


def columns(zone: ZoneInfo) -> dict[str, Columns]:
    """Return the parsers of each file's columns; times without an offset are in ``zone``."""
    at = moment(zone)
    return {
        "categories": {"code": key(80), "name": text(80), "parent": key(80, blank=True)},
        "products": {
            "sku": key(80),
            "name": text(200),
            "category": key(80),
            "price": yuan,
            "cost": optional(yuan),
            "stock": integer(0, 10**9),
        },
        "members": {
            "member": key(128),
            "nickname": text(80, blank=True),
            "province": text(40, blank=True),
            "city": text(60, blank=True),
            "joined_at": moment(zone, day=True),
            "is_distributor": one_of("0", "1", words=YES_NO),
            "referrer": key(128, blank=True),
            "bound_at": optional(at),
        },
        "bindings": {
            "member": key(128),
            "distributor": key(128),
            "bound_at": at,
            "ended_at": optional(at),
        },
        "rules": {
            "scope": scope(SCOPES),
            "target": key(80, blank=True),
            "tier1": optional(rate),
            "tier2": optional(rate),
            "base": one_of("paid", "profit", "", words=BASES),
            "asset": one_of(*Asset.values, words=ASSETS),
            "from": optional(moment(zone, day=True)),
        },
        "orders": {
            "order_no": key(64),
            "line_no": integer(1, 30_000),
            "buyer": key(128),
            "sku": key(80),
            "quantity": integer(1, 10**6),
            "unit_price": yuan,
            "discount": yuan,
            "shipping": yuan,
            "status": one_of(*ORDER_STATUSES, words=STATUSES),
            "placed_at": at,
            "paid_at": optional(at),
            "shipped_at": optional(at),
            "received_at": optional(at),
            "closed_at": optional(at),
        },
        "refunds": {
            "refund_no": key(64),
            "order_no": key(64),
            "line_no": integer(1, 30_000),
            "quantity": integer(0, 10**6),
            "amount": yuan,
            "freight": optional(yuan),
            "kind": optional(one_of(*Refund.TOLD_KINDS, words=REFUND_KINDS)),
            "refunded_at": at,
        },
    }


@dataclass(frozen=True, slots=True)
class Files:
    """The parsed files, and the tables from which they were parsed, by name."""

    categories: Sheet
    products: Sheet
    members: Sheet
    rules: Sheet
    orders: Sheet
    refunds: Sheet
    bindings: Sheet | None
    tables: Mapping[str, Table]

    @property
    def headers(self) -> dict[tuple[str, str], str]:
        """The name that each file gives to a column, by file and column."""
        return {
            (table.file, column_of(name, written)): written
            for name, table in self.tables.items()
            for written in table.header
        }


def read_all(folder: Path, zone: ZoneInfo = SHANGHAI) -> tuple[Files, list[Problem]]:
    """Read the files of a folder.

    :returns: the files, and a problem for each cell that cannot be read
    """
    problems: list[Problem] = []
    sheets: dict[str, Sheet | None] = dict.fromkeys(OPTIONAL_FILES)
    tables: dict[str, Table] = {}
    for name, parsers in columns(zone).items():
        table = _read(folder, name, parsers, problems)
        if table is not None:
            tables[name] = table
    for name, parsers in columns(zone).items():
        if name in tables and tables[name].header:
            may_miss = OPTIONAL_COLUMNS.get(name, frozenset())
            if name == "members" and "bindings" in tables:
                may_miss |= REPLACED_BY_BINDINGS
            header = [column_of(name, written) for written in tables[name].header]
            sheets[name] = parse_table(tables[name], header, parsers, may_miss, problems)
        elif name in tables:
            sheets[name] = Sheet(tables[name].file, [], is_unreadable=True)
    return Files(**sheets, tables=tables), problems  # type: ignore[arg-type]


def _read(folder: Path, name: str, parsers: Columns, problems: list[Problem]) -> Table | None:
    return read_table(
        folder,
        name,
        optional=name in OPTIONAL_FILES,
        count_known=lambda header: sum(
            column_of(name, cell.strip(' "')) in parsers for cell in header
        ),
        problems=problems,
    )
