"""Check the history of uplines: with the members, by itself, and with the stored bindings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from common.clock import LATEST_TIME
from distribution.models import Binding, Distributor, DistributorPeriod, Source
from distribution.models.relations import end_of_binding
from distribution.services.merging import MERGE_EVIDENCE
from integration.mall.files import Files
from integration.mall.local_time import format_time
from integration.mall.problems import BINDING, REFERENCE, STORED, Problem
from integration.mall.sheets import Row
from integration.mall.stored_members import MALL, stored_members
from members.models import Identity


def find_problems(files: Files) -> Iterator[Problem]:
    """Find uplines that are no distributors, overlaps, circles, and other uplines in members."""
    if files.bindings is None:
        return
    members: dict[str, Row] = {row["member"]: row for row in files.members.rows}
    names = files.members.values("member")
    for row in files.bindings.rows:
        yield from _row(row, members, names)
    yield from _overlaps(files.bindings.rows)
    yield from _circles(files.bindings.rows)
    yield from _disagreements(files)


def _row(row: Row, members: dict[str, Row], names: set[str] | None) -> Iterator[Problem]:
    for column in ("member", "distributor"):
        if names is not None and row[column] not in names:
            message = _("“%(name)s” does not exist") % {"name": row[column]}
            yield row.problem(column, message, REFERENCE)
    if row["ended_at"] and row["ended_at"] <= row["bound_at"]:
        yield row.problem("ended_at", _("is not after the binding"), BINDING)
    if row["member"] == row["distributor"]:
        yield row.problem("distributor", _("is the member"), BINDING)
    member, distributor = members.get(row["member"]), members.get(row["distributor"])
    if member and row["bound_at"] < member["joined_at"]:
        yield row.problem("bound_at", _("is before the member joined"), BINDING)
    if distributor and (
        distributor["is_distributor"] != "1" or row["bound_at"] < distributor["joined_at"]
    ):
        message = _("“%(name)s” is no distributor at this time") % {"name": row["distributor"]}
        yield row.problem("distributor", message, BINDING)


def _overlaps(rows: list[Row]) -> Iterator[Problem]:
    for history in _by_member(rows).values():
        for earlier, later in pairwise(history):
            if (earlier["ended_at"] or LATEST_TIME) > later["bound_at"]:
                message = _("overlaps the binding in line %(line)s: when did that end?")
                yield later.problem("bound_at", message % {"line": earlier.line}, BINDING)


def _by_member(rows: list[Row]) -> dict[str, list[Row]]:
    histories: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["bound_at"]):
        histories[row["member"]].append(row)
    return histories


def _circles(rows: list[Row]) -> Iterator[Problem]:
    """Find bindings that make a member their own upline at the moment they start."""
    ended, started = 0, 1
    moments = [(row["ended_at"], ended, row.line, row) for row in rows if row["ended_at"]]
    moments += [(row["bound_at"], started, row.line, row) for row in rows]
    uplines: dict[str, str] = {}
    for _at, what, _line, row in sorted(moments, key=lambda moment: moment[:3]):
        if what == ended:
            uplines.pop(row["member"], None)
        elif row["member"] in _upwards(row["distributor"], uplines):
            yield row.problem("distributor", _("is in the team of this member: a circle"), BINDING)
        else:
            uplines[row["member"]] = row["distributor"]


def _upwards(name: str, uplines: dict[str, str]) -> set[str]:
    above: set[str] = set()
    while name not in above:
        above.add(name)
        name = uplines.get(name, name)
    return above


def _disagreements(files: Files) -> Iterator[Problem]:
    """Find uplines in the file of members that the history does not have."""
    assert files.bindings
    known = {(row["member"], row["distributor"], row["bound_at"]) for row in files.bindings.rows}
    for row in files.members.rows:
        given = row["member"], row["referrer"], row["bound_at"]
        if (row["referrer"] or row["bound_at"]) and given not in known:
            message = _("is not in %(file)s: correct it there, and leave this empty")
            yield row.problem("referrer", message % {"file": files.bindings.file}, BINDING)


def find_contradictions(files: Files) -> Iterator[Problem]:
    """Find bindings that contradict stored ones, or whose upline is stored as not active."""
    if files.bindings is None:
        return
    histories = _by_member(files.bindings.rows)
    for binding in _stored_bindings(list(histories)):
        yield from _compare(binding, histories[binding["name"]])
    yield from _inactive(files.bindings.rows)


def _stored_bindings(names: list[str]) -> Iterable[Mapping[str, Any]]:
    """Return the bindings of the ids, each with all ids of the upline.

    Bindings that a merge continues are left out: the file has those before.
    """
    members = {row.first: name for name, row in stored_members(names).items()}
    ids = Identity.objects.filter(
        provider=MALL,
        member=Coalesce(
            OuterRef("distributor__member__merged_into"), OuterRef("distributor__member")
        ),
    )
    bindings = Binding.objects.filter(member__in=members).exclude(evidence_kind=MERGE_EVIDENCE)
    rows = bindings.values(
        "member", "source", "started_at", "end_reason", end=end_of_binding(),
        uplines=ArraySubquery(ids.values("external_id")),
    )  # fmt: skip
    return [{**row, "name": members[row["member"]]} for row in rows]


def _compare(binding: Mapping[str, Any], history: list[Row]) -> Iterator[Problem]:
    """Find the rows of a member that contradict a stored binding.

    A row with the same start and upline is the binding itself: it may add the end. A binding that
    ended later than the file was written is no contradiction.
    """
    start, end = binding["started_at"], binding["end"]
    if binding["end_reason"] == Binding.EndReason.MERGED:
        end = None  # it goes on, or ended outside the mall
    for row in history:
        if _is_stored_as(row, binding):
            if end and row["ended_at"] and end != row["ended_at"]:
                yield _stored(row, "ended_at", start, end)
            end = end or row["ended_at"]
    for row in history:
        overlaps = row["bound_at"] < (end or LATEST_TIME) and start < (
            row["ended_at"] or LATEST_TIME
        )
        if overlaps and not _is_stored_as(row, binding):
            yield _stored(row, "bound_at", start, end)


def _is_stored_as(row: Row, binding: Mapping[str, Any]) -> bool:
    return (
        binding["source"] == Source.IMPORT
        and row["bound_at"] == binding["started_at"]
        and row["distributor"] in (binding["uplines"] or ())
    )


def _stored(row: Row, column: str, start: datetime, end: datetime | None) -> Problem:
    message = _("contradicts the stored binding from %(start)s to %(end)s")
    shown = {"start": format_time(start), "end": format_time(end) if end else "…"}
    return row.problem(column, message % shown, STORED)


def _inactive(rows: list[Row]) -> Iterator[Problem]:
    periods: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    members = stored_members({row["distributor"] for row in rows})
    names = {row.first: name for name, row in members.items()}
    stored = DistributorPeriod.objects.filter(distributor__member__in=names).values_list(
        "distributor__member", "status", "started_at", "ended_at"
    )
    for member, status, start, end in stored:
        name = names[member]
        periods[name]  # known, whether or not ever active
        if status == Distributor.Status.ACTIVE:
            periods[name].append((start, end))
    for row in rows:
        active = periods.get(row["distributor"])
        if active is not None and not any(
            start <= row["bound_at"] < (end or LATEST_TIME) for start, end in active
        ):
            message = _("“%(name)s” is stored as not active at this time")
            yield row.problem("distributor", message % {"name": row["distributor"]}, STORED)
