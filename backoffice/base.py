# mypy: allow-subclassing-any
"""Base classes and columns of the rooms' admin pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, ClassVar, TypeVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import DateField, ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold import admin, decorators
from unfold.paginator import InfinitePaginator

from backoffice import access
from backoffice.concurrency import ConcurrentEdits
from backoffice.deletions import without_connections
from backoffice.fields import RowSelect, validate_day
from backoffice.forms import readable
from backoffice.lists import ListTools
from backoffice.sheets import Yuan
from common.errors import TwotierError
from common.money import yuan_text

StrOrPromise = access.StrOrPromise
Method = TypeVar("Method", bound=Callable[..., Any])

MAX_PAGES = 1_000
NOTHING = "–"
STATUS = _("status")


class ModelAdmin(ListTools, ConcurrentEdits, admin.ModelAdmin):
    """Deletes rows one at a time and turns refusals and lost races into messages."""

    actions: Any = None
    list_filter_submit = True
    show_facets = ShowFacets.NEVER  # each would be a count over the whole table
    button_statuses: ClassVar[Mapping[str, Collection[str]]] = {}
    """The statuses in which a button is offered; buttons without an entry always are."""
    empty_text: StrOrPromise = ""
    """What it means that the list is empty."""
    empty_icon = "inbox"

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        rows, counts, *refusals = super().get_deleted_objects(objs, request)
        return (*without_connections(rows, counts), *refusals)

    def heading(self, row: Any) -> str:
        """Return the heading of a row's page."""
        return str(row)

    def get_empty_text(self, request: HttpRequest) -> StrOrPromise:
        return self.empty_text

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Iterator[Any]:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            _name_fields(formset.form)
            yield formset, inline

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and isinstance(db_field, DateField):
            field.validators = [*field.validators, validate_day]
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return readable(self.opts, super().get_changeform_initial_data(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            options.setdefault("widget", RowSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        # Only the form's fields: a service may be setting the others at this moment.
        names = {field.name for field in obj._meta.concrete_fields} & set(form.cleaned_data)
        obj.save(update_fields=names)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._redirect_with_error(super().changeform_view, request, *args, **kwargs)

    def response_action(self, request: HttpRequest, queryset: Any) -> Any:
        """Run an action of the list; keys that no row can have are left out."""
        data = request.POST.copy()
        chosen = data.getlist(ACTION_CHECKBOX_NAME)
        data.setlist(ACTION_CHECKBOX_NAME, [key for key in chosen if self._is_key(key)])
        request.POST = data  # type: ignore[assignment]
        return super().response_action(request, queryset)

    def _is_key(self, text: str) -> bool:
        try:
            self.opts.pk.clean(text, None)
        except ValidationError:
            return False
        return True

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._redirect_with_error(super().delete_view, request, *args, **kwargs)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        actions: list[Any] = super().get_actions_detail(request, object_id)
        if not actions:
            return actions
        row = self.get_object(request, unquote(str(object_id)))
        if row is None or not self.is_open(row):
            return []
        hidden = self.hidden_buttons(row, request.user)
        return [
            action
            for action in actions
            if action.path not in hidden
            and row_status(row) in self.button_statuses.get(action.path, [row_status(row)])
        ]

    def is_open(self, row: Any) -> bool:
        """Whether the row's page has buttons at all."""
        return True

    def hidden_buttons(self, row: Any, by: Any) -> Collection[str]:
        """The buttons that the service would refuse. The service has the last word."""
        return ()

    def url(self, page: str, *args: Any) -> str:
        """The address of one of this model's pages: ``changelist``, ``change``, a page's name."""
        opts = self.opts
        return admin_url(self.admin_site.name, opts.app_label, opts.model_name, page, *args)

    def _redirect_with_error(
        self, view: Callable[..., HttpResponse], request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Return the view's response, or the same page with the error as a message."""
        try:
            return view(request, *args, **kwargs)
        except TwotierError as error:
            messages.error(request, str(error))
        except ProtectedError:
            messages.error(request, _("This is in use now and was not deleted."))
        except IntegrityError:
            messages.error(
                request,
                _("Someone else has just changed this. Nothing was saved. Reload the page."),
            )
        return HttpResponseRedirect(request.get_full_path())


class ReadOnly:
    """Refuses to add, change or delete, whatever the person's permissions."""

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


def _name_fields(form: Any) -> None:
    """Name the fields of a row in a table: the heading of its column is no label."""
    for field in form.base_fields.values():
        if field.label and not field.widget.is_hidden:
            field.widget.attrs.setdefault("aria-label", field.label)


class ButtonsOnly:
    """Rows that only buttons change; the form is read-only."""

    opts: Any

    def has_change_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        # Not has_change_permission: that would open the form.
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


class LargeTable:
    """A list over millions of rows: not counted, and paged while an offset is still cheap."""

    show_full_result_count = False
    list_disable_select_all = True  # of rows that are not counted
    sort_fields: ClassVar[Sequence[str] | None] = ()
    ordering: Any = ("-id",)
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
    """Make a method a column; ``options`` are those of unfold's ``display``."""
    decorated: Callable[[Method], Method] = decorators.display(description=description, **options)
    return decorated


def value_column(
    description: StrOrPromise,
    field: str,
    show: Callable[[Any], str] = str,
    ordering: str | None = None,
) -> Any:
    """Return a column that shows a value of the row; ``field`` may be a dotted path.

    :param ordering: the field by which the list can be sorted by this column
    """

    @column(description, ordering=ordering)
    def value(_page: Any, row: Any) -> str:
        value = value_at(row, field)
        return NOTHING if value is None else show(value)

    return value


def yuan_column(description: StrOrPromise, field: str) -> Any:
    """Return a column that shows an amount of fen as ``¥1,234.50``, aligned to the right."""
    shown: Any = value_column(description, field, render_yuan, field.replace(".", "__"))
    shown.is_amount = True
    shown.cell = lambda _page, row: _yuan_cell(value_at(row, field))
    return shown


def render_yuan(fen: int) -> str:
    """Render an amount of fen for a page; lists align it to the right and can add it up."""
    return format_html('<span class="tt-yuan" data-fen="{}">{}</span>', fen, yuan_text(fen))


def _yuan_cell(fen: int | None) -> Yuan | None:
    return None if fen is None else Yuan(fen)


def value_at(row: Any, path: str) -> Any:
    """Return the value at a dotted path."""
    return reduce(getattr, path.split("."), row)


def label_column(description: StrOrPromise, field: str) -> Any:
    """Return a column that shows the label of a field with choices."""

    @column(description, ordering=field)
    def show(_page: Any, row: Any) -> str:
        return str(getattr(row, f"get_{field}_display")())

    return show


def status_column(
    colours: Mapping[str, str], description: StrOrPromise = STATUS, field: str = "status"
) -> Any:
    """Return a column that shows a field's label in the colour of its value."""

    @column(description, label=colours, ordering=field)
    def show(_page: Any, row: Any) -> tuple[str, str]:
        return getattr(row, field), str(getattr(row, f"get_{field}_display")())

    return show


def row_status(row: Any) -> str:
    return getattr(row, "status", "")


def admin_url(site: str, app: str, model: str | None, page: str, *args: Any) -> str:
    return reverse(f"{site}:{app}_{model}_{page}", args=args)
