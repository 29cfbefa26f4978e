# mypy: allow-subclassing-any
"""Lists about levels: what changed them, who is about to lose one, what staff pinned."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from backoffice import menu
from backoffice.base import LargeTable, ReadOnlyAdmin, column, status_column, value_column
from backoffice.names import staff_name
from backoffice.search import Search
from common import clock
from distribution.admin.search import search_distributors
from incentives.admin.levels_words import level_name, stored_figures
from incentives.models import LevelPin, LevelReview, LevelWarning

CAUSE_COLOURS = {
    "ladder": "success", "grace_over": "danger", "pin": "warning", "pin_over": "warning",
    "award": "info", "award_over": "info",
}  # fmt: skip
PIN_COLOURS = {"in_force": "success", "ended": "info"}


class _OfDistributor(Search, LargeTable, ReadOnlyAdmin):
    """Rows of a distributor, found by code, nickname or id."""

    search_fields = ["distributor__code"]
    search_help_text = _("Whole invite code, nickname, or whole id")
    search_related: ClassVar = {"distributor": search_distributors}


@admin.register(LevelReview)
class LevelReviewAdmin(_OfDistributor):
    list_display = ["at", "distributor", "before_name", "after_name", "why", "figures_text"]
    fields = ["at", "distributor", "before_name", "after_name", "cause", "figures_text"]
    date_fields = ["at"]
    chips = ["cause"]
    list_filter = [("cause", ChoicesDropdownFilter), ("after", RelatedDropdownFilter)]
    list_select_related = ["distributor__member", "before", "after"]
    why = status_column(CAUSE_COLOURS, _("cause"), "cause")
    figures_text = value_column(_("own sales, orders and buyers"), "figures", stored_figures)

    @column(_("level before"))
    def before_name(self, row: LevelReview) -> str:
        return level_name(row.before)

    @column(_("level after"))
    def after_name(self, row: LevelReview) -> str:
        return level_name(row.after)


@admin.register(LevelWarning)
class LevelWarningAdmin(_OfDistributor):
    list_display = fields = ["distributor", "level_now", "level_after", "warned_at", "falls_at"]
    date_fields = ["falls_at", "warned_at"]
    sort_fields = ["falls_at"]
    ordering = ("falls_at", "pk")
    list_select_related = ["distributor__member", "distributor__level", "level"]

    @column(_("level"))
    def level_now(self, row: LevelWarning) -> str:
        return level_name(row.distributor.level)

    @column(_("level after"))
    def level_after(self, row: LevelWarning) -> str:
        return level_name(row.level)


@admin.register(LevelPin)
class LevelPinAdmin(_OfDistributor):
    list_display = [
        "distributor", "level_text", "state", "until", "reason", "by_name", "pinned_at",
    ]  # fmt: skip
    fields = [
        "distributor", "level_text", "until", "reason", "by_name", "pinned_at", "ended_at",
    ]  # fmt: skip
    date_fields = ["pinned_at", "until"]
    list_filter = [("level", RelatedDropdownFilter)]
    list_select_related = ["distributor__member", "level", "pinned_by"]
    by_name = value_column(_("pinned by"), "pinned_by", staff_name)

    @column(_("level"))
    def level_text(self, row: LevelPin) -> str:
        return level_name(row.level)

    @column(_("status"), label=PIN_COLOURS)
    def state(self, row: LevelPin) -> tuple[str, str]:
        is_over = row.ended_at or _is_past(row.until)
        return (
            ("ended", pgettext("of a pin", "ended"))
            if is_over
            else ("in_force", pgettext("of a pin", "in force"))
        )


def _is_past(moment: datetime | None) -> bool:
    return moment is not None and moment <= clock.now()


menu.register(
    "distribution",
    (_("Levels of distributors"), "stairs", "incentives.distributorlevel"),
    (_("Ladder of levels"), "trending_up", "incentives.levelcondition"),
    (_("Changes of levels"), "history", "incentives.levelreview"),
    (_("Levels about to be lost"), "trending_down", "incentives.levelwarning"),
    (_("Pinned levels"), "keep", "incentives.levelpin"),
)
