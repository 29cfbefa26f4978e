"""Pages of the back office that belong to no model; rooms register them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from backoffice.access import Permission, StrOrPromise, is_allowed

NO_STORE = {"Cache-Control": "no-store"}


def attachment(name: str, content_type: str) -> dict[str, str]:
    """Return the headers of a file that a person saves; ``name`` with its ending."""
    return {
        **NO_STORE,
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }


@dataclass(frozen=True)
class OfficePage:
    """A page at ``/admin/<path>/``, named ``admin:office_<name>``.

    :param path: may have parameters, such as ``reports/<str:kind>``; the view gets them
    :param permission: any of several is enough
    :param of: the table or page that it belongs to in the menu, such as ``orders.order``
    """

    name: str
    path: str
    title: StrOrPromise
    permission: Permission
    view: Callable[..., HttpResponse]
    icon: str = ""
    of: str = ""


_pages: dict[str, OfficePage] = {}


def register(page: OfficePage) -> OfficePage:
    """Add a page; its address exists once the URLs of the admin are read."""
    if page.name in _pages:
        raise ValueError(f"two office pages are named {page.name}")
    _pages[page.name] = page
    return page


def pages() -> list[OfficePage]:
    """Return all pages, by name."""
    return [_pages[name] for name in sorted(_pages)]


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(f"admin:office_{name}", args=args or None, kwargs=kwargs or None)


def is_registered(name: str) -> bool:
    return name in _pages


def place_of(name: str) -> str:
    """Return what the menu calls the page, or what it belongs to."""
    page = _pages.get(name)
    return (page.of if page else "") or f"office:{name}"


def may_open(user: Any, name: str) -> bool:
    return is_allowed(user, _pages[name].permission)


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """Return the routes of all pages."""
    return [
        path(f"{page.path}/", site.admin_view(_guarded(page)), name=f"office_{page.name}")
        for page in pages()
    ]


def render(
    request: HttpRequest, template: str, *, title: StrOrPromise, status: int = 200, **context: Any
) -> TemplateResponse:
    """Return a template in the frame of the admin; browsers do not store it."""
    return TemplateResponse(
        request,
        template,
        {**admin.site.each_context(request), "title": title, **context},
        status=status,
        headers=NO_STORE,
    )


def _guarded(page: OfficePage) -> Callable[..., HttpResponse]:
    @wraps(page.view)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_allowed(request.user, page.permission):
            raise PermissionDenied
        return page.view(request, *args, **kwargs)

    return view
