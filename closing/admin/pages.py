# mypy: allow-subclassing-any, allow-any-generics
"""Pages besides the lists: a form, one service call, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from closing.sheets import XLSX_CONTENT_TYPE
from common import clock
from common.admin import StrOrPromise
from common.errors import TwotierError
from distribution.admin.base import members_by_id
from members.models import Member


class MonthField(forms.Field):
    widget = UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-11"})

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        try:
            return date.fromisoformat(f"{str(value).strip()}-01")
        except ValueError:
            raise forms.ValidationError(_("Write the month like 2026-11.")) from None


class MemberField(forms.CharField):
    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> Any:
        term = super().clean(value)
        if not term:
            return None
        found: list[Member] = list(members_by_id(term)[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("“%(id)s” is the whole id of no member, or of more than one."),
                params={"id": term[:40]},
            )
        return found[0]


class ExportForm(forms.Form):
    month = MonthField(label=_("month"))
    unmasked = forms.BooleanField(
        label=_("with real names and ID numbers in full"), required=False,
        widget=UnfoldBooleanSwitchWidget,
    )  # fmt: skip
    reason = forms.CharField(
        label=_("reason"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Needed for names in full. Who exports them, and why, is kept."),
    )  # fmt: skip


class Page(NamedTuple):
    name: str
    title: StrOrPromise
    permission: str
    form: type[forms.Form]


class PagesMixin:
    """A list with pages besides it; ``do_{name}`` gets what the form holds, by and at.

    It answers with words for the person, or with a response.
    """

    pages: tuple[Page, ...] = ()
    list_before_template = "admin/closing/pages.html"
    admin_site: Any
    opts: Any

    def get_urls(self) -> list[Any]:
        return [
            *(
                path(
                    f"{page.name}/",
                    self.admin_site.admin_view(self._page_view(page)),
                    name=self._name(page),
                )
                for page in self.pages
            ),
            *super().get_urls(),  # type: ignore[misc]  # of the admin page
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = [
            (page.title, reverse(f"{self.admin_site.name}:{self._name(page)}"))
            for page in self.pages
            if request.user.has_perm(page.permission)
        ]
        found: HttpResponse = super().changelist_view(  # type: ignore[misc]  # as above
            request, {**(extra_context or {}), "pages": shown}
        )
        return found

    def _name(self, page: Page) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page.name}"

    def _page_view(self, page: Page) -> Callable[[HttpRequest], HttpResponse]:
        def view(request: HttpRequest) -> HttpResponse:
            if not request.user.has_perm(page.permission):
                raise PermissionDenied
            return self._show(request, page)

        return view

    def _show(self, request: HttpRequest, page: Page) -> HttpResponse:
        posted = request.method == "POST"
        form = page.form(
            request.POST if posted else None, request.FILES if posted else None,
            initial={**self.initial(page), **request.GET.dict()},
        )  # fmt: skip
        back = reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist"
        )
        if form.is_valid():
            do = getattr(self, f"do_{page.name}")
            try:
                done = do(by=request.user, at=clock.now(), **form.cleaned_data)
            except TwotierError as refusal:
                messages.error(request, str(refusal))
            else:
                if isinstance(done, HttpResponse):
                    return done
                messages.success(request, str(done))
                return HttpResponseRedirect(back)
        return TemplateResponse(
            request,
            "admin/closing/form.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts, "title": page.title, "form": form, "back": back,
                **self.page_context(page),
            },
        )  # fmt: skip

    def initial(self, page: Page) -> dict[str, Any]:
        """What its form holds at first."""
        return {}

    def page_context(self, page: Page) -> dict[str, Any]:
        """What else the page shows."""
        return {}


def download(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=XLSX_CONTENT_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.xlsx"',
            "Cache-Control": "no-store",
        },
    )  # fmt: skip
