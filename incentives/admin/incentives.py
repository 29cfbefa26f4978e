# mypy: allow-subclassing-any, allow-any-generics
"""Incentives: what runs, what it has cost, whom it reaches, and the way to the next version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import NOTHING, ReadOnlyAdmin, column, render_yuan, yuan_column
from backoffice.dialogs import action_button
from backoffice.impacts import DangerousForm
from backoffice.panels import PanelsMixin
from backoffice.search import spellings
from common import clock
from common.errors import TwotierError
from incentives.admin import version_state
from incentives.admin.words import worth_text
from incentives.figures import Figures, figures_of
from incentives.models import Incentive, Version
from incentives.services.drafts import create_draft
from incentives.services.publication import stop
from incentives.states import State, draft_of, in_state, main_version, state_of, versions_in_order
from incentives.worth import Worth
from members.models import User

COLOURS = {
    State.DRAFT: "info", State.WAITING: "warning", State.SCHEDULED: "info",
    State.RUNNING: "success", State.ENDED: "default", State.STOPPED: "danger",
}  # fmt: skip


class StopForm(DangerousForm):
    button = "incentives.incentive.stop"


class StateFilter(DropdownFilter):
    """Filters by the state for people, which no column has."""

    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in State.values:
            return queryset
        return queryset.filter(in_state(str(self.value()), at=clock.now()))


@admin.register(Incentive)
class IncentiveAdmin(PanelsMixin, ReadOnlyAdmin):
    list_display = [
        "title", "state_badge", "counted", "runs_until", "budget_used", "cost", "things", "people",
        "orders",
    ]  # fmt: skip
    columns = ["sales", "coming", "created_at", "created_by_name", "public_id"]
    date_fields = ["created_at"]
    chips = ["state"]
    list_display_links = ["title"]
    list_select_related = ["created_by"]
    list_filter = [StateFilter]
    list_per_page = 30
    show_full_result_count = False
    search_fields = ["pk"]  # shows the search box
    search_help_text = _("Words of the name, or whole id")
    sortable_by = ()
    list_before_template = "admin/incentives/list_links.html"
    fields = ["public_id", "created_at", "created_by_name"]
    actions_detail = ["stop"]
    empty_text = _("There is no incentive yet. Start with a template.")
    empty_icon = "trophy"
    cost = yuan_column(_("money given"), "figures.cost")

    class Media:
        css: ClassVar = {"all": ["twotier/admin/plans.css", "twotier/admin/incentives.css"]}
        js: ClassVar = [forms.Script("twotier/admin/incentives.js", type="module")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incentive]:
        rows: QuerySet[Incentive] = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("versions", versions_in_order()))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Incentive], search_term: str
    ) -> tuple[QuerySet[Incentive], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        named = Version.objects.filter(name__icontains=term).values("incentive")
        ids = spellings(term)
        found = Q(pk__in=named) | Q(public_id__in=ids) | Q(versions__public_id__in=ids)
        return queryset.filter(found).distinct(), False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Also for people who may only draft or publish.
        return any(map(request.user.has_perm, (*version_state.TRY, "incentives.view_incentive")))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_stop_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return request.user.has_perm(version_state.PUBLISH)

    def hidden_buttons(self, row: Incentive, by: Any) -> Sequence[str]:
        running = state_of(row, list(row.versions.all()), at=clock.now())
        return () if running in (State.RUNNING, State.SCHEDULED) else ("stop",)

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        figures = figures_of([row.pk for row in rows])
        at = clock.now()
        for row in rows:
            row.figures = figures[row.pk]
            row.state = state_of(row, list(row.versions.all()), at=at)
            row.main = main_version(list(row.versions.all()), at=at)

    def get_urls(self) -> list[Any]:
        routes = [
            path(
                f"<int:key>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(partial(view, self)),
                name=f"incentives_incentive_{name}",
            )
            for name, view in (("revise", revise), ("copy", copy))
        ]
        return [*routes, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            **(extra_context or {}), "may_draft": request.user.has_perm(version_state.EDIT)
        }  # fmt: skip
        response: HttpResponse = super().changelist_view(request, context)
        return response

    def heading(self, row: Any) -> str:
        return name_of(row)

    @action_button(
        _("Stop the incentive"),
        question=_(
            "Orders that are paid from now on do not count. What was reached before is still"
            " given. It cannot be started again."
        ),
        done=_("It is stopped."),
        permission="stop",
        form=StopForm,
        icon="stop_circle",
        variant=ActionVariant.DANGER,
    )
    def stop(self, row: Incentive, *, by: User, at: datetime, reason: str) -> None:
        stop(incentive=row, by=by, at=at, reason=reason)

    @column(_("incentive"))
    def title(self, row: Any) -> str:
        return name_of(row)

    @column(_("status"), label=COLOURS)
    def state_badge(self, row: Any) -> tuple[str, str]:
        return row.state, str(State(row.state).label)

    @column(_("counted"))
    def counted(self, row: Any) -> str:
        if row.main is None:
            return NOTHING
        return f"{row.main.get_metric_display()} · {row.main.get_period_display()}"

    @column(pgettext_lazy("incentive", "until"))
    def runs_until(self, row: Any) -> str:
        until = row.main.counts_until if row.main else None
        return clock.format_moment(until) if until else NOTHING

    @column(_("budget used"))
    def budget_used(self, row: Any) -> str:
        return render_budget(row.figures)

    @column(_("worth of things given"))
    def things(self, row: Any) -> str:
        return render_worth(row.figures.things)

    @column(_("people reached"))
    def people(self, row: Any) -> str:
        return render_number(row.figures.people)

    @column(_("orders brought"))
    def orders(self, row: Any) -> str:
        return render_number(row.figures.orders)

    @column(_("paid for goods"))
    def sales(self, row: Any) -> str:
        return render_yuan(row.figures.sales)

    @column(_("orders to come"))
    def coming(self, row: Any) -> str:
        return render_number(row.figures.coming)

    @column(_("created by"))
    def created_by_name(self, row: Any) -> str:
        return str(row.created_by)


def name_of(incentive: Incentive) -> str:
    """Return the name of an incentive: that of the version that stands for it."""
    version = main_version(list(incentive.versions.all()), at=clock.now())
    return version.name if version else incentive.public_id


def render_number(number: int) -> str:
    return format_html('<span class="tt-yuan">{}</span>', f"{number:,}")


def render_worth(worth: Worth) -> str:
    """Render what coupons and gifts are worth at most, or nothing if there are none."""
    if worth == Worth():
        return NOTHING
    return format_html('<span class="tt-yuan">{}</span>', worth_text(worth))


def render_budget(figures: Figures) -> str:
    """Render how much of the budget is used, as a bar and in percent."""
    if figures.used is None:
        return NOTHING
    used = min(figures.used, 100)
    return format_html(
        '<span class="ic-budget"><meter min="0" max="100" high="80" optimum="0" value="{0}"'
        ' aria-hidden="true"></meter> {0}%</span>', used,
    )  # fmt: skip


def revise(page: IncentiveAdmin, request: HttpRequest, key: int) -> HttpResponse:
    """Create the next version of an incentive as a draft, or open the draft that it has."""
    return _draft_from(page, request, key, as_new=False)


def copy(page: IncentiveAdmin, request: HttpRequest, key: int) -> HttpResponse:
    """Create another incentive with the same terms, as a draft."""
    return _draft_from(page, request, key, as_new=True)


def _draft_from(
    page: IncentiveAdmin, request: HttpRequest, key: int, *, as_new: bool
) -> HttpResponse:
    if not request.user.has_perm(version_state.EDIT):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    row = page.get_queryset(request).filter(pk=key).first()
    if row is None:
        messages.warning(request, _("This no longer exists."))
        return HttpResponseRedirect(page.url("changelist"))
    versions = list(row.versions.all())
    draft = None if as_new else draft_of(versions)
    try:
        draft = draft or create_draft(
            by=request.user,  # type: ignore[arg-type]  # the admin lets nobody else in
            at=clock.now(), based_on=main_version(versions, at=clock.now()), as_new=as_new,
        )  # fmt: skip
    except TwotierError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(page.url("change", key))
    return HttpResponseRedirect(version_state.url("change", draft.pk))


def incentive_url(key: int) -> str:
    return reverse("admin:incentives_incentive_change", args=[key])
