"""What the rooms' admin pages share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold import admin, decorators
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextInputWidget

from common import money
from common.errors import TwotierError

StrOrPromise = str | Promise
Method = TypeVar("Method", bound=Callable[..., Any])

MAX_PAGES = 1_000


class ModelAdmin(admin.ModelAdmin):
    """A page whose rows are deleted one at a time, and where losing a race ends in a sentence."""

    actions: Any = None
    list_filter_submit = True
    show_facets = ShowFacets.NEVER  # each would be a count over the whole table

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        # Only what the form shows: a status that a service sets at this moment is not set back.
        shown = {field.name for field in obj._meta.concrete_fields} & set(form.cleaned_data)
        obj.save(update_fields=shown)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._redirect_with_error(super().changeform_view, request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._redirect_with_error(super().delete_view, request, *args, **kwargs)

    def _redirect_with_error(
        self, view: Callable[..., HttpResponse], request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The view's answer; where database or service refuse, the same page with the reason."""
        try:
            return view(request, *args, **kwargs)
        except TwotierError as refusal:
            messages.error(request, str(refusal))
        except ProtectedError:
            messages.error(request, _("It has come into use meanwhile and was not deleted."))
        except IntegrityError:
            messages.error(
                request,
                _("Somebody else has just changed this. Nothing was saved: look again."),
            )
        return HttpResponseRedirect(request.get_full_path())


class ReadOnly:
    """Facts and money: nobody adds, changes or deletes them here, whatever their rights."""

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_change_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, ModelAdmin):
    pass


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    extra = 0
    show_change_link = False


class LargeTable:
    """A list over millions of rows: never counted, and paged as far as an offset is still cheap."""

    show_full_result_count = False
    sortable_by = ()
    ordering: tuple[str, ...] = ("-id",)
    list_per_page = 50

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: Any,
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> InfinitePaginator:
        pages = InfinitePaginator(queryset, per_page, orphans, allow_empty_first_page)
        pages.count = per_page * MAX_PAGES
        return pages


def column(description: StrOrPromise, **options: Any) -> Callable[[Method], Method]:
    """A method that fills a column; ``options`` are those of unfold's ``display``."""
    decorated: Callable[[Method], Method] = decorators.display(description=description, **options)
    return decorated


class YuanField(forms.Field):
    """Yuan for people, fen for the code; never below 0."""

    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})

    def prepare_value(self, value: Any) -> Any:
        return money.format_yuan(value).replace(",", "") if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        try:
            fen = money.parse_yuan(str(value))
        except money.InvalidAmount as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from None
        if fen < 0:
            raise ValidationError(_("This amount cannot be below 0."), code="negative")
        return fen

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True
