# mypy: allow-subclassing-any
"""Panels of a row's page; rooms on floors above register panels for pages of rooms below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.safestring import SafeString

from backoffice.base import StrOrPromise
from backoffice.office import NO_STORE

ABOVE_THE_FORM = 100
"""Panels with a lower order are drawn above the fields of the row, the others below."""
BODY = "admin/backoffice/panel_body.html"
"""A template for most panels. It takes any of

* ``notice``: a sentence above all;
* ``figures``: rows of ``Figure``, drawn large;
* ``facts``: pairs of label and value;
* ``table``: ``columns`` of ``Column`` and ``rows`` of cells; ``empty``: a sentence instead of rows;
* ``lines``: rows of ``Line``, a timeline;
* ``buttons``: from ``buttons_of``; ``more``: a ``More``, the list with all rows.
"""


@dataclass(frozen=True)
class Panel:
    """A part of a row's page.

    :param model: the model of the page, such as ``members.member``
    :param permission: the permission to see the panel; empty for everyone who sees the page
    :param context: gets the request and the row; ``None`` leaves the panel out
    :param order: the place on the page, see ``ABOVE_THE_FORM``
    :param lazy: load it after the page, so that the page does not wait for it
    :param width: on a wide screen: ``full``, ``half`` or ``third``
    """

    name: str
    title: StrOrPromise
    model: str
    permission: str
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any] | None]
    order: int
    lazy: bool = False
    width: str = "full"

    def is_allowed(self, request: HttpRequest) -> bool:
        return not self.permission or bool(request.user.has_perm(self.permission))


@dataclass(frozen=True)
class Figure:
    """A figure that is drawn large; it may link to exactly the rows behind it."""

    title: StrOrPromise
    value: StrOrPromise
    note: StrOrPromise = ""
    url: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a panel's table; numbers are aligned to the right."""

    title: StrOrPromise
    is_number: bool = False


@dataclass(frozen=True)
class Line:
    """A line of a timeline."""

    at: datetime
    text: StrOrPromise
    by: StrOrPromise = ""


@dataclass(frozen=True)
class More:
    """A link to the list that has all rows of a panel."""

    title: StrOrPromise
    url: str


@dataclass(frozen=True)
class Button:
    """A button of another row's page, drawn in a panel: it opens that page's dialog."""

    title: StrOrPromise
    url: str
    icon: str = ""
    variant: str = "default"
    is_dialog: bool = True


@dataclass(frozen=True)
class DrawnPanel:
    """A panel as the template needs it: its HTML, or the address that it is loaded from."""

    panel: Panel
    html: SafeString | None = None
    url: str = ""


_panels: dict[str, list[Panel]] = defaultdict(list)


def register(panel: Panel) -> Panel:
    """Add a panel to the page of its model.

    :raises ValueError: the page has a panel with this name
    """
    if any(other.name == panel.name for other in _panels[panel.model]):
        raise ValueError(f"{panel.model} has a panel {panel.name} already")
    _panels[panel.model].append(panel)
    _panels[panel.model].sort(key=lambda row: row.order)
    return panel


def of_model(model: str) -> list[Panel]:
    """Return the panels of a page in their order."""
    return list(_panels.get(model, ()))


def draw(panel: Panel, request: HttpRequest, row: Any) -> SafeString | None:
    """Return the HTML of a panel for a row, or ``None`` if the panel leaves itself out."""
    context = panel.context(request, row)
    if context is None:
        return None
    return render_to_string(panel.template, {"panel": panel, "row": row, **context}, request)


def copyable(text: str) -> SafeString:
    """Render an id with a button that copies it."""
    return render_to_string("admin/backoffice/copyable.html", {"text": text})


def buttons_of(request: HttpRequest, row: Any, *names: str) -> list[Button]:
    """Return the buttons of a row's page that this person may press now.

    :param names: only these
    """
    page = admin.site._registry[type(row)]
    actions = page.get_actions_detail(request, str(row.pk))  # type: ignore[attr-defined]
    return [
        Button(
            action.description,
            reverse(f"{page.admin_site.name}:{action.action_name}", args=[row.pk]),
            action.icon or "",
            getattr(action.variant, "value", "default"),
        )
        for action in actions
        if not names or action.path in names
    ]


class PanelsMixin:
    """Draws the panels of the model on the pages of its rows."""

    change_form_outer_before_template = "admin/backoffice/panels_above.html"
    change_form_outer_after_template = "admin/backoffice/panels_below.html"
    admin_site: Any
    opts: Any
    get_object: Any
    url: Callable[..., str]
    has_view_permission: Callable[..., bool]

    def get_urls(self) -> list[Any]:
        route = path(
            "<path:object_id>/panel/<slug:name>/",
            self.admin_site.admin_view(self.panel_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_panel",
        )
        return [route, *super().get_urls()]  # type: ignore[misc]  # of the model admin

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(str(object_id)))
        drawn = self.drawn_panels(request, row) if row and request.method == "GET" else {}
        response: HttpResponse = super().change_view(  # type: ignore[misc]
            request, object_id, form_url, {**(extra_context or {}), **drawn}
        )
        return response

    def drawn_panels(self, request: HttpRequest, row: Any) -> dict[str, list[DrawnPanel]]:
        """Return the panels above and below the form of a row, for this person."""
        drawn: dict[str, list[DrawnPanel]] = {"panels_above": [], "panels_below": []}
        if not self.has_view_permission(request, row):
            return drawn
        for panel in of_model(self.opts.label_lower):
            if not panel.is_allowed(request):
                continue
            place = "panels_above" if panel.order < ABOVE_THE_FORM else "panels_below"
            if panel.lazy:
                url = self.url("panel", row.pk, panel.name)
                drawn[place].append(DrawnPanel(panel, url=url))
            elif (html := draw(panel, request, row)) is not None:
                drawn[place].append(DrawnPanel(panel, html=html))
        return drawn

    def panel_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Return the HTML of one panel; the page loads lazy panels from here."""
        panel = next((row for row in of_model(self.opts.label_lower) if row.name == name), None)
        row = self.get_object(request, unquote(object_id))
        if panel is None or row is None:
            raise Http404
        if not (self.has_view_permission(request, row) and panel.is_allowed(request)):
            raise PermissionDenied
        return HttpResponse(draw(panel, request, row) or "", headers=NO_STORE)
