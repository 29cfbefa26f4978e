"""What the page of an import shows: how far it is, its counts, and its rows cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.import_rows import StoredRow, opened, read_rows
from backoffice.import_verbs import name_of
from backoffice.imports import Column, ImportKind, Outcome
from backoffice.models import Import, ImportRow

Status = Import.Status
PER_PAGE = 100
ALL = "all"
COLOURS: dict[str, str] = {
    Status.WAITING: "info", Status.CHECKING: "info", Status.CHECKED: "warning",
    Status.CONFIRMED: "info", Status.APPLYING: "info", Status.STOPPED: "danger",
    Status.DONE: "success", Status.FAILED: "danger", Status.DISCARDED: "neutral",
}  # fmt: skip
STEPS = (
    pgettext_lazy("step of an import", "Upload"), pgettext_lazy("step of an import", "Check"),
    pgettext_lazy("step of an import", "Confirm"), pgettext_lazy("step of an import", "Apply"),
)  # fmt: skip


def summary(row: Import) -> dict[str, Any]:
    """Return an import as the list of former imports shows it."""
    return {
        "row": row,
        "by": name_of(row.by),
        "confirmed_by": name_of(row.confirmed_by) if row.confirmed_by else "",
        "colour": COLOURS[row.status],
        "counts": [
            (label, f"{count:,}", outcome) for outcome, label, count in _counts(row) if count
        ],
    }


def context(kind: ImportKind, row: Import, query: QueryDict) -> dict[str, Any]:
    """Return what the page of an import needs besides its addresses."""
    return {
        **summary(row),
        "steps": _steps(row),
        "is_at_work": row.status in Import.AT_WORK,
        "progress": _progress(kind, row),
        "to_apply": row.new + row.changed,
        "may_confirm": row.status == Status.CHECKED and row.new + row.changed > 0,
        "may_continue": row.status == Status.STOPPED and not row.are_rows_erased,
        "may_discard": row.status in Import.COMES_FROM[Status.DISCARDED],
        "checked_at": row.checked_at.isoformat() if row.checked_at else "",
        "ignored": "、".join(f"“{title}”" for title in row.ignored),
        **(_table(kind, row, query) if row.checked_at and not row.are_rows_erased else {}),
    }


def wrong(row: Import) -> Iterator[StoredRow]:
    return read_rows(row, outcome=Outcome.WRONG)


def _counts(row: Import) -> list[tuple[str, Any, int]]:
    return [
        (Outcome.NEW, Outcome.NEW.label, row.new),
        (Outcome.CHANGED, Outcome.CHANGED.label, row.changed),
        (Outcome.UNCHANGED, Outcome.UNCHANGED.label, row.unchanged),
        (Outcome.WRONG, Outcome.WRONG.label, row.wrong),
    ]


def _steps(row: Import) -> list[dict[str, Any]]:
    """Return the steps of an import: which are done, and which is the present one."""
    present = {
        Status.WAITING: 1, Status.CHECKING: 1, Status.CHECKED: 2, Status.CONFIRMED: 3,
        Status.APPLYING: 3, Status.STOPPED: 3, Status.DONE: 4,
    }.get(Status(row.status), 3 if row.confirmed_at else 1)  # fmt: skip
    return [
        {"title": title, "is_done": place < present, "is_present": place == present}
        for place, title in enumerate(STEPS)
    ]


def _progress(kind: ImportKind, row: Import) -> dict[str, Any]:
    """Return how far the worker is; without ``percent`` nobody knows."""
    is_check = row.status in (Status.WAITING, Status.CHECKING)
    done, whole = (row.checked, row.rows) if is_check else (row.applied, row.new + row.changed)
    is_known = row.status in Import.LEASED and (is_check or kind.step is not None)
    return {
        "percent": done * 100 // max(whole, 1) if is_known else None,
        "done": f"{done:,}",
        "whole": f"{whole:,}",
        "is_check": is_check,
    }


def _table(kind: ImportKind, row: Import, query: QueryDict) -> dict[str, Any]:
    """Return one page of the rows with the outcome that is asked for."""
    tabs = [(ALL, _("all"), row.rows), *_counts(row)]
    known = [name for name, _label, count in tabs if count]
    usual = next((name for name in (Outcome.WRONG, Outcome.CHANGED) if name in known), ALL)
    show = query.get("show", "")
    show = show if show in known else str(usual)
    rows = ImportRow.objects.filter(of=row)
    if show != ALL:
        rows = rows.filter(outcome=show)
    count = next(count for name, _label, count in tabs if name == show)
    page = Paginator(range(count), PER_PAGE).get_page(query.get("page"))
    first = (page.number - 1) * PER_PAGE
    shown = [opened(each) for each in rows.order_by("line")[first : first + PER_PAGE]]
    columns = kind.columns_of(row.columns)
    return {
        "tabs": [
            {"name": name, "label": label, "count": f"{count:,}", "is_open": name == show}
            for name, label, count in tabs
            if count or name == ALL
        ],
        "columns": columns,
        "lines": [_line(columns, each) for each in shown],
        "show": show,
        "page": page,
    }


def _line(columns: Sequence[Column], row: StoredRow) -> dict[str, Any]:
    problems, old = row.shown_problems, row.shown_old
    shown = {column.name for column in columns}
    return {
        "number": row.line,
        "outcome": row.outcome,
        "label": Outcome(row.outcome).label,
        "problem": " ".join(text for name, text in problems.items() if name not in shown),
        "cells": [_cell(column, row.cells, problems, old) for column in columns],
    }


def _cell(
    column: Column,
    cells: Mapping[str, str],
    problems: Mapping[str, str],
    old: Mapping[str, str],
) -> dict[str, Any]:
    return {
        "title": column.title,
        "text": cells.get(column.name, ""),
        "problem": problems.get(column.name, ""),
        "is_changed": column.name in old,
        "old": old.get(column.name, ""),
    }
