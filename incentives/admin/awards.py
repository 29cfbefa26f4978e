# mypy: allow-subclassing-any, allow-any-generics
"""Awards: who got what for which step, with an explanation of each."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from backoffice.access import StrOrPromise
from backoffice.base import LargeTable, ReadOnlyAdmin, column, label_column, value_column
from backoffice.filters import field_title
from backoffice.panels import PanelsMixin
from backoffice.search import Search, spellings
from backoffice.sheets import Cell
from backoffice.totals import Total
from incentives.admin import award_words
from incentives.models import Award, GiftTask, Version, given_by
from ledger.chart import Asset
from ledger.columns import AssetTotals, amount_cell
from members.admin.person import person_link
from members.models import Member

MOST_NAMED = 200
"""Of members of one name, and of incentives in the filter."""


def search_members(term: str) -> QuerySet[Member]:
    """Find members by a whole nickname, or by their id."""
    rows = Member.objects.filter(Q(nickname=term) | Q(public_id__in=spellings(term)))
    return rows.order_by("pk")[:MOST_NAMED]


class IncentiveFilter(DropdownFilter):
    """Filters by an incentive, which has the name of its latest version."""

    title = _("incentive")
    parameter_name = "incentive"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        latest = Version.objects.published().order_by("incentive_id", "-number")
        rows = latest.distinct("incentive_id").values_list("incentive", "name")
        return sorted(rows, reverse=True)[:MOST_NAMED]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        if not chosen:
            return queryset
        return queryset.filter(incentive=int(chosen)) if chosen.isdecimal() else queryset.none()


def award_amount_column(
    description: StrOrPromise, field: str, minor_of: Callable[[Award], int]
) -> Any:
    """Return a column that shows an amount of an award; what is no money is given or not.

    :param field: the column by which it is sorted
    """

    @column(description, ordering=field)
    def show(_page: Any, row: Award) -> str:
        return award_words.render_award_amount(row, minor_of(row))

    def cell(_page: Any, row: Award) -> Cell:
        minor = minor_of(row)
        return amount_cell(minor, row.asset) if row.asset else minor

    shown: Any = show
    shown.is_amount, shown.cell = True, cell
    return shown


@admin.register(Award)
class AwardAdmin(PanelsMixin, AssetTotals, Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "member_name", "incentive_name", "gives", "period", "due", "given", "status_badge",
        "reached_at",
    ]  # fmt: skip
    columns = [
        "kind_label", "side_label", "hold_label", "refusal_label", "rank", "changed_at",
        "public_id",
    ]  # fmt: skip
    export_columns = ["public_id"]
    date_fields = ["reached_at"]
    amount_fields = sum_fields = ["target", "posted"]
    sum_conditions: ClassVar = {"posted": ~Q(gift_task__status=GiftTask.Status.CANCELLED)}
    amounts_need_dates = True
    chips = ["status"]
    sort_fields = ["reached_at"]
    sort_with_dates = ["target", "posted"]
    list_display_links = ["gives"]
    list_select_related = ["member", *award_words.TERMS]
    list_filter = [
        IncentiveFilter,
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("asset", ChoicesDropdownFilter),
        ("refusal", ChoicesDropdownFilter),
    ]
    search_fields = ["pk"]  # shows the search box
    search_help_text = _("Whole nickname or id of a member, or id of an award")
    search_exact = ["public_id"]
    search_related: ClassVar = {"member": search_members}
    fields = ["public_id"]
    empty_text = _("Nobody has reached anything yet.")
    empty_icon = "trophy"
    due = award_amount_column(_("due"), "target", attrgetter("target"))
    given = award_amount_column(_("given so far"), "posted", given_by)
    kind_label = label_column(_("kind"), "kind")
    side_label = label_column(pgettext_lazy("incentive", "for"), "side")
    hold_label = label_column(_("held because"), "hold")
    refusal_label = label_column(_("not given because"), "refusal")
    period = value_column(_("period"), "period_start")

    class Media:
        css: ClassVar = {"all": ["twotier/admin/incentives.css"]}

    def is_money(self) -> Q:
        return Q(asset__in=[asset for asset in Asset.values if asset != Asset.POINTS])

    def show_total(self, total: Total) -> tuple[StrOrPromise, str]:
        if total.group:
            return super().show_total(total)
        title = field_title(self.model, total.field, self)
        return _("%(title)s · coupons, gifts and the like") % {"title": title}, f"{total.amount:,}"

    def heading(self, row: Any) -> str:
        return f"{row.version.name} · {row.member}"

    @column(_("member"))
    def member_name(self, award: Award) -> str:
        return person_link(award.member)

    @column(_("incentive"))
    def incentive_name(self, award: Award) -> str:
        page = reverse("admin:incentives_incentive_change", args=[award.incentive_id])
        return format_html('<a href="{}">{}</a>', page, award.version.name)

    @column(_("given"))
    def gives(self, award: Award) -> str:
        return award_words.gives_of(award)

    @column(_("status"), label=award_words.STATUS_COLOURS, ordering="status")
    def status_badge(self, award: Award) -> tuple[str, str]:
        return award.status, award_words.status_text(award)
