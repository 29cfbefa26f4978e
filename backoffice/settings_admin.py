# mypy: allow-subclassing-any
"""The forms of settings: a change is saved once the person has seen what it touches."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from backoffice import office, settings_index
from backoffice.base import ModelAdmin
from backoffice.panels import BODY, Line, Panel, PanelsMixin
from backoffice.panels import register as register_panel
from backoffice.previews import Preview, PreviewedForm
from backoffice.settings_index import Recorded, Setting, SettingsTable, Words
from common import clock

SHOWN_CHANGES = 20


class SettingsAdmin(PreviewedForm, PanelsMixin, ModelAdmin):
    """A fixed set of rows; a service records every change."""

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    @property
    def table(self) -> SettingsTable | None:
        return settings_index.get(self.opts.label_lower)

    def has_preview(self) -> bool:
        return self.table is not None

    def preview_of(self, row: Any, form: Any) -> Preview | None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if self.table is None:
            return None
        return settings_index.preview(self.table, row, changes, at=clock.now())

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **options)
        return _with_laws(form, self.table) if self.table else form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        self.apply_changes(obj, changes, by=request.user, at=clock.now())

    def apply_changes(self, row: Any, changes: dict[str, Any], **by_and_at: Any) -> None:
        raise NotImplementedError

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Lead back to the subject on the page of all settings."""
        return HttpResponseRedirect(f"{office.url('settings')}#{self.opts.label_lower}")


def register(model: str, *settings: Setting, summary: Words | None = None) -> None:
    """Show settings in words on the page "Settings", and their history on their own page."""
    table = settings_index.register(model, *settings, summary=summary)
    register_panel(Panel("changes", _("changes"), model, "", BODY, _changes_of(table), 900))


def _changes_of(table: SettingsTable) -> Any:
    def context(_request: HttpRequest, row: Any) -> dict[str, Any]:
        lines = [
            Line(change.at, text, change.by)
            for change in settings_index.history([row], SHOWN_CHANGES)
            for text in sentences(table, change)
        ]
        return {"lines": lines, "empty": "" if lines else _("Nobody has changed this yet.")}

    return context


def sentences(table: SettingsTable, change: Recorded) -> list[str]:
    """Return a recorded change in words, a sentence for each field that still exists."""
    return [
        f"{table.title(field)}: {table.in_words(field, change.before.get(field))}"
        f" → {table.in_words(field, after)}"
        for field, after in change.after.items()
        if table.setting(field)
    ]


def _with_laws(
    form: type[forms.ModelForm[Any]], table: SettingsTable
) -> type[forms.ModelForm[Any]]:
    """Return the form class with the law of each setting below its field."""

    def init(self: Any, *args: Any, **options: Any) -> None:
        form.__init__(self, *args, **options)
        for setting in table.settings:
            if field := self.fields.get(setting.field):
                field.help_text = " ".join(filter(None, map(str, (field.help_text, setting.law))))

    return type(form.__name__, (form,), {"__init__": init, "__module__": form.__module__})
