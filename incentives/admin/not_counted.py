"""Say on an order's page where it does not count because of who bought it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.base import NOTHING
from incentives.not_counted import NotCounted, holds_between
from members.admin.person import person_link
from members.models import Member
from risk.models import Hold

VIEW_HOLD = "risk.view_hold"


def not_counted_rows(found: Sequence[NotCounted], user: Any) -> list[list[Any]]:
    """Return a row of the order's table for each incentive in which it does not count."""
    people = Member.objects.in_bulk({row.earner for row in found})
    holds = holds_between(found) if user.has_perm(VIEW_HOLD) else {}
    return [
        [
            _link(row),
            person_link(people[row.earner]),
            NOTHING,
            _reason(row, holds.get((row.order.buyer, row.other), ())),
            NOTHING,
        ]
        for row in found
    ]


def _link(row: NotCounted) -> SafeString:
    page = reverse("admin:incentives_incentive_change", args=[row.version.incentive_id])
    return format_html('<a href="{}">{}</a>', page, row.version.name)


def _text(row: NotCounted) -> str:
    if row.other == row.earner and row.is_own:
        return _("does not count: the buyer is the same person")
    if row.other == row.earner:
        return _("does not count: the buyer shares an ID number or a payee with this person")
    if row.is_own:
        return _("does not count: the new distributor bought it")
    return _("does not count: the buyer shares an ID number or a payee with the new distributor")


def _reason(row: NotCounted, holds: Sequence[Hold]) -> str | SafeString:
    """Return why it does not count, with the risk holds for those who may see them."""
    text = _text(row)
    if not holds:
        return text
    links = (
        (reverse("admin:risk_hold_change", args=[hold.pk]), hold.get_rule_display())
        for hold in holds
    )
    return format_html("{}<br>{}", text, format_html_join("、", '<a href="{}">{}</a>', links))
