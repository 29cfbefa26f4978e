# mypy: allow-subclassing-any, allow-any-generics
"""Pages beside a list or a row: a form, a preview if it has one, one service call, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from backoffice.office import NO_STORE, attachment
from backoffice.sheets import XLSX_CONTENT_TYPE
from common import clock
from common.errors import TwotierError

CONFIRM = "confirm"
PREVIEWED = "previewed"


@dataclass(frozen=True)
class Page:
    """A page with a form, and the method of the admin class that its POST calls.

    :param form: without one, the page is a button that posts
    :param run: gets the page's row if it has one, the form's values, ``by`` and ``at``; returns a
        text for the person, or a response
    :param preview: gets the row and the form's values; ``run`` then does only what was previewed
    :param of_row: whether it is a page of a row instead of the list
    :param path: its address, if not its name
    """

    name: str
    title: StrOrPromise
    permission: str
    form: type[forms.Form] | None
    _: KW_ONLY
    run: Callable[..., object]
    preview: Callable[..., Preview] | None = None
    intro: StrOrPromise = ""
    of_row: bool = False
    path: str = ""
    variant: str = "default"
    needs_request: bool = False


@dataclass(frozen=True)
class Preview:
    """What a page would do.

    :param token: identifies it; another token needs another preview
    :param confirm: the label of the button that does it; empty if it cannot be done
    """

    token: str
    lines: Sequence[str]
    confirm: StrOrPromise


class PagesMixin:
    """Adds pages to a list and to its rows."""

    pages: tuple[Page, ...] = ()
    list_before_template = change_form_before_template = "admin/backoffice/links.html"
    admin_site: Any
    opts: Any
    get_object: Any
    url: Callable[..., str]

    def get_urls(self) -> list[Any]:
        urls: list[Any] = super().get_urls()  # type: ignore[misc]  # of the model admin
        return [*map(self._route, self.pages), *urls]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {}), "pages": self.links(request)}
        response: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(str(object_id)))
        context = {**(extra_context or {}), "pages": self.links(request, row) if row else []}
        response: HttpResponse = super().change_view(  # type: ignore[misc]
            request, object_id, form_url, context
        )
        return response

    def links(self, request: HttpRequest, row: Any = None) -> list[dict[str, Any]]:
        """Return the links to the pages that this person may use now."""
        return [
            {
                "title": page.title,
                "url": self.url(page.name, *([row.pk] if row else [])),
                "variant": page.variant,
                "posts": page.form is None,
            }
            for page in self.pages
            if page.of_row == (row is not None)
            and request.user.has_perm(page.permission)
            and self.is_page_offered(page, row, request.user)
        ]

    def is_page_offered(self, page: Page, row: Any, by: Any) -> bool:
        """Whether a page can be used now. The service has the last word."""
        return True

    def initial(self, page: Page) -> dict[str, Any]:
        """Return the form's initial values."""
        return {}

    def initial_of_row(self, page: Page, row: Any) -> dict[str, Any]:
        """Return the initial values of the form of a page of a row."""
        return {}

    def page_context(self, page: Page, row: Any) -> dict[str, Any]:
        """Return more context of the page's template."""
        return {}

    def show_page(
        self, request: HttpRequest, *, title: StrOrPromise, **context: Any
    ) -> TemplateResponse:
        """Return a page with any of ``form``, ``intro``, ``table``, ``values``, ``lines``,
        ``hidden`` inputs, and the labels of its buttons, ``submit`` and ``confirm``."""
        return TemplateResponse(
            request,
            "admin/backoffice/page.html",
            {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context},
            headers=NO_STORE,
        )

    def run_page(
        self,
        request: HttpRequest,
        page: Page,
        *args: Any,
        back: str,
        posted: bool,
        hidden: Sequence[tuple[str, str]] = (),
        **context: Any,
    ) -> HttpResponse:
        """Show the page's form; once it is valid and previewed, make its call and go back."""
        form = self._form(request, page, *args[:1], posted=posted)
        preview: Preview | None = None
        if posted and (form is None or form.is_valid()):
            values = dict(form.cleaned_data) if form else {}
            if page.preview:
                preview = page.preview(self, *args, **values)
            if preview is None or _is_confirmed(request, preview):
                response = self._call(request, page, args, values, back)
                if response:
                    return response
        if preview:
            context["lines"] = preview.lines
        return self.show_page(
            request,
            title=page.title,
            form=form,
            back=back,
            submit=_("Preview") if page.preview else page.title,
            confirm=preview.confirm if preview else "",
            hidden=[*hidden, (PREVIEWED, preview.token if preview else "")],
            **{"intro": page.intro, **context},
        )

    def _form(
        self, request: HttpRequest, page: Page, row: Any = None, *, posted: bool
    ) -> forms.Form | None:
        if page.form is None:
            return None
        return page.form(
            request.POST if posted else None, request.FILES if posted else None,
            initial={
                **self.initial(page),
                **(self.initial_of_row(page, row) if page.of_row else {}),
                **request.GET.dict(),
            },
        )  # fmt: skip

    def _call(
        self, request: HttpRequest, page: Page, args: Any, values: dict[str, Any], back: str
    ) -> HttpResponse | None:
        """Return the response to a call, or ``None`` if it was refused."""
        try:
            done = page.run(
                self, *args, by=request.user, at=clock.now(), **values,
                **({"request": request} if page.needs_request else {}),
            )  # fmt: skip
        except TwotierError as error:
            messages.error(request, str(error))
            return None
        if isinstance(done, HttpResponse):
            return done
        messages.success(request, str(done))
        return HttpResponseRedirect(back)

    def _route(self, page: Page) -> Any:
        return path(
            f"{'<path:object_id>/' if page.of_row else ''}{page.path or page.name}/",
            self.admin_site.admin_view(partial(self._view, page)),
            name=f"{self.opts.app_label}_{self.opts.model_name}_{page.name}",
        )

    def _view(self, page: Page, request: HttpRequest, object_id: str = "") -> HttpResponse:
        if not request.user.has_perm(page.permission):
            raise PermissionDenied
        posted = request.method == "POST"
        if not page.of_row:
            return self.run_page(
                request, page, back=self.url("changelist"), posted=posted,
                **self.page_context(page, None),
            )  # fmt: skip
        row = self.get_object(request, unquote(object_id))
        if row is None:
            messages.warning(request, _("This no longer exists."))
            return HttpResponseRedirect(self.url("changelist"))
        back = self.url("change", row.pk)
        if not self.is_page_offered(page, row, request.user):
            messages.warning(request, _("This cannot be done now. Nothing was changed."))
            return HttpResponseRedirect(back)
        if page.form is None:
            response = self._call(request, page, (row,), {}, back) if posted else None
            return response or HttpResponseRedirect(back)
        return self.run_page(
            request, page, row, back=back, posted=posted, **self.page_context(page, row)
        )


def _is_confirmed(request: HttpRequest, preview: Preview) -> bool:
    return CONFIRM in request.POST and request.POST.get(PREVIEWED) == preview.token


def download(content: bytes, name: str, content_type: str = XLSX_CONTENT_TYPE) -> HttpResponse:
    """Return a file to be saved; ``name`` with its ending."""
    return HttpResponse(content, headers=attachment(name, content_type))
