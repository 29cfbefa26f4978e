# mypy: allow-subclassing-any
"""Pin the level of a distributor, with what that touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.base import ButtonsOnly, LargeTable, ModelAdmin, column, status_column
from backoffice.dialogs import action_button
from backoffice.fields import MomentField
from backoffice.impacts import Effect, ImpactForm, register
from backoffice.panels import PanelsMixin
from backoffice.search import Search
from backoffice.timeline import format_moment
from commissions.models import Plan, Rule
from common import clock
from distribution.admin.people import STATUS_COLOURS
from distribution.admin.search import search_distributors
from distribution.models import Distributor, Level
from incentives.admin.levels_words import condition_text, figures_text, level_name, why_it_counts
from incentives.ladder.standing import standing
from incentives.models import DistributorLevel, LevelAward, LevelPin
from incentives.services import levels
from members.models import User

PIN, UNPIN = "incentives.distributorlevel.pin", "incentives.distributorlevel.unpin"
GIVEN_BY = {"pin": "warning", "award": "info", "ladder": "success"}


class PinForm(ImpactForm):
    button = PIN
    field_order = ("level", "until", "reason")
    level = forms.ModelChoiceField(
        Level.objects.all(), label=_("level"), required=False, empty_label=_("none"),
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    until = MomentField(
        label=_("until"), help_text=_("Empty: until it is unpinned. Then sales decide again.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.row:
            self.initial["level"] = self.row.level_id


class UnpinForm(ImpactForm):
    button = UNPIN


@admin.register(DistributorLevel)
class DistributorLevelAdmin(PanelsMixin, Search, ButtonsOnly, LargeTable, ModelAdmin):
    """Which level each distributor has, and why."""

    list_display = ["member", "level", "given_by", "warned", "status_badge"]
    columns = ["code", "public_id"]
    date_fields = ["since"]
    list_select_related = ["member", "level", "level_warning"]
    list_filter = [("level", RelatedDropdownFilter), ("status", ChoicesDropdownFilter)]
    search_fields = ["code"]
    search_help_text = _("Whole invite code, nickname, or whole id")
    search_exact = ("public_id",)
    search_related: ClassVar = {"pk": search_distributors}
    fields = readonly_fields = ["member", "code", "level", "since"]
    actions_detail = ["pin", "unpin"]
    status_badge = status_column(STATUS_COLOURS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DistributorLevel]:
        at = clock.now()
        own = {"distributor": OuterRef("pk")}
        awards = LevelAward.objects.in_force(at).filter(**own, level=OuterRef("level"))
        rows: QuerySet[DistributorLevel] = super().get_queryset(request)
        return rows.annotate(
            has_pin=Exists(LevelPin.objects.in_force(at).filter(**own)), has_award=Exists(awards)
        )

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_pin_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm("incentives.pin_level"))

    def is_open(self, row: Distributor) -> bool:
        return row.status != Distributor.Status.EXITED

    def hidden_buttons(self, row: Any, by: Any) -> Collection[str]:
        is_pinned = LevelPin.objects.in_force(clock.now()).filter(distributor=row).exists()
        return () if is_pinned else ["unpin"]

    @column(_("given by"), label=GIVEN_BY)
    def given_by(self, row: Any) -> tuple[str, str]:
        if row.has_pin:
            return "pin", _text("pinned")
        if row.has_award:
            return "award", _text("awarded")
        return "ladder", _text("sales reached")

    @column(_("kept until"))
    def warned(self, row: Any) -> str:
        warning = getattr(row, "level_warning", None)
        return format_moment(warning.falls_at) if warning else "–"

    @action_button(
        _("Pin level"),
        question=_(
            "The level stays, whatever is sold. Orders placed from now on earn by it; placed ones"
            " keep theirs."
        ),
        done=_("The level is pinned."),
        permission="pin",
        form=PinForm,
        icon="keep",
    )
    def pin(
        self, row: Distributor, *, level: Level | None, until: datetime | None, reason: str,
        by: User, at: datetime,
    ) -> None:  # fmt: skip
        levels.pin_level(distributor=row, level=level, until=until, reason=reason, by=by, at=at)

    @action_button(
        _("Unpin level"),
        question=_("From now on awards and own sales decide again."),
        done=_("The level is no longer pinned."),
        permission="pin",
        form=UnpinForm,
        icon="keep_off",
        variant=ActionVariant.DEFAULT,
    )
    def unpin(self, row: Distributor, *, reason: str, by: User, at: datetime) -> None:
        levels.unpin_level(distributor=row, reason=reason, by=by, at=at)


@register(PIN, UNPIN, order=10)
def what_counts_now(row: Distributor, at: datetime) -> Iterator[Effect]:
    found = standing(row, at)
    yield Effect(level_name(found.level), why_it_counts(found))
    if found.holding.pin:
        comes = level_name(found.ladder)
        yield Effect(comes, _text("would count without the pin, unless an award gives more."))
    for place in found.places:
        if place.is_reached:
            yield Effect(
                figures_text(place.figures),
                _text("sold by own orders; %(level)s asks for %(condition)s.")
                % {"level": place.level.name, "condition": condition_text(place.condition)},
            )


@register(PIN, UNPIN, order=20)
def rules_by_level(_row: Distributor, at: datetime) -> Iterator[Effect]:
    plan = Plan.objects.in_force(at).by_precedence().first()
    rules = Rule.objects.filter(plan=plan, level__isnull=False).order_by("level__rank")
    names = list(rules.values_list("level__name", flat=True)) if plan else []
    for name, count in Counter(names).items():
        figure = ngettext("%(count)s rule", "%(count)s rules", count) % {"count": f"{count:,}"}
        text = _text("of the plan in force is for %(level)s alone: new orders earn by it.")
        yield Effect(figure, text % {"level": name})
