"""What the files say otherwise than what is known already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.models import Sku
from distribution.models import Referral
from integration.mall.files import Files
from integration.mall.history import as_known_at, orders_of
from integration.mall.sheets import Problem, Row
from members.models import Identity
from orders.services import FactConflict, conflicts, faults

ORDERS_AT_ONCE = 500


def of(files: Files, until: datetime | None) -> Iterator[Problem]:
    yield from _impossible(files)
    yield from _products(files)
    yield from _members(files)
    yield from _orders(files, until)


def _impossible(files: Files) -> Iterator[Problem]:
    """What the door of orders would refuse, whatever is known."""
    first = {row["order_no"]: row.line for row in reversed(files.orders.rows)}
    for number, order in orders_of(files).items():
        for what in faults(order):
            yield Problem(files.orders.file, first[number], "order_no", what)


def _products(files: Files) -> Iterator[Problem]:
    """Varieties of one product here that the files take for two."""
    together = dict(Sku.objects.values_list("code", "product"))
    first: dict[int, Row] = {}
    for row in files.products.rows:
        if row["sku"] not in together:
            continue
        other = first.setdefault(together[row["sku"]], row)
        for column in ("name", "category"):
            if row[column] != other[column]:
                what = _("differs from line %(line)s, and both are one product here")
                yield Problem(files.products.file, row.line, column, what % {"line": other.line})


def _members(files: Files) -> Iterator[Problem]:
    mall = Identity.Provider.MALL
    known = dict(
        Identity.objects.filter(provider=mall).values_list("external_id", "member__distributor")
    )
    brought = {
        name: (bringer, at)
        for name, bringer, at in Referral.objects.filter(
            member__identities__provider=mall, referrer__identities__provider=mall
        ).values_list("member__identities__external_id", "referrer__identities__external_id", "at")
    }
    for row in files.members.rows:
        name = row["member"]
        if name not in known:
            continue
        if row["is_distributor"] == "1" and known[name] is None:
            what = _("known already, and not as a distributor: let them apply")
            yield Problem(files.members.file, row.line, "is_distributor", what)
        bringer, at = brought.get(name, ("", None))
        if row["referrer"] != bringer and bringer:
            what = _("known already: brought by “%(known)s”") % {"known": bringer}
            yield Problem(files.members.file, row.line, "referrer", what)
        elif bringer and row["bound_at"] != at:
            what = _("known already: %(known)s, not %(given)s")
            yield Problem(
                files.members.file, row.line, "bound_at",
                what % {"known": at, "given": row["bound_at"]},
            )  # fmt: skip


def _orders(files: Files, until: datetime | None) -> Iterator[Problem]:
    lines: dict[str, dict[int, int]] = {}
    for row in files.orders.rows:
        lines.setdefault(row["order_no"], {})[row["line_no"]] = row.line
    refunds = {row["refund_no"]: row.line for row in files.refunds.rows}
    facts = [
        as_known_at(order, until) if until else order
        for order in orders_of(files).values()
        if until is None or order.placed_at <= until
    ]
    for start in range(0, len(facts), ORDERS_AT_ONCE):
        for conflict in conflicts(facts[start : start + ORDERS_AT_ONCE]):
            yield _problem(files, conflict, lines[conflict.data["number"]], refunds)


def _problem(
    files: Files, conflict: FactConflict, lines: dict[int, int], refunds: dict[str, int]
) -> Problem:
    place, _dot, column = conflict.data["field"].rpartition(".")
    what = _("known already: %(known)s, not %(given)s") % conflict.data
    if place.startswith("refunds["):
        number = place.removeprefix("refunds[").removesuffix("]")
        return Problem(files.refunds.file, refunds[number], REFUND_COLUMNS[column], what)
    if place.startswith("lines["):
        number = int(place.removeprefix("lines[").removesuffix("]"))
        return Problem(files.orders.file, lines[number], column, what)
    return Problem(files.orders.file, min(lines.values()), column, what)


REFUND_COLUMNS = {
    "order": "order_no", "line": "line_no", "quantity": "quantity", "amount": "amount",
    "freight": "amount", "requested_at": "refunded_at", "approved_at": "refunded_at",
    "done_at": "refunded_at", "rejected_at": "refunded_at", "withdrawn_at": "refunded_at",
}  # fmt: skip
