# mypy: allow-subclassing-any
"""Let bindings last longer: one by its button, many with a preview; and show their history."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from backoffice.base import ReadOnlyInline, StrOrPromise, value_column
from backoffice.dialogs import action_button
from backoffice.fields import MomentField, text_field
from backoffice.impacts import ImpactForm
from backoffice.names import staff_name
from backoffice.pages import Page, Preview
from backoffice.timeline import format_moment
from common import clock
from distribution import services
from distribution.models import Binding, BindingExtension
from distribution.services.extension import ExtensionPreview, preview_extensions
from members.models import User

MAX_SELECTED = 200
USUAL_EXTENSION = timedelta(days=30)


class ExtendForm(ImpactForm):
    button = "distribution.binding.extend"
    field_order = ("until", "reason")
    until = MomentField(label=_("new expiry"), required=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.row and self.row.expires_at:
            self.initial["until"] = self.row.expires_at + USUAL_EXTENSION


class ExtendManyForm(forms.Form):
    """``ExtendForm`` on a page, for many bindings."""

    until = MomentField(label=_("new expiry"), required=True)
    reason = text_field(_("reason"))


class ExtensionInline(ReadOnlyInline):
    model = BindingExtension
    fields = readonly_fields = ["at", "by_name", "expired_at", "expires_at", "reason"]
    hide_title = True
    by_name = value_column(_("by"), "by", staff_name)

    def has_view_permission(self, *args: Any) -> bool:
        return True  # of everyone who may see the binding

    def get_queryset(self, request: HttpRequest) -> QuerySet[BindingExtension]:
        rows: QuerySet[BindingExtension] = super().get_queryset(request)
        return rows.select_related("by")


class Extending:
    """What the page and the list of bindings have for extensions."""

    inlines = [ExtensionInline]
    run_page: Callable[..., HttpResponse]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Leave the extensions out where there are none."""
        return list(self.inlines) if obj and obj.extensions.exists() else []

    def hidden_buttons(self, row: Binding, _by: User) -> Collection[str]:
        return () if row.expires_at and row.expires_at > clock.now() else ["extend"]

    @action_button(
        _("Extend the binding"),
        question=_("It lasts longer from now on, and this cannot be taken back."),
        done=_("The binding is extended."),
        form=ExtendForm,
        icon="event_repeat",
    )
    def extend(self, row: Binding, *, until: datetime, reason: str, by: User, at: datetime) -> None:
        services.extend(binding=row, until=until, reason=reason, by=by, at=at)

    @admin.action(description=_("Extend, with a preview"), permissions=["decide"])
    def extend_many(self, request: HttpRequest, chosen: QuerySet[Binding]) -> HttpResponse:
        found = Binding.objects.filter(pk__in=chosen.values("pk")).order_by("pk")
        rows = list(found.select_related("member", "distributor__member")[:MAX_SELECTED])
        return self.run_page(
            request,
            self.extend_many_page,
            rows,
            back=request.get_full_path(),
            posted="until" in request.POST,
            hidden=[
                ("action", "extend_many"), *((ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows),
            ],
            lines=rows,
        )  # fmt: skip

    def preview_extend_many(self, rows: list[Binding], *, until: datetime, **_v: Any) -> Preview:
        previews = preview_extensions(bindings=rows, until=until, at=clock.now())
        lines = [_line(preview, until) for preview in previews]
        count = sum(preview.error is None for preview in previews)
        token = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return Preview(token, lines, _("Extend %(count)s") % {"count": count} if count else "")

    def do_extend_many(
        self, rows: list[Binding], *, until: datetime, reason: str, by: User, at: datetime
    ) -> StrOrPromise:
        results = services.extend_many(bindings=rows, until=until, reason=reason, by=by, at=at)
        extended = sum(result.error is None for result in results)
        return _("%(extended)s of %(all)s bindings are extended.") % {
            "extended": extended, "all": len(results),
        }  # fmt: skip

    extend_many_page = Page(
        "extend_many", _("Extend, with a preview"), "distribution.change_binding", ExtendManyForm,
        run=do_extend_many, preview=preview_extend_many,
        intro=_("Those that can be extended are; the others stay as they are."),
    )  # fmt: skip


def _line(preview: ExtensionPreview, until: datetime) -> str:
    row = preview.binding
    if preview.error or row.expires_at is None:
        return f"{row}: {preview.error}"
    return f"{row}: {format_moment(row.expires_at)} → {format_moment(until)}"
