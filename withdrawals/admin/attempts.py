# mypy: allow-subclassing-any, allow-any-generics
"""Attempts to pay, what proves how they ended, and the tax that each has reserved. To look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from common import clock
from common.admin import LargeTable, ReadOnlyAdmin, column
from common.errors import TwotierError
from common.money import format_yuan
from distribution.admin.base import search_members
from withdrawals import services
from withdrawals.admin.display import STATE_COLOURS, failure_label, format_tax_inputs, regime
from withdrawals.models import Attempt, Evidence, TaxEntry, Withdrawal
from withdrawals.permissions import FINANCE


class OpenFilter(DropdownFilter):
    title = _("outcome")
    parameter_name = "open"

    def lookups(self, *args: Any) -> list[tuple[str, Any]]:
        return [("yes", _("not known yet")), ("no", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {"yes": True, "no": False}.get(str(self.value()))
        return queryset if wanted is None else queryset.filter(ended_at__isnull=wanted)


@admin.register(Attempt)
class AttemptAdmin(LargeTable, ReadOnlyAdmin):
    list_display = [
        "out_bill_no", "member", "gateway", "yuan", "status_label", "send_count", "poll_count", "last_error",
        "failure_class", "created_at",
    ]  # fmt: skip
    list_display_links = ["out_bill_no"]
    list_select_related = ["withdrawal__member"]
    list_filter = [OpenFilter, ("state", ChoicesDropdownFilter)]
    search_fields = ["out_bill_no"]
    search_help_text = _("Nickname, or whole number of ours or the provider's")
    fields = [
        "out_bill_no", "withdrawal", "member", "gateway", "yuan", "state", "send_count", "poll_count",
        "last_error", "fail_reason", "failure_class", "claimed_by", "provider_no", "evidence",
        "instruction_sha256", "created_at", "next_run_at", "lease_until", "stopped_at", "ended_at",
    ]  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Attempt], search_term: str
    ) -> tuple[QuerySet[Attempt], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        of_them = Withdrawal.objects.filter(
            Q(public_id=term) | Q(member__in=search_members(term))
        ).values("pk")
        found = Q(out_bill_no=term) | Q(provider_no=term) | Q(withdrawal__in=of_them)
        return queryset.filter(found), False

    @column(_("member"))
    def member(self, row: Attempt) -> str:
        return str(row.withdrawal.member)

    @column(_("amount"))
    def yuan(self, row: Attempt) -> str:
        return format_yuan(row.amount)

    @column(_("state"), label=STATE_COLOURS)
    def status_label(self, row: Attempt) -> tuple[str, str]:
        return row.state, str(row.get_state_display())

    @column(_("what it asks for"))
    def failure_class(self, row: Attempt) -> str:
        return failure_label(row)


@admin.register(Evidence)
class EvidenceAdmin(LargeTable, ReadOnlyAdmin):
    """That there is something, and its hash. What it says stays sealed."""

    list_display = ["at", "kind", "short_id", "short_hash"]
    list_display_links = ["at"]
    change_form_before_template = "admin/withdrawals/evidence_header.html"
    list_filter = [("kind", ChoicesDropdownFilter)]
    search_fields = ["sha256"]
    search_help_text = _("Whole hash, or the provider's whole id")
    fields = ["at", "kind", "external_id", "sha256"]

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.open)
        name = "withdrawals_evidence_open"
        return [path("<int:key>/open/", page, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(str(object_id)))
        may = row is not None and row.is_file and request.user.has_perm(FINANCE)
        there = reverse("admin:withdrawals_evidence_open", args=[row.pk]) if may and row else ""
        page: HttpResponse = super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "open_page": there}
        )
        return page

    def open(self, request: HttpRequest, key: int) -> HttpResponse:
        """The file itself, to be saved; never shown inside the admin. By POST: it is on record."""
        by: Any = request.user
        row = Evidence.objects.filter(pk=key).first()
        if request.method != "POST" or row is None:
            return HttpResponseRedirect(reverse("admin:withdrawals_evidence_changelist"))
        try:
            content = services.open_voucher(evidence=row, by=by, at=clock.now())
        except TwotierError:
            raise PermissionDenied from None
        ending = (
            "pdf" if content.startswith(b"%PDF") else "png" if content[1:4] == b"PNG" else "jpg"
        )
        return HttpResponse(
            content,
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="voucher-{row.pk}.{ending}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )

    @column(_("the provider's id"))
    def short_id(self, row: Evidence) -> str:
        return (row.external_id or "–")[:24]

    @column(_("hash"))
    def short_hash(self, row: Evidence) -> str:
        return row.sha256[:12]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Evidence], search_term: str
    ) -> tuple[QuerySet[Evidence], bool]:
        term = search_term.strip()
        found = Q(sha256=term) | Q(external_id=term)
        return (queryset.filter(found) if term else queryset), False


class ReleasedFilter(DropdownFilter):
    title = _("status")
    parameter_name = "counts"

    def lookups(self, *args: Any) -> list[tuple[str, Any]]:
        return [("yes", _("counts")), ("no", _("given back"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {"yes": True, "no": False}.get(str(self.value()))
        return queryset if wanted is None else queryset.filter(released_at__isnull=wanted)


@admin.register(TaxEntry)
class TaxEntryAdmin(LargeTable, ReadOnlyAdmin):
    list_display = [
        "attempt", "member", "period", "income_yuan", "withheld_yuan", "tax_regime", "released_at",
    ]  # fmt: skip
    list_display_links = ["attempt"]
    list_select_related = ["attempt", "member"]
    list_filter = [ReleasedFilter]
    ordering = ("-pk",)
    search_fields = ["attempt__out_bill_no"]
    search_help_text = _("Nickname, whole id, or whole number at the provider")
    fields = [
        "attempt", "member", "period", "income_yuan", "withheld_yuan", "tax_regime", "tax_inputs",
        "released_at",
    ]  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[TaxEntry], search_term: str
    ) -> tuple[QuerySet[TaxEntry], bool]:
        term = search_term.strip()
        found = Q(attempt__out_bill_no=term) | Q(member__in=search_members(term))
        return (queryset.filter(found) if term else queryset), False

    @column(_("month"))
    def period(self, row: TaxEntry) -> str:
        return f"{row.year}-{row.month:02}"

    @column(_("income"))
    def income_yuan(self, row: TaxEntry) -> str:
        return format_yuan(row.income)

    @column(_("withheld"))
    def withheld_yuan(self, row: TaxEntry) -> str:
        return format_yuan(row.withheld)

    @column(_("tax regime"))
    def tax_regime(self, row: TaxEntry) -> str:
        return regime(row.regime, row.regime_version)

    @column(_("computed from"))
    def tax_inputs(self, row: TaxEntry) -> str:
        return format_tax_inputs(row.inputs)
