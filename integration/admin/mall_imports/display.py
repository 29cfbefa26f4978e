"""What the page of an import shows: its steps, its files, what would change, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.access import StrOrPromise
from backoffice.names import staff_name
from integration.mall.files import OPTIONAL_FILES
from integration.mall_imports import findings
from integration.mall_imports.preparing import FILES_LAST, PREPARE, PREPARED, START
from integration.mall_imports.running import PUBLISH_PLAN
from integration.models import MallImport, MallImportFile

Kind, Status = MallImportFile.Kind, MallImport.Status

COUNTED: tuple[tuple[str, StrOrPromise, StrOrPromise], ...] = (
    ("categories", gettext_lazy("categories"), ""),
    ("products", gettext_lazy("products"), ""),
    ("members", gettext_lazy("members"), gettext_lazy("Known members stay as they are.")),
    ("distributors", gettext_lazy("distributors"), gettext_lazy("Nobody is demoted.")),
    ("uplines", gettext_lazy("members with an upline"), gettext_lazy("No upline is replaced.")),
    ("orders", gettext_lazy("orders"), gettext_lazy("Known orders only get what is missing.")),
    ("refunds", gettext_lazy("refunds"), ""),
)  # fmt: skip
FIELDS: dict[str, StrOrPromise] = {
    "name": gettext_lazy("name"), "parent": gettext_lazy("parent"),
    "category": gettext_lazy("category"), "price": gettext_lazy("price"),
    "cost": gettext_lazy("cost"),
}  # fmt: skip
HINTS: dict[str, StrOrPromise] = {
    Kind.CATEGORIES: gettext_lazy("code, name, parent"),
    Kind.PRODUCTS: gettext_lazy("SKU, name, category, price, cost, stock"),
    Kind.MEMBERS: gettext_lazy("id, nickname, region, joined at, distributor, referrer"),
    Kind.BINDINGS: gettext_lazy("the whole history of uplines, in place of the referrer"),
    Kind.RULES: gettext_lazy("what each tier got: they become a plan"),
    Kind.ORDERS: gettext_lazy("one row for each line of an order, with all its times"),
    Kind.REFUNDS: gettext_lazy("what was refunded, line by line"),
}  # fmt: skip


STATES: dict[str, StrOrPromise] = {
    Status.DRAFT: gettext_lazy(
        "Add the files of the mall, then have them checked. Nothing is written by that."
    ),
    Status.CHECKING: gettext_lazy("A worker checks the files. Nothing is written."),
    Status.FAULTY: gettext_lazy("Nothing can be imported until the errors below are corrected."),
    Status.READY: gettext_lazy("Checked, without errors that stop it. A colleague starts it."),
    Status.RUNNING: gettext_lazy("A worker replays the history of the mall in the order of time."),
    Status.STOPPED: gettext_lazy("Stopped. What was imported stays; it can go on from there."),
    Status.DONE: gettext_lazy(
        "Everything is imported. Importing the same files again would change nothing."
    ),
    Status.DISCARDED: gettext_lazy("Discarded. It can no longer be used."),
}


@dataclass(frozen=True, slots=True)
class FileRow:
    kind: str
    title: str
    hint: StrOrPromise
    is_optional: bool
    file: MallImportFile | None


def file_rows(mall_import: MallImport) -> list[FileRow]:
    """Return a row for each table that a mall has, with its file if there is one."""
    files = {row.kind: row for row in mall_import.files.all()}
    return [
        FileRow(kind, str(label), HINTS[kind], kind in OPTIONAL_FILES, files.get(kind))
        for kind, label in Kind.choices
    ]


def progress_context(mall_import: MallImport) -> dict[str, Any]:
    """Return the state of an import: what the page asks for again while a worker has it."""
    return {
        "row": mall_import,
        "state": _state(mall_import),
        "colour": {
            Status.FAULTY: "tf-bad", Status.STOPPED: "tf-bad", Status.READY: "tf-warn",
            Status.DONE: "tf-good",
        }.get(Status(mall_import.status), ""),
        "reached": _moment(mall_import.reached),
        "events_done": f"{mall_import.events_done:,}",
        "events_total": f"{mall_import.events_total:,}",
    }  # fmt: skip


def _state(row: MallImport) -> str:
    """Return the state in a sentence that says what comes next."""
    if row.failure_text:
        return row.failure_text
    if row.status == Status.RUNNING and row.goods is None:
        return _("A worker imports goods and rules.")
    return str(STATES[Status(row.status)])


def page_context(mall_import: MallImport, user: Any) -> dict[str, Any]:
    """Return the context of the page, with the buttons that this person may press now."""
    found, differences = findings.read(mall_import), mall_import.differences
    is_mine = mall_import.by_id == user.pk
    may_prepare = is_mine and user.has_perm(PREPARE)
    is_startable = mall_import.status in (Status.READY, Status.STOPPED)
    rows = file_rows(mall_import)
    return {
        **progress_context(mall_import),
        "files": rows,
        "has_files": any(row.file for row in rows),
        "is_complete": all(row.file or row.is_optional for row in rows),
        "may_edit": may_prepare and mall_import.status in PREPARED,
        "may_start": is_startable and not is_mine and _may_start(mall_import, user),
        "start_refusal": _start_refusal(mall_import, user) if is_startable else "",
        "may_stop": mall_import.status == Status.RUNNING
        and (user.has_perm(PREPARE) or user.has_perm(START)),
        "may_download": user.has_perm(PREPARE) or user.has_perm(START),
        "errors": found.get("errors", []),
        "error_count": found.get("count", 0),
        "warnings": found.get("warnings", []),
        "left_out": found.get("left_out", 0),
        "conflicts": found.get("conflicts", 0),
        "counts": list(_counts(differences)),
        "changes": list(_changes(differences)),
        "more_changes": differences.get("more_changes", 0),
        "sales": differences.get("sales", ""),
        "period": _period(differences),
        "plan": _plan(differences),
        "history": list(_history(mall_import)),
        "days": FILES_LAST.days,
    }


def _may_start(mall_import: MallImport, user: Any) -> bool:
    return user.has_perm(START) and (not mall_import.publishes_plan or user.has_perm(PUBLISH_PLAN))


def _start_refusal(mall_import: MallImport, user: Any) -> str:
    """Return why this person cannot start it."""
    if mall_import.by_id == user.pk:
        return _("You have prepared it, so a colleague starts it. It waits among their tasks.")
    if not user.has_perm(START):
        return _("You have no right to start imports.")
    if not _may_start(mall_import, user):
        return _("The rules become a plan: only those who may publish plans can start it.")
    return ""


def _counts(differences: dict[str, Any]) -> Iterator[dict[str, Any]]:
    counts = differences.get("counts", {})
    for name, title, note in COUNTED:
        if name in counts:
            yield {"title": title, "note": note, **counts[name]}


def _changes(differences: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for change in differences.get("changes", []):
        what = _("category") if change["what"] == "category" else _("product")
        yield {**change, "what": what, "field": FIELDS[change["field"]]}


def _period(differences: dict[str, Any]) -> str:
    first, last = differences.get("first_order"), differences.get("last_order")
    if not first or not last:
        return ""
    days = [_moment(datetime.fromisoformat(text))[:10] for text in (first, last)]
    return _("%(first)s to %(last)s") % {"first": days[0], "last": days[1]}


def _plan(differences: dict[str, Any]) -> str:
    """Return in a sentence what the rules become."""
    if not differences.get("rules"):
        return ""
    count = differences["rules"]
    if not differences.get("publishes_plan"):
        return _("The rules are a published plan already; nothing is published.")
    rules = ngettext("%(count)s rule becomes", "%(count)s rules become", count) % {"count": count}
    start = differences.get("plan_from")
    if not start:
        return _("%(rules)s a plan for all orders from the beginning.") % {"rules": rules}
    shown = {"rules": rules, "day": _moment(datetime.fromisoformat(start))}
    return _("%(rules)s a plan for orders from %(day)s on; older orders keep theirs.") % shown


def _history(row: MallImport) -> Iterator[tuple[str, str, str]]:
    """Yield what happened: the moment, what, and who."""
    yield _moment(row.at), _("opened"), staff_name(row.by)
    if row.checked_at:
        yield _moment(row.checked_at), _("files checked"), _("a worker")
    if row.started_at:
        yield _moment(row.started_at), _("started"), staff_name(row.starter)
    if row.finished_at:
        is_done = row.status == Status.DONE
        yield _moment(row.finished_at), _("imported") if is_done else _("discarded"), ""
    if row.files_removed_at:
        yield _moment(row.files_removed_at), _("files removed"), _("a worker")


def _moment(at: datetime | None) -> str:
    return date_format(localtime(at), "Y-m-d H:i") if at else ""
