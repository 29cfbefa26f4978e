"""The pages "Settings" and "Changes of settings": every value in words, by subject."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice import data, menu, office, settings_index
from backoffice.office import OfficePage
from backoffice.settings_admin import sentences
from backoffice.settings_index import Recorded, SettingsTable

LATEST = 200
"""So many changes are read; the page "Settings" shows the latest of each field."""
Rows = dict[str, list[models.Model]]
LastChanges = dict[tuple[str, str, str], Recorded]


def show_settings(request: HttpRequest) -> HttpResponse:
    """Show what is set up rather than worked with, by subject."""
    rows = _rows(request)
    last = _last_changes(rows)
    subjects = []
    for number, (title, models_of) in enumerate(menu.settings(), start=1):
        known = [name for name in models_of if name in rows]
        cards = data.groups(
            request.user, [(title, [name for name in models_of if name not in rows])]
        )
        tables = [_table(request, name, rows[name], last) for name in known]
        if tables or cards:
            subjects.append({
                "id": f"subject-{number}", "title": title, "settings": tables,
                "tables": cards[0]["tables"] if cards else [],
            })  # fmt: skip
    return office.render(
        request, "admin/backoffice/settings.html", title=_("Settings"), subjects=subjects,
        server=settings_index.server_settings(request.user), has_changes=bool(rows),
    )  # fmt: skip


def show_changes(request: HttpRequest) -> HttpResponse:
    """Show who changed which setting when, before and after."""
    rows = _rows(request)
    wanted = request.GET.get("of", "")
    read = {wanted: rows[wanted]} if wanted in rows else rows
    changes = settings_index.history([row for part in read.values() for row in part], LATEST)
    names = {
        settings_index.subject_of(row): _row_title(model, row)
        for model, part in read.items()
        for row in part
    }
    lines = [
        {"at": change.at, "by": change.by, "what": names[change.model, change.row], "text": text}
        for change in changes
        for text in sentences(_tables()[change.model], change)
    ]
    return office.render(
        request, "admin/backoffice/setting_changes.html", title=_("Changes of settings"),
        lines=lines, wanted=wanted, choices=[(name, menu.title_of(name)) for name in rows],
        most=LATEST,
    )  # fmt: skip


def _tables() -> dict[str, SettingsTable]:
    return {table.model: table for table in settings_index.tables()}


def _rows(request: HttpRequest) -> Rows:
    """Return the rows of the settings that this person may see."""
    return {
        table.model: list(table.model_class._default_manager.all())
        for table in settings_index.tables()
        if menu.may_open(request.user, table.model)
    }


def _last_changes(rows: Rows) -> LastChanges:
    """Return the latest change of each field of each row."""
    last: LastChanges = {}
    for change in settings_index.history([row for part in rows.values() for row in part], LATEST):
        for field in change.after:
            last.setdefault((change.model, change.row, field), change)
    return last


def _row_title(model: str, row: models.Model) -> str:
    """Return the name of the table, and of the row if the table has several."""
    title = str(menu.title_of(model) or row._meta.verbose_name)
    return f"{title} · {row}" if _tables()[model].summary else title


def _table(
    request: HttpRequest, model: str, rows: Iterable[models.Model], last: LastChanges
) -> dict[str, Any]:
    table = _tables()[model]
    app, _dot, name = model.partition(".")
    may_change = request.user.has_perm(f"{app}.change_{name}")
    lines = []
    for row in rows:
        url = reverse(f"admin:{app}_{name}_change", args=[row.pk])
        lines += _lines(table, row, url, may_change=may_change, last=last)
    return {
        "model": model, "title": menu.title_of(model), "sentence": menu.sentence_of(model),
        "law": table.settings[0].law if table.summary else "",
        "lines": lines,
    }  # fmt: skip


def _lines(
    table: SettingsTable, row: models.Model, url: str, *, may_change: bool, last: LastChanges
) -> list[dict[str, Any]]:
    """Return a line for each field of a row, or one line for a row that says itself in one."""
    if table.summary:
        found = [last.get((*settings_index.subject_of(row), each.field)) for each in table.settings]
        latest = max(filter(None, found), key=lambda change: change.at, default=None)
        line = {
            "title": str(row), "value": table.summary(row), "law": "",
            "url": url, "change": latest, "may_change": may_change,
        }  # fmt: skip
        return [line]
    return [
        {
            "title": table.title(each.field),
            "value": table.in_words(each.field, getattr(row, each.field)),
            "law": each.law,
            "url": f"{url}#id_{each.field}",
            "change": last.get((*settings_index.subject_of(row), each.field)),
            "may_change": may_change,
        }
        for each in table.settings
    ]


office.register(OfficePage("settings", "settings", _("Settings"), (), show_settings, "settings"))
office.register(
    OfficePage(
        "setting_changes", "settings/changes", _("Changes of settings"), (), show_changes,
        "history",
    )
)  # fmt: skip
