# mypy: allow-subclassing-any, allow-any-generics
"""Read-only pages of payout attempts, their evidence and the tax they reserve."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from backoffice.base import (
    LargeTable,
    ReadOnlyAdmin,
    StrOrPromise,
    column,
    status_column,
    value_column,
    yuan_column,
)
from backoffice.pages import Page, PagesMixin, download
from backoffice.search import Search
from members.models import User
from members.search import search_members
from withdrawals import services
from withdrawals.admin.display import STATE_COLOURS, failure_class, format_regime, format_tax_inputs
from withdrawals.models import Attempt, Evidence, TaxEntry, Withdrawal
from withdrawals.payouts.evidence import VOUCHER_SIGNATURES
from withdrawals.permissions import FINANCE
from withdrawals.tax.income_classes import income_class


class EmptyFilter(DropdownFilter):
    """Rows whose ``field`` is empty, or those where it is set."""

    field: str
    labels: tuple[StrOrPromise, StrOrPromise]

    def lookups(self, *args: Any) -> list[tuple[str, Any]]:
        return list(zip(("yes", "no"), self.labels, strict=True))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {"yes": True, "no": False}.get(str(self.value()))
        return queryset if wanted is None else queryset.filter(**{f"{self.field}__isnull": wanted})


class OpenFilter(EmptyFilter):
    title, parameter_name, field = _("outcome"), "open", "ended_at"
    labels = _("not known yet"), _("ended")


class ReleasedFilter(EmptyFilter):
    title, parameter_name, field = _("status"), "counts", "released_at"
    labels = _("counts"), _("no longer counted")


def find_withdrawals(term: str) -> QuerySet[Withdrawal]:
    return Withdrawal.objects.filter(Q(public_id=term.lower()) | Q(member__in=search_members(term)))


@admin.register(Attempt)
class AttemptAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "out_bill_no", "member", "gateway", "yuan", "status_badge", "send_count", "poll_count",
        "last_error", "failure_class", "created_at",
    ]  # fmt: skip
    columns = ["ended_at", "provider_no"]
    date_fields = ["created_at", "ended_at"]
    amount_fields = sum_fields = ["amount"]
    chips = ["state"]
    sort_fields = ["created_at", "amount"]
    list_display_links = ["out_bill_no"]
    list_select_related = ["withdrawal__member"]
    list_filter = [OpenFilter, ("state", ChoicesDropdownFilter)]
    search_fields = ["out_bill_no"]
    search_help_text = _("Nickname, or full merchant or provider number")
    search_exact = ("out_bill_no", "provider_no")
    search_related: ClassVar = {"withdrawal": find_withdrawals}
    fields = [
        "out_bill_no", "withdrawal", "member", "gateway", "yuan", "state", "send_count",
        "poll_count", "last_error", "fail_reason", "failure_class", "claimed_by", "provider_no",
        "evidence", "instruction_sha256", "created_at", "next_run_at", "stopped_at",
        "ended_at",
    ]  # fmt: skip
    member = value_column(_("member"), "withdrawal.member")
    yuan = yuan_column(_("amount"), "amount")
    status_badge = status_column(STATE_COLOURS, _("state"), "state")
    failure_class = failure_class


@admin.register(Evidence)
class EvidenceAdmin(PagesMixin, Search, LargeTable, ReadOnlyAdmin):
    """Shows the hash; the content stays encrypted."""

    list_display = ["at", "kind", "short_id", "short_hash"]
    columns = ["sha256"]
    date_fields = ["at"]
    chips = ["kind"]
    sort_fields = ["at"]
    list_display_links = ["at"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    search_fields = ["sha256"]
    search_help_text = _("Whole hash, or the provider's whole id")
    search_exact = ("sha256", "external_id")
    fields = ["at", "kind", "external_id", "sha256"]
    short_id = value_column(_("the provider's id"), "external_id", lambda text: text[:24])
    short_hash = value_column(_("hash"), "sha256", lambda text: text[:12])

    def is_page_offered(self, page: Page, row: Evidence, by: User) -> bool:
        return bool(row.is_file)

    def do_open(self, row: Evidence, *, by: User, at: datetime) -> HttpResponse:
        """Return the file to be saved; the service records who opened it."""
        content = services.open_voucher(evidence=row, by=by, at=at)
        endings = VOUCHER_SIGNATURES.items()
        # A result file of a bank is a workbook, or else a text.
        files = (ending for ending, first in endings if content.startswith(first))
        ending = next(files, "xlsx" if content.startswith(b"PK") else "csv")
        return download(content, f"voucher-{row.pk}.{ending}", "application/octet-stream")

    pages = (
        Page(
            "open", _("Save the file"), FINANCE, form=None, run=do_open, of_row=True,
            variant="primary",
        ),
    )  # fmt: skip


@admin.register(TaxEntry)
class TaxEntryAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "attempt", "member", "period", "income_yuan", "awards_yuan", "withheld_yuan", "tax_regime",
        "released_at",
    ]  # fmt: skip
    date_fields = ["attempt__created_at"]
    amount_fields = ["income", "withheld"]
    sum_fields = ["income", "award_income", "withheld"]
    sort_fields = ["income", "withheld"]
    list_display_links = ["attempt"]
    list_select_related = ["attempt", "member"]
    list_filter = [ReleasedFilter]
    ordering = ("-pk",)
    search_fields = ["attempt__out_bill_no"]
    search_help_text = _("Nickname, whole id, or whole number at the provider")
    search_exact = ("attempt__out_bill_no",)
    search_related: ClassVar = {"member": search_members}
    income_yuan = yuan_column(_("income"), "income")
    awards_yuan = yuan_column(_("of the income, awards"), "award_income")
    withheld_yuan = yuan_column(_("withheld"), "withheld")
    tax_inputs = value_column(_("computed from"), "inputs", format_tax_inputs)
    fields = [
        "attempt", "member", "period", "income_yuan", "awards_yuan", "class_of_income",
        "withheld_yuan", "tax_regime", "tax_inputs", "released_at",
    ]  # fmt: skip

    @column(_("month"))
    def period(self, row: TaxEntry) -> str:
        return f"{row.year}-{row.month:02}"

    @column(_("income class"))
    def class_of_income(self, row: TaxEntry) -> str:
        return str(income_class(income=row.income, awards=row.award_income).label)

    @column(_("tax regime"))
    def tax_regime(self, row: TaxEntry) -> str:
        return format_regime(row.regime, row.regime_version)
