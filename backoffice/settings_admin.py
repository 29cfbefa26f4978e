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
from backoffice.settings_index import Recorded, Setting, SettingsTable, Words
from common import clock

PREVIEWED = "_previewed"
PREVIEW_ONLY = "_preview_only"
SHOWN_CHANGES = 20


class SettingsAdmin(PanelsMixin, ModelAdmin):
    """A fixed set of rows; a service records every change."""

    change_form_template = "admin/backoffice/setting_form.html"

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        form = super().get_form(request, obj, **options)
        table = settings_index.get(self.opts.label_lower)
        if table is None or obj is None:
            return form
        form = _with_laws(form, table)
        return _with_preview(form, table, request) if request.method == "POST" else form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **options: Any
    ) -> Any:
        has_preview = settings_index.get(self.opts.label_lower) is not None
        shown = getattr(context["adminform"].form, "preview", None)
        own = {"has_preview": has_preview, "preview": shown}
        return super().render_change_form(request, {**context, **own}, **options)

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


def _with_preview(
    form: type[forms.ModelForm[Any]], table: SettingsTable, request: HttpRequest
) -> type[forms.ModelForm[Any]]:
    """Return the form class, valid only once it was posted with the preview of its changes."""

    def is_valid(self: Any) -> bool:
        self.preview = None
        if not form.is_valid(self):
            return False
        changes = {
            name: self.cleaned_data[name] for name in self.changed_data if table.setting(name)
        }
        if not changes:
            return PREVIEW_ONLY not in request.POST
        # The form has already put the new values into its own row.
        row = table.model_class._base_manager.get(pk=self.instance.pk)
        token = settings_index.token(row, changes)
        # A file that is sent cannot be kept until the person has seen a preview.
        is_confirmed = bool(request.FILES) or request.POST.get(PREVIEWED) == token
        if is_confirmed and PREVIEW_ONLY not in request.POST:
            return True
        lines = settings_index.preview(table, row, changes, at=clock.now())
        self.preview = {"lines": lines, "token": token}
        return False

    return type(form.__name__, (form,), {"is_valid": is_valid, "__module__": form.__module__})
