"""What the frame of a page shows: its heading, the way to it, and empty lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.admin.utils import quote
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice import menu
from backoffice.access import StrOrPromise

register = template.Library()


@dataclass(frozen=True, slots=True)
class Crumb:
    title: StrOrPromise
    url: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a page and the pages above it, from the top down."""

    title: StrOrPromise
    crumbs: list[Crumb]

    @property
    def window(self) -> str:
        """The title of the window: the page, and the list that it belongs to."""
        return " · ".join([str(self.title), *(str(crumb.title) for crumb in self.crumbs[-1:])])


@register.simple_tag(takes_context=True)
def page_heading(context: Context) -> Heading:
    """Return the heading of a page of the admin."""
    opts, title = context.get("opts"), context.get("title") or ""
    row = context.get("original") or context.get("object")
    crumbs = _job(context)
    if opts is None:
        return Heading(title, [crumb for crumb in crumbs if str(crumb.title) != str(title)])
    name = menu.title_of(opts.label_lower) or capfirst(opts.verbose_name_plural)
    if context.get("cl"):
        return Heading(name, [crumb for crumb in crumbs if str(crumb.title) != str(name)])
    # A job whose first list has its name is one step, not two.
    crumbs = [crumb for crumb in crumbs if str(crumb.title) != str(name)]
    crumbs.append(Crumb(name, _url(opts, "changelist")))
    if row is None or isinstance(row, str):
        return Heading(_title_of_form(context, title), crumbs)
    form = context.get("adminform")
    if form:
        name_row = getattr(form.model_admin, "heading", str)
        return Heading(name_row(row), crumbs)
    return Heading(title, [*crumbs, Crumb(str(row), _url(opts, "change", quote(row.pk)))])


@register.simple_tag(takes_context=True)
def empty_text(context: Context) -> str:
    """Return what it means that a list is empty; filters are another matter."""
    page, request = context["cl"].model_admin, context.get("request")
    own = page.get_empty_text(request) if hasattr(page, "get_empty_text") else ""
    text = own or menu.empty_of(page.opts.label_lower)
    return str(text or _("There is nothing here yet."))


@register.filter
def is_filtered(cl: Any) -> bool:
    """Whether a list shows only a part of its rows, so that "empty" means "nothing found"."""
    return bool(cl.query or getattr(cl, "has_active_filters", False) or cl.get_filters_params())


def _title_of_form(context: Context, title: StrOrPromise) -> StrOrPromise:
    opts = context["opts"]
    if context.get("add"):
        return _("New: %(name)s") % {"name": opts.verbose_name}
    return title


def _job(context: Context) -> list[Crumb]:
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return []
    return [
        Crumb(row["title"], row["url"])
        for row in context.get("sidebar_navigation") or []
        if row["is_open"]
    ]


def _url(opts: Any, page: str, *args: Any) -> str:
    try:
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)
    except NoReverseMatch:
        return ""
