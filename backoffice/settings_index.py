"""Settings in words: rooms register their fields, for what a change counts, and what it touches.

The page "Settings" and the previews of the forms read them here. What a change touches is
registered with ``impacts.register("orders.policy.protection_days", order=10)``; the source gets a
``Change`` in place of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice import impacts
from backoffice.access import StrOrPromise
from backoffice.previews import Preview, PreviewLine, token_of
from common.money import yuan_text

NOTHING = "–"
Words = Callable[[Any], StrOrPromise]


@dataclass(frozen=True)
class Setting:
    """A field that people set.

    :param law: for what a change counts, such as orders that are received from now on
    :param words: says a value in words; otherwise choices, yes and no, and numbers are known
    :param empty: what it means that the field is empty
    """

    field: str
    law: StrOrPromise = ""
    words: Words | None = None
    empty: StrOrPromise = NOTHING


@dataclass(frozen=True)
class SettingsTable:
    """A table of settings: one row, or a fixed set of rows.

    :param summary: says a row in one line, if the table has several
    """

    model: str
    settings: tuple[Setting, ...]
    summary: Words | None = None

    @property
    def model_class(self) -> type[models.Model]:
        return apps.get_model(self.model)

    def setting(self, field: str) -> Setting | None:
        return next((row for row in self.settings if row.field == field), None)

    def title(self, field: str) -> str:
        return capfirst(str(getattr(self.model_class._meta.get_field(field), "verbose_name", "")))

    def in_words(self, field: str, value: Any) -> StrOrPromise:
        """Return a value of a field as people say it."""
        setting = self.setting(field) or Setting(field)
        if value is None or value == "":
            return setting.empty
        if setting.words:
            return setting.words(value)
        choices: Any = getattr(self.model_class._meta.get_field(field), "flatchoices", ())
        labels = dict(choices)
        if value in labels:
            return str(labels[value])
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return f"{value:,}" if isinstance(value, int) else str(value)


@dataclass(frozen=True)
class Change:
    """A value that a person wants to set in place of another; ``row`` is as it is saved now."""

    row: Any
    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Recorded:
    """A change of a row that was recorded, with the fields as they were recorded."""

    at: datetime
    by: StrOrPromise
    model: str
    row: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class ServerSetting:
    """What the operator of the server has set, in words; ``name`` is that of the variable."""

    name: str
    title: StrOrPromise
    value: StrOrPromise


Subject = tuple[str, str]
"""Model and id of a row, as events name it."""
History = Callable[[Collection[Subject], int], list[Recorded]]

_tables: dict[str, SettingsTable] = {}
_histories: list[History] = []
_server: list[tuple[str, Callable[[], Iterable[ServerSetting]]]] = []


def register(model: str, *settings: Setting, summary: Words | None = None) -> SettingsTable:
    """Show the settings of a model in words on the page "Settings"."""
    if model in _tables:
        raise ValueError(f"the settings of {model} are registered twice")
    _tables[model] = SettingsTable(model, settings, summary)
    return _tables[model]


def tables() -> list[SettingsTable]:
    return list(_tables.values())


def get(model: str) -> SettingsTable | None:
    return _tables.get(model)


def register_server(permission: str, source: Callable[[], Iterable[ServerSetting]]) -> None:
    """Show what is set on the server to those with a permission."""
    _server.append((permission, source))


def server_settings(user: Any) -> list[ServerSetting]:
    return [row for permission, source in _server if user.has_perm(permission) for row in source()]


def register_history(source: History) -> None:
    """Let the room that records changes return those of rows, the latest first."""
    _histories.append(source)


def history(rows: Collection[models.Model], limit: int) -> list[Recorded]:
    """Return the recorded changes of rows, the latest first."""
    subjects = [subject_of(row) for row in rows]
    found = [change for source in _histories for change in source(subjects, limit)]
    return sorted(found, key=lambda change: change.at, reverse=True)[:limit]


def subject_of(row: models.Model) -> Subject:
    return row._meta.label_lower, str(getattr(row, "public_id", row.pk))


def preview(
    table: SettingsTable, row: models.Model, values: Mapping[str, Any], *, at: datetime
) -> Preview | None:
    """Return what new values of a row mean; ``None`` if none is of a setting.

    :param values: by field
    """
    changes = [
        Change(row, setting.field, getattr(row, setting.field), values[setting.field])
        for setting in table.settings
        if setting.field in values
    ]
    if not changes:
        return None
    token = token_of(subject_of(row), [(row.field, row.before, row.after) for row in changes])
    return Preview([_line(table, change, at) for change in changes], token)


def _line(table: SettingsTable, change: Change, at: datetime) -> PreviewLine:
    field = change.field
    setting = table.setting(field) or Setting(field)
    return PreviewLine(
        table.title(field), table.in_words(field, change.before),
        table.in_words(field, change.after), setting.law,
        impacts.effects(f"{table.model}.{field}", change, at=at),
    )  # fmt: skip


def days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": f"{count:,}"}


def hours(count: int) -> str:
    return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": f"{count:,}"}


def people(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": f"{count:,}"}


def yuan(fen: int) -> str:
    return yuan_text(fen)
