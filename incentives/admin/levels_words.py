"""How conditions, figures and causes of levels read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.base import NOTHING
from backoffice.names import staff_name
from backoffice.timeline import format_moment
from common.money import yuan_text
from distribution.models import Level
from incentives.ladder.precedence import Holding
from incentives.ladder.rules import Figures
from incentives.ladder.standing import LevelStanding
from incentives.models import LevelCondition


def level_name(level: Level | None) -> str:
    return level.name if level else _("none")


def condition_text(condition: LevelCondition | None) -> str:
    """Return what a level asks for as a sentence; one without a condition is given by hand."""
    if condition is None:
        return _("given by hand or by an award only")
    asked = Figures(condition.min_sales or 0, condition.min_orders or 0, condition.min_buyers or 0)
    return _("%(asked)s, %(window)s") % {
        "asked": figures_text(asked), "window": condition.get_window_display(),
    }  # fmt: skip


def figures_text(figures: Figures, *, with_zeros: bool = False) -> str:
    """Return figures as ``¥2,000.00 · 12 orders · 8 buyers``; those that are 0 are left out."""
    parts = [
        (figures.sales, yuan_text(figures.sales)),
        (figures.orders, ngettext("%(count)s order", "%(count)s orders", figures.orders)
         % {"count": f"{figures.orders:,}"}),
        (figures.buyers, ngettext("%(count)s buyer", "%(count)s buyers", figures.buyers)
         % {"count": f"{figures.buyers:,}"}),
    ]  # fmt: skip
    return " · ".join(text for value, text in parts if value or with_zeros) or NOTHING


def stored_figures(figures: Mapping[str, Any]) -> str:
    """Return the figures that a review was decided by, with their days."""
    if not figures:
        return NOTHING
    counted = Figures(figures["sales"], figures["orders"], figures["buyers"])
    days = _("%(start)s to %(end)s") % {"start": figures["from"], "end": figures["to"]}
    return f"{figures_text(counted, with_zeros=True)} ({days})"


def why_it_counts(found: LevelStanding) -> str:
    """Return what gives a distributor the level that counts."""
    return holding_text(found.holding) or _ladder_text(found)


def _ladder_text(found: LevelStanding) -> str:
    if found.level is None:
        return _("no level is reached yet")
    place = next(row for row in found.places if row.level == found.level)
    return _("by own sales") if place.condition else _("given by hand")


def holding_text(holding: Holding) -> str:
    """Return who pinned the level, or until when it is awarded; empty if neither counts."""
    if pin := holding.pin:
        who = {"name": staff_name(pin.pinned_by), "reason": pin.reason}
        if pin.until:
            return _("pinned by %(name)s until %(moment)s: %(reason)s") % {
                **who, "moment": format_moment(pin.until),
            }  # fmt: skip
        return _("pinned by %(name)s: %(reason)s") % who
    if award := holding.award:
        return _("awarded until %(moment)s") % {"moment": format_moment(award.ends_at)}
    return ""


def progress_text(missing: Figures) -> str | SafeString:
    if missing == Figures():
        return _("reached")
    return _("%(missing)s still missing") % {"missing": figures_text(missing)}
