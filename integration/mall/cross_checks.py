"""Check that the rows of the files agree with one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from common.keys import clean_key
from common.money import format_yuan
from integration.mall import binding_checks
from integration.mall.files import Files
from integration.mall.history import LATER_TIMES
from integration.mall.local_time import format_time
from integration.mall.problems import (
    CONTRADICTION,
    DUPLICATE,
    IMPLAUSIBLE,
    REFERENCE,
    RULE,
    Problem,
)
from integration.mall.sheets import Row, Sheet
from orders.intake.validate import TIME_TOLERANCE
from orders.models import Refund

ORDER_COLUMNS = ("buyer", "status", "placed_at", *LATER_TIMES)


def find_problems(files: Files) -> Iterator[Problem]:
    """Find contradictions, references to missing rows and impossible values.

    Rows that could not be parsed count as existing, so that all files are reported on at once.
    """
    yield from _duplicates(files.categories, "code")
    yield from _duplicates(files.products, "sku")
    yield from _duplicates(files.members, "member")
    yield from _duplicates(files.orders, "order_no", "line_no")
    yield from _duplicates(files.refunds, "refund_no", "line_no")
    codes = files.categories.values("code")
    yield from _missing(files.categories, "parent", codes)
    yield from _cycles(files.categories, "code", "parent")
    yield from _missing(files.products, "category", codes)
    if files.bindings is None:
        yield from _members(files)
    yield from binding_checks.find_problems(files)
    yield from _rules(files, codes)
    yield from _missing(files.orders, "buyer", files.members.values("member"))
    yield from _missing(files.orders, "sku", files.products.values("sku"))
    yield from _orders(files.orders)
    yield from _refunds(files)


def _duplicates(sheet: Sheet, *columns: str) -> Iterator[Problem]:
    """Find rows with one key. All are reported, because any of them may be the wrong one."""
    rows: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in sheet.rows:
        rows[tuple(row[column] for column in columns)].append(row)
    for same in rows.values():
        for row in same[1:] + same[:1] if len(same) > 1 else ():
            other = same[0] if row is not same[0] else same[1]
            message = _("is the same as in line %(line)s") % {"line": other.line}
            yield row.problem(columns[-1], message, DUPLICATE)


def _missing(sheet: Sheet, column: str, known: set[str] | None) -> Iterator[Problem]:
    for row in sheet.rows:
        if known is not None and row[column] and row[column] not in known:
            yield _does_not_exist(row, column)


def _does_not_exist(row: Row, column: str) -> Problem:
    message = _("“%(name)s” does not exist") % {"name": row[column]}
    return row.problem(column, message, REFERENCE)


def _cycles(sheet: Sheet, key: str, parent: str) -> Iterator[Problem]:
    """Find rows that are their own ancestors."""
    rows = {row[key]: row for row in sheet.rows}
    acyclic: set[str] = {""}
    for row in sheet.rows:
        path: dict[str, None] = {}
        name = row[key]
        while name not in acyclic and name not in path and name in rows:
            path[name] = None
            name = rows[name][parent]
        if name in path:
            message = _("“%(name)s” would be its own ancestor") % {"name": name}
            yield rows[name].problem(parent, message, CONTRADICTION)
        acyclic |= set(path)


def _members(files: Files) -> Iterator[Problem]:
    sheet = files.members
    members = {row["member"]: row for row in sheet.rows}
    yield from _missing(sheet, "referrer", sheet.values("member"))
    yield from _cycles(sheet, "member", "referrer")
    for row in sheet.rows:
        if bool(row["referrer"]) != bool(row["bound_at"]):
            column = "bound_at" if row["referrer"] else "referrer"
            message = _("a referrer and a binding time must be given together")
            yield row.problem(column, message, CONTRADICTION)
        elif row["bound_at"]:
            referrer = members.get(row["referrer"])
            if row["bound_at"] < row["joined_at"]:
                yield row.problem("bound_at", _("is before the member joined"), CONTRADICTION)
            if referrer and row["bound_at"] < referrer["joined_at"]:
                yield row.problem("bound_at", _("is before the referrer joined"), CONTRADICTION)


def _rules(files: Files, codes: set[str] | None) -> Iterator[Problem]:
    sheet = files.rules
    skus = files.products.values("sku")
    yield from _duplicates(sheet, "scope", "target", "from")
    for row in sheet.rows:
        known = {"store": {""}, "category": codes, "product": skus}[row["scope"]]
        if known is not None and row["target"] not in known:
            yield _does_not_exist(row, "target")
        kinds = {rate.percent for rate in (row["tier1"], row["tier2"]) if rate}
        if len(kinds) > 1:
            yield row.problem("tier2", _("both tiers must be percentages, or both amounts"), RULE)
        if kinds == {False} and row["base"]:
            yield row.problem("base", _("must be empty for an amount per unit"), RULE)
        if kinds == {True} and not row["base"]:
            yield row.problem("base", _("is empty: a percentage of “paid” or of “profit”?"), RULE)


def _orders(sheet: Sheet) -> Iterator[Problem]:
    first: dict[str, Row] = {}
    for row in sheet.rows:
        head = first.setdefault(row["order_no"], row)
        for column in ORDER_COLUMNS:
            if row[column] != head[column]:
                message = _("differs from line %(line)s of the same order") % {"line": head.line}
                yield row.problem(column, message, CONTRADICTION)
        if row["discount"] > row["quantity"] * row["unit_price"]:
            message = _("exceeds the price of the line's goods")
            yield row.problem("discount", message, CONTRADICTION)
        for column in LATER_TIMES:
            yield from _too_early(row, column, row["placed_at"])


def _too_early(row: Row, column: str, placed_at: datetime) -> Iterator[Problem]:
    """Find a time before its order. Some malls record a payment a moment before the placement."""
    if row[column] and row[column] < placed_at - TIME_TOLERANCE:
        message = _(
            "%(time)s is before the order, which was placed at %(placed)s: are day and month"
            " swapped?"
        )
        shown = {"time": format_time(row[column]), "placed": format_time(placed_at)}
        yield row.problem(column, message % shown, IMPLAUSIBLE)


def _refunds(files: Files) -> Iterator[Problem]:
    lines = {(row["order_no"], row["line_no"]): row for row in files.orders.rows}
    numbers = files.orders.values("order_no")
    unread = {clean_key(cells.get("order_no", "")) for cells in files.orders.unread}
    refunded: dict[int, list[Row]] = defaultdict(list)
    orders: dict[str, str] = {}
    for row in sorted(files.refunds.rows, key=lambda row: (row["refunded_at"], row.line)):
        line = lines.get((row["order_no"], row["line_no"]))
        order = orders.setdefault(row["refund_no"], row["order_no"])
        if order != row["order_no"]:
            message = _("the refund “%(refund)s” belongs to order “%(order)s” already")
            yield row.problem(
                "refund_no", message % {"refund": row["refund_no"], "order": order}, DUPLICATE
            )
        if not (row["quantity"] or row["amount"] or row["freight"]):
            yield row.problem("amount", _("is 0, and so is the quantity"), CONTRADICTION)
        if row["kind"] == Refund.Kind.EXCHANGE and (row["amount"] or row["freight"]):
            message = _("must be 0.00 in an exchange, which pays nothing back")
            yield row.problem("amount", message, CONTRADICTION)
        if line:
            refunded[line.line].append(row)
            yield from _too_early(row, "refunded_at", line["placed_at"])
            yield from _shipping(line, refunded[line.line])
        elif numbers is not None and row["order_no"] not in numbers:
            yield _does_not_exist(row, "order_no")
        elif numbers is not None and row["order_no"] not in unread:
            message = _("the order has no line %(line)s") % {"line": row["line_no"]}
            yield row.problem("line_no", message, REFERENCE)


def _shipping(line: Row, refunds: list[Row]) -> Iterator[Problem]:
    """Check the last refund: shipping is no goods money, so it must not be in the amount."""
    row = refunds[-1]
    unreturned = line["shipping"] - sum(refund["freight"] or 0 for refund in refunds[:-1])
    if (row["freight"] or 0) > unreturned:
        message = _("exceeds the shipping paid for the line")
        yield row.problem("freight", message, IMPLAUSIBLE)
    elif row["freight"] is None and not row["quantity"] and 0 < row["amount"] == unreturned:
        message = _(
            "%(yuan)s is exactly the shipping: was shipping refunded? Then write it in the column"
            " freight, and 0.00 as the amount. If not, write 0.00 in the column freight"
        )
        yield row.problem("amount", message % {"yuan": format_yuan(unreturned)}, CONTRADICTION)
