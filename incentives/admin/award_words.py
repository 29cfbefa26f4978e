"""Awards in words: what is due and given, for which step, and as rows of tables."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.base import NOTHING
from backoffice.panels import Column
from common.clock import format_moment
from incentives.admin import words
from incentives.models import Award, cancelled_gift, given_by
from incentives.models.incentive import PeriodKind
from ledger.columns import amount_text, render_amount
from members.admin.person import person_link

STATUS_COLOURS = {
    "waiting": "warning", "held": "warning", "granted": "success", "refused": "danger",
    "taken_back": "default",
}  # fmt: skip


TERMS = ("version", "reward__coupon", "reward__gift__product", "reward__level", "gift_task")
"""What texts read of awards: for ``select_related``."""


def amount_of(award: Award, minor: int) -> str:
    """Return an amount of an award; what is no money is given or not."""
    if award.asset:
        return amount_text(minor, award.asset)
    return str(award.get_kind_display()) if minor else NOTHING


def render_given(award: Award) -> str:
    """Return what was given so far."""
    return render_award_amount(award, given_by(award))


def render_award_amount(award: Award, minor: int) -> str:
    if award.asset:
        return render_amount(minor, award.asset)
    return amount_of(award, minor)


def period_of(award: Award) -> str:
    """Return the period of an award as people say it."""
    start: date = award.period_start
    match award.version.period:
        case PeriodKind.EACH:
            return NOTHING
        case PeriodKind.MONTH:
            return f"{start:%Y-%m}"
        case PeriodKind.QUARTER:
            return f"{start.year} Q{(start.month + 2) // 3}"
        case PeriodKind.YEAR:
            return str(start.year)
        case PeriodKind.WEEK:
            return _("week of %(day)s") % {"day": start}
    return str(start)


def status_text(award: Award) -> str:
    """Return the status, with the reason of a hold or a refusal."""
    text = str(award.get_status_display())
    reason = award.get_hold_display() or award.get_refusal_display()
    if cancelled_gift(award):
        reason = _("the gift was cancelled")
    return f"{text}: {reason}" if reason else text


def status_badge(award: Award) -> SafeString:
    return format_html(
        '<span class="tt-badge tt-{}">{}</span>', STATUS_COLOURS[award.status], status_text(award)
    )


def gives_of(award: Award) -> str:
    """Return what the award is by its reward, with when it is reached."""
    text = words.gives_text(award.reward)
    if award.rank:
        return _("%(gives)s, place %(place)s") % {"gives": text, "place": award.rank}
    return f"{words.when_text(award.version, award.reward)}: {text}"


def award_link(award: Award, text: str) -> SafeString:
    page = reverse("admin:incentives_award_change", args=[award.pk])
    return format_html('<a href="{}">{}</a>', page, text)


def award_table_columns(*, person: bool) -> list[Column]:
    """Return the columns of ``award_row``."""
    first = _("member") if person else _("incentive")
    return [
        Column(first), Column(_("given")), Column(_("period")), Column(_("due"), is_number=True),
        Column(_("given so far"), is_number=True), Column(_("status")), Column(_("reached at")),
        Column(_("explanation")),
    ]  # fmt: skip


def award_row(award: Award, *, person: bool) -> list[Any]:
    """Return the cells of an award; it needs its member or incentive, version and reward.

    :param person: whether the first column is the member; otherwise it is the incentive
    """
    incentive = reverse("admin:incentives_incentive_change", args=[award.incentive_id])
    first = (
        person_link(award.member)
        if person
        else format_html('<a href="{}">{}</a>', incentive, award.version.name)
    )
    return [
        first,
        gives_of(award),
        period_of(award),
        render_award_amount(award, award.target),
        render_given(award),
        status_badge(award),
        format_moment(award.reached_at),
        award_link(award, _("How it was reached")),
    ]
