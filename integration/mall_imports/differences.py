"""Say what an import would change, without changing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from catalog.models import Category, Sku
from common.money import yuan_text
from distribution.models import Distributor, Referral
from integration.mall.files import Files
from integration.mall.goods_and_rules import needs_plan
from integration.mall.history import LATER_TIMES, batches, snapshots_until
from integration.mall.sheets import Row
from integration.mall.stored_members import stored_members
from orders.models import Order, Refund
from orders.snapshots import OrderSnapshot

MAX_CHANGES = 200
BATCH = 500

Counts = dict[str, int]
Change = dict[str, str]


def find_differences(files: Files, *, until: datetime | None) -> dict[str, Any]:
    """Return counts of each table, what changes in the goods, and the size of the history.

    Keys are names of this module; the pages translate them. Amounts are texts in yuan.
    """
    changes: list[Change] = []
    counts = {
        "categories": _categories(files.categories.rows, changes),
        "products": _products(files.products.rows, changes),
        **_members(files, until),
    }
    orders = snapshots_until(files, until)
    counts |= {"orders": _orders(orders), "refunds": _refunds(orders)}
    events = [(batch.until, batch.event_count) for batch in batches(files, until)]
    placed = [order.placed_at for order in orders]
    return {
        "counts": counts,
        "changes": changes[:MAX_CHANGES],
        "more_changes": max(0, len(changes) - MAX_CHANGES),
        "rules": len(files.rules.rows),
        "publishes_plan": needs_plan(files),
        "plan_from": _plan_from(files),
        "sales": yuan_text(sum(_paid(order) for order in orders if order.paid_at)),
        "first_order": min(placed).isoformat() if placed else "",
        "last_order": max(placed).isoformat() if placed else "",
        "events": sum(count for _until, count in events),
    }


def _count(new: int = 0, changed: int = 0, same: int = 0) -> Counts:
    return {"new": new, "changed": changed, "same": same}


def _categories(rows: Sequence[Row], changes: list[Change]) -> Counts:
    stored = {
        row["code"]: {"name": row["name"], "parent": row["parent__code"] or ""}
        for row in Category.objects.filter(code__in=[row["code"] for row in rows]).values(
            "code", "name", "parent__code"
        )
    }
    return _compare(rows, stored, changes, what="category", key="code", fields=("name", "parent"))


def _products(rows: Sequence[Row], changes: list[Change]) -> Counts:
    stored = {
        sku.code: {
            "name": sku.product.name, "category": sku.product.category.code, "price": sku.price,
            "cost": sku.cost,
        }
        for sku in Sku.objects.filter(code__in=[row["sku"] for row in rows]).select_related(
            "product__category"
        )
    }  # fmt: skip
    fields = ("name", "category", "price", "cost")
    return _compare(rows, stored, changes, what="product", key="sku", fields=fields)


def _compare(
    rows: Sequence[Row],
    stored: dict[str, dict[str, Any]],
    changes: list[Change],
    *,
    what: str,
    key: str,
    fields: tuple[str, ...],
) -> Counts:
    """Count the rows, and add what differs from the stored values. An empty cost is not given."""
    counts = _count()
    for row in rows:
        before = stored.get(row[key])
        if before is None:
            counts["new"] += 1
            continue
        differing = [
            field
            for field in fields
            if before[field] != row[field] and not (field == "cost" and row[field] is None)
        ]
        counts["changed" if differing else "same"] += 1
        changes += (
            {
                "what": what, "key": row[key], "field": field,
                "old": _shown(field, before[field]), "new": _shown(field, row[field]),
            }
            for field in differing
        )  # fmt: skip
    return counts


def _shown(field: str, value: Any) -> str:
    if field in ("price", "cost"):
        return "" if value is None else yuan_text(value)
    return str(value)


def _members(files: Files, until: datetime | None) -> dict[str, Counts]:
    """Count members, distributors and uplines. The import never changes who is known."""
    rows = [row for row in files.members.rows if until is None or row["joined_at"] <= until]
    known = stored_members([row["member"] for row in rows])
    keys = {stored.first for stored in known.values()}
    enrolled = set(Distributor.objects.filter(member__in=keys).values_list("member", flat=True))
    referred = set(Referral.objects.filter(member__in=keys).values_list("member", flat=True))

    def has(name: str, group: set[int]) -> bool:
        return name in known and known[name].first in group

    distributors = [row["member"] for row in rows if row["is_distributor"] == "1"]
    if files.bindings is None:
        bound = [row["member"] for row in rows if row["referrer"]]
    else:
        bound = list({row["member"]: None for row in files.bindings.rows})
    return {
        "members": _known(rows, lambda row: row["member"] in known),
        "distributors": _known(distributors, lambda name: has(name, enrolled)),
        "uplines": _known(bound, lambda name: has(name, referred)),
    }


def _known(items: Sequence[Any], is_known: Callable[[Any], bool]) -> Counts:
    answers = [is_known(item) for item in items]
    return _count(new=answers.count(False), same=answers.count(True))


def _orders(orders: Sequence[OrderSnapshot]) -> Counts:
    """Count orders; one that is known changes if the files know a time that is not stored."""
    counts = _count()
    for batch in _in_batches(orders):
        stored = {
            row["number"]: row
            for row in Order.objects.filter(number__in=[order.number for order in batch]).values(
                "number", *LATER_TIMES
            )
        }
        for order in batch:
            known = stored.get(order.number)
            if known is None:
                counts["new"] += 1
            elif any(getattr(order, name) and not known[name] for name in LATER_TIMES):
                counts["changed"] += 1
            else:
                counts["same"] += 1
    return counts


def _refunds(orders: Sequence[OrderSnapshot]) -> Counts:
    numbers = list({refund.number for order in orders for refund in order.refunds})
    known = 0
    for batch in _in_batches(numbers):
        stored = Refund.objects.filter(number__in=batch).values_list("number", flat=True)
        known += len(set(stored))
    return _count(new=len(numbers) - known, same=known)


def _in_batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _paid(order: OrderSnapshot) -> int:
    return sum(line.paid for line in order.lines)


def _plan_from(files: Files) -> str:
    """Return the first day of the rules; empty if they count from the beginning."""
    starts = [row["from"] for row in files.rules.rows]
    return min(starts).isoformat() if starts and all(starts) else ""
