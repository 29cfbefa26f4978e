"""Whether the rows of the files agree with one another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from integration.mall.files import Files
from integration.mall.sheets import Problem, Row, Sheet

ORDER_COLUMNS = (
    "buyer", "status", "placed_at", "paid_at", "shipped_at", "received_at", "closed_at",
)  # fmt: skip


def find_problems(files: Files) -> Iterator[Problem]:
    """What contradicts itself, names what is not there, or cannot be."""
    yield from _duplicates(files.categories, "code")
    yield from _duplicates(files.products, "sku")
    yield from _duplicates(files.members, "member")
    yield from _duplicates(files.orders, "order_no", "line_no")
    yield from _duplicates(files.refunds, "refund_no")
    codes = _column_values(files.categories, "code")
    yield from _unknown(files.categories, "parent", codes)
    yield from _cycles(files.categories, "code", "parent")
    yield from _unknown(files.products, "category", codes)
    yield from _members(files)
    yield from _rules(files, codes)
    yield from _unknown(files.orders, "buyer", _column_values(files.members, "member"))
    yield from _unknown(files.orders, "sku", _column_values(files.products, "sku"))
    yield from _orders(files.orders)
    yield from _refunds(files)


def _column_values(sheet: Sheet, column: str) -> set[str]:
    return {row[column] for row in sheet.rows}


def _duplicates(sheet: Sheet, *columns: str) -> Iterator[Problem]:
    seen: set[tuple[Any, ...]] = set()
    for row in sheet.rows:
        key = tuple(row[column] for column in columns)
        if key in seen:
            told = "/".join(map(str, key))
            message = _("“%(key)s” stands in an earlier line already") % {"key": told}
            yield Problem(sheet.file, row.line, columns[-1], message)
        seen.add(key)


def _unknown(sheet: Sheet, column: str, known: set[str]) -> Iterator[Problem]:
    for row in sheet.rows:
        if row[column] and row[column] not in known:
            message = _("“%(name)s” is unknown") % {"name": row[column]}
            yield Problem(sheet.file, row.line, column, message)


def _cycles(sheet: Sheet, key: str, above: str) -> Iterator[Problem]:
    """Rows that are above themselves."""
    parents = {row[key]: row[above] for row in sheet.rows}
    sound: set[str] = {""}
    for row in sheet.rows:
        path: dict[str, None] = {}
        name = row[key]
        while name not in sound and name not in path and name in parents:
            path[name] = None
            name = parents[name]
        if name in path:
            message = _("“%(name)s” would be above itself") % {"name": name}
            line = next(one.line for one in sheet.rows if one[key] == name)
            yield Problem(sheet.file, line, above, message)
        sound |= set(path)


def _members(files: Files) -> Iterator[Problem]:
    sheet = files.members
    members = {row["member"]: row for row in sheet.rows}
    yield from _unknown(sheet, "referrer", set(members))
    yield from _cycles(sheet, "member", "referrer")
    for row in sheet.rows:
        if bool(row["referrer"]) != bool(row["bound_at"]):
            column = "bound_at" if row["referrer"] else "referrer"
            yield Problem(
                sheet.file, row.line, column, _("a referrer and a time of binding go together")
            )
        elif row["bound_at"]:
            referrer = members.get(row["referrer"])
            if row["bound_at"] < row["joined_at"]:
                yield Problem(
                    sheet.file, row.line, "bound_at", _("is before the member has joined")
                )
            if referrer and row["bound_at"] < referrer["joined_at"]:
                yield Problem(
                    sheet.file, row.line, "bound_at", _("is before the referrer has joined")
                )


def _rules(files: Files, codes: set[str]) -> Iterator[Problem]:
    sheet = files.rules
    skus = _column_values(files.products, "sku")
    yield from _duplicates(sheet, "scope", "target")
    for row in sheet.rows:
        known = {"store": {""}, "category": codes, "product": skus}[row["scope"]]
        if row["target"] not in known:
            message = _("“%(name)s” is unknown") % {"name": row["target"]}
            yield Problem(sheet.file, row.line, "target", message)
        kinds = {rate.percent for rate in (row["tier1"], row["tier2"]) if rate}
        if len(kinds) > 1:
            yield Problem(
                sheet.file, row.line, "tier2", _("both tiers are percentages, or both amounts")
            )
        if kinds == {False} and row["base"]:
            yield Problem(sheet.file, row.line, "base", _("an amount a unit has no base"))
        if kinds == {True} and not row["base"]:
            yield Problem(sheet.file, row.line, "base", _("is empty"))


def _orders(sheet: Sheet) -> Iterator[Problem]:
    first: dict[str, Row] = {}
    for row in sheet.rows:
        head = first.setdefault(row["order_no"], row)
        for column in ORDER_COLUMNS:
            if row[column] != head[column]:
                message = _("differs from line %(line)s of the same order") % {"line": head.line}
                yield Problem(sheet.file, row.line, column, message)
        if row["discount"] > row["quantity"] * row["unit_price"]:
            yield Problem(sheet.file, row.line, "discount", _("is more than the line's goods cost"))
        reached = {"closed": "closed_at", "received": "received_at", "completed": "received_at",
                   "shipped": "shipped_at", "paid": "paid_at"}.get(row["status"])  # fmt: skip
        if reached and row[reached] is None:
            message = _("is empty, but the status is “%(status)s”") % {"status": row["status"]}
            yield Problem(sheet.file, row.line, reached, message)


def _refunds(files: Files) -> Iterator[Problem]:
    sheet = files.refunds
    lines = {(row["order_no"], row["line_no"]): row for row in files.orders.rows}
    numbers = _column_values(files.orders, "order_no")
    quantities: Counter[tuple[str, int]] = Counter()
    amounts: dict[tuple[str, int], int] = defaultdict(int)
    for row in sorted(sheet.rows, key=lambda one: (one["refunded_at"], one.line)):
        key = (row["order_no"], row["line_no"])
        if row["order_no"] not in numbers:
            message = _("“%(name)s” is unknown") % {"name": row["order_no"]}
            yield Problem(sheet.file, row.line, "order_no", message)
            continue
        if key not in lines:
            message = _("the order has no line %(line)s") % {"line": row["line_no"]}
            yield Problem(sheet.file, row.line, "line_no", message)
            continue
        if not row["quantity"] and not row["amount"]:
            yield Problem(sheet.file, row.line, "amount", _("gives nothing back"))
        line = lines[key]
        quantities[key] += row["quantity"]
        amounts[key] += row["amount"]
        if quantities[key] > line["quantity"]:
            yield Problem(
                sheet.file, row.line, "quantity", _("more units come back than were bought")
            )
        if amounts[key] > line["quantity"] * line["unit_price"] - line["discount"]:
            yield Problem(
                sheet.file, row.line, "amount", _("more is given back than was paid for the line")
            )


def sorted_problems(problems: Sequence[Problem]) -> list[Problem]:
    return sorted(set(problems))
