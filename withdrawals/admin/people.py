# mypy: allow-subclassing-any, allow-any-generics
"""Who is paid and where to, as masks; who needs more says why, and is on record."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from common import clock
from common.admin import LargeTable, ReadOnlyAdmin, column
from common.errors import TwotierError
from distribution.admin.base import search_members
from withdrawals import services
from withdrawals.admin.dialogs import ReasonPageForm
from withdrawals.admin.display import NOTHING
from withdrawals.admin.manual_payouts import UNMASK
from withdrawals.models import Payee, Person

UNMASKED = {"name": _("real name"), "id_number": _("ID number"), "account": _("account to pay to")}


class MaskedAdmin(LargeTable):
    """Pages of what belongs to a member and is shown as a mask."""

    change_form_before_template = "admin/withdrawals/masked_header.html"
    get_object: Any
    admin_site: Any

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        # An account that was replaced is not among what is unmasked.
        current = row is not None and getattr(row, "retired_at", None) is None
        to = f"{self.admin_site.name}:withdrawals_person_unmask"
        known = current and Person.objects.filter(pk=row.member_id).exists()
        may = known and request.user.has_perm(UNMASK)
        shown = {"unmask_page": reverse(to, args=[row.member_id]) if may else ""}
        page: HttpResponse = super().change_view(  # type: ignore[misc]  # of the admin page
            request, object_id, form_url, {**(extra_context or {}), **shown}
        )
        return page


@admin.register(Person)
class PersonAdmin(MaskedAdmin, ReadOnlyAdmin):
    list_display = ["member", "name_mask", "id_number_mask", "changed_at"]
    list_select_related = ["member"]
    ordering = ("-pk",)
    search_fields = ["member__public_id"]
    search_help_text = _("Nickname, or whole id")
    fields = ["member", "name_mask", "id_number_mask", "changed_at"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Person], search_term: str
    ) -> tuple[QuerySet[Person], bool]:
        term = search_term.strip()
        return (queryset.filter(member__in=search_members(term)) if term else queryset), False

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.unmask)
        name = "withdrawals_person_unmask"
        return [path("<path:object_id>/unmask/", page, name=name), *super().get_urls()]

    def unmask(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The answer to a POST shows the values, once: nothing of them is kept or can be linked."""
        if not request.user.has_perm(UNMASK):
            raise PermissionDenied
        person = self.get_object(request, unquote(object_id))
        if person is None:
            messages.warning(request, _("It is not there any more."))
            return HttpResponseRedirect(
                reverse(f"{self.admin_site.name}:withdrawals_person_changelist")
            )
        form = ReasonPageForm(request.POST if request.method == "POST" else None)
        told: list[tuple[Any, str]] = []
        if form.is_valid():
            by: Any = request.user
            try:
                found = services.unmask(
                    member=person.member, by=by, at=clock.now(), reason=form.cleaned_data["reason"]
                )
                told = [(words, found[name]) for name, words in UNMASKED.items() if found[name]]
            except TwotierError as refusal:
                messages.error(request, str(refusal))
        return TemplateResponse(
            request,
            "admin/withdrawals/unmask.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Unmask"),
                "person": person,
                "form": form,
                "told": told,
            },
            headers={"Cache-Control": "no-store"},
        )


@admin.register(Payee)
class PayeeAdmin(MaskedAdmin, ReadOnlyAdmin):
    list_display = ["member", "channel", "to_account", "at_bank", "since", "retired_at"]
    list_select_related = ["member"]
    list_filter = [("channel", ChoicesDropdownFilter)]
    search_fields = ["public_id"]
    search_help_text = _("Nickname, or whole id")
    fields = ["member", "public_id", "channel", "to_account", "at_bank", "since", "retired_at"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Payee], search_term: str
    ) -> tuple[QuerySet[Payee], bool]:
        term = search_term.strip()
        found = Q(public_id=term) | Q(member__in=search_members(term))
        return (queryset.filter(found) if term else queryset), False

    # The ledger's words for these are other ones.

    @column(_("account to pay to"))
    def to_account(self, row: Payee) -> str:
        return row.account_mask

    @column(_("name of the bank"))
    def at_bank(self, row: Payee) -> str:
        return row.bank or NOTHING
