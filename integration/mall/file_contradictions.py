"""Check the files against the stored data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from catalog.models import Sku
from common import money
from distribution.models import Referral
from integration.mall import binding_checks
from integration.mall.files import Files
from integration.mall.history import order_snapshots, snapshots_until
from integration.mall.local_time import format_time
from integration.mall.problems import CONTRADICTION, IMPLAUSIBLE, STORED, Problem
from integration.mall.sheets import Row
from members.models import Identity
from orders.intake import ImplausibleTime, SnapshotConflict, find_conflicts, snapshot_errors

BATCH_SIZE = 500


def find_contradictions(
    files: Files, until: datetime | None, *, clock: datetime
) -> Iterator[Problem]:
    yield from _invalid_orders(files, clock)
    yield from _products(files)
    yield from _members(files)
    yield from binding_checks.find_contradictions(files)
    yield from _orders(files, until)


def _invalid_orders(files: Files, clock: datetime) -> Iterator[Problem]:
    """Find orders that ``ingest_orders`` would refuse regardless of stored data."""
    first = {row["order_no"]: row for row in reversed(files.orders.rows)}
    for number, order in order_snapshots(files).items():
        for error in snapshot_errors(order, clock):
            kind = IMPLAUSIBLE if isinstance(error, ImplausibleTime) else CONTRADICTION
            yield first[number].problem("order_no", str(error), kind)


def _products(files: Files) -> Iterator[Problem]:
    """Find SKUs of one stored product that the files treat as two products."""
    products = dict(Sku.objects.values_list("code", "product"))
    first: dict[int, Row] = {}
    for row in files.products.rows:
        if row["sku"] not in products:
            continue
        other = first.setdefault(products[row["sku"]], row)
        for column in ("name", "category"):
            if row[column] != other[column]:
                message = _(
                    "differs from line %(line)s, but both SKUs belong to one stored product"
                )
                yield row.problem(column, message % {"line": other.line}, STORED)


def _members(files: Files) -> Iterator[Problem]:
    stored = _stored_members()
    for row in files.members.rows:
        if row["member"] not in stored:
            continue
        known = stored[row["member"]]
        if row["is_distributor"] == "1" and not known.is_distributor:
            message = _("is stored as a member who is not a distributor: let them apply")
            yield row.problem("is_distributor", message, STORED)
        if files.bindings is not None:
            continue  # the referrer is the first upline of the history
        if known.referrers and row["referrer"] not in known.referrers:
            message = _("differs from the stored referrer “%(known)s”")
            yield row.problem("referrer", message % {"known": known.referrers[0]}, STORED)
        elif known.referrers and row["bound_at"] != known.referred_at:
            yield _differs(row, "bound_at", known.referred_at, row["bound_at"])


class _Stored(NamedTuple):
    """What is stored of an id of the mall; ``referrers`` are all ids of the one referrer."""

    is_distributor: bool
    referrers: Sequence[str]
    referred_at: datetime | None


def _stored_members() -> dict[str, _Stored]:
    """Return what is stored by id: of a merged member's id what was stored before the merge."""
    own_first = F("moved_from").asc(nulls_first=True)
    identities = list(
        Identity.objects.filter(provider=Identity.Provider.MALL)
        .order_by(own_first, "pk")
        .values_list(
            "external_id", "member", Coalesce("moved_from", "member"),
            Coalesce("moved_from__distributor", "member__distributor"),
        )
    )  # fmt: skip
    names: dict[int, list[str]] = defaultdict(list)
    for name, member, *_rest in identities:
        names[member].append(name)
    referrer = Coalesce("referrer__merged_into", "referrer")
    referrals = {
        member: (names[by], at)
        for member, by, at in Referral.objects.values_list("member", referrer, "at")
    }
    return {
        name: _Stored(distributor is not None, *referrals.get(first, ((), None)))
        for name, _member, first, distributor in identities
    }


def _orders(files: Files, until: datetime | None) -> Iterator[Problem]:
    lines: dict[str, dict[int, Row]] = {}
    for row in files.orders.rows:
        lines.setdefault(row["order_no"], {})[row["line_no"]] = row
    refunds = {row["refund_no"]: row for row in files.refunds.rows}
    snapshots = snapshots_until(files, until)
    for start in range(0, len(snapshots), BATCH_SIZE):
        for conflict in find_conflicts(snapshots[start : start + BATCH_SIZE]):
            yield _problem(conflict, lines[conflict.data["number"]], refunds)


def _problem(conflict: SnapshotConflict, lines: dict[int, Row], refunds: dict[str, Row]) -> Problem:
    path, _dot, column = conflict.data["field"].rpartition(".")
    known, given = conflict.data["known"], conflict.data["given"]
    if path.startswith("refunds["):
        number = path.removeprefix("refunds[").removesuffix("]")
        return _differs(refunds[number], REFUND_COLUMNS[column], known, given)
    if path.startswith("lines["):
        number = int(path.removeprefix("lines[").removesuffix("]"))
        return _differs(lines[number], column, known, given)
    return _differs(next(iter(lines.values())), column, known, given)


def _differs(row: Row, column: str, known: Any, given: Any) -> Problem:
    """Return the problem in the file's own units: yuan, and times of Shanghai."""
    message = _("differs from the stored value: %(known)s, not %(given)s")
    shown = {"known": _in_file_units(column, known), "given": _in_file_units(column, given)}
    return row.problem(column, message % shown, STORED)


def _in_file_units(column: str, value: Any) -> str:
    if isinstance(value, datetime):
        return format_time(value)
    if column in AMOUNT_COLUMNS and isinstance(value, int):
        return money.format_yuan(value)
    return str(value)


AMOUNT_COLUMNS = {"unit_price", "discount", "shipping", "amount", "freight"}
REFUND_COLUMNS = {
    "order": "order_no", "line": "line_no", "quantity": "quantity", "amount": "amount",
    "freight": "freight", "kind": "kind",
    "requested_at": "refunded_at", "approved_at": "refunded_at",
    "done_at": "refunded_at", "rejected_at": "refunded_at", "withdrawn_at": "refunded_at",
}  # fmt: skip
