"""Show two versions of an incentive side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.base import NOTHING
from backoffice.settings_index import days
from catalog.models import Category, Product
from common.clock import format_moment
from distribution.models import Level, Segment
from incentives.admin import words
from incentives.models import Reward, Version
from incentives.sentences import channel_labels
from incentives.states import newest_first
from incentives.terms import VERSION_FIELDS
from ledger.chart import Asset
from ledger.columns import amount_text

KEYS: dict[str, Any] = {
    "products": Product,
    "categories": Category,
    "levels": Level,
    "segments": Segment,
}
MONEY = ("min_amount", "budget_amount", "confirm_above")
MOMENTS = ("starts_at", "ends_at")
DAYS = ("friend_days", "close_days")
CHOICES = ("metric", "audience", "period", "reach", "ties")


@dataclass(frozen=True, slots=True)
class Term:
    """A term in both versions."""

    title: str
    old: str
    new: str

    @property
    def is_changed(self) -> bool:
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class Changes:
    """Two versions in the form of the template."""

    old: Version
    new: Version
    terms: Sequence[Term]
    rewards: Sequence[Term]

    @property
    def is_empty(self) -> bool:
        return not any(term.is_changed for term in (*self.terms, *self.rewards))


def show(request: HttpRequest, version: Version) -> HttpResponse:
    """Compare a version with another one of its incentive, by default with the one before."""
    others = list(newest_first().filter(incentive=version.incentive_id).exclude(pk=version.pk))
    chosen = request.GET.get("with", "")
    usual = before(version, others) or next(iter(others), None)
    other = next((row for row in others if str(row.pk) == chosen), usual)
    everything = "all" in request.GET
    context: dict[str, Any] = {"others": others, "other": other, "everything": everything}
    if other:
        context["changes"] = changes_of(other, version, everything=everything)
    return TemplateResponse(
        request, "admin/incentives/compare.html", {"title": _("Compare versions"), **context}
    )


def before(version: Version, others: Sequence[Version]) -> Version | None:
    """Return the published version that a version follows."""
    numbers = [row for row in others if row.number and row.number < (version.number or 10**9)]
    return max(numbers, key=lambda row: row.number or 0, default=None)


def previous(version: Version) -> Version | None:
    """Return the published version that a version follows, read from the database."""
    rows = newest_first().filter(incentive=version.incentive_id).exclude(pk=version.pk)
    return before(version, list(rows))


def changes_of(old: Version, new: Version, *, everything: bool = False) -> Changes:
    """Return the terms and rewards of two versions, those that differ or all."""
    terms = [
        Term(_title(name), term_text(old, name), term_text(new, name)) for name in VERSION_FIELDS
    ]
    rewards = _paired(old, new)
    if not everything:
        terms = [term for term in terms if term.is_changed]
        rewards = [term for term in rewards if term.is_changed]
    return Changes(old, new, terms, rewards)


def _title(name: str) -> str:
    return capfirst(str(Version._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def term_text(version: Version, name: str) -> str:
    """Return a term in words."""
    value = getattr(version, name)
    if value in (None, "", []):
        return NOTHING
    if name in KEYS:
        return words.names_of(KEYS[name]._default_manager.all(), value)
    if name == "channels":
        return "、".join(channel_labels(version))
    if name in CHOICES:
        return str(getattr(version, f"get_{name}_display")())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _number_text(name, value)


def _number_text(name: str, value: Any) -> str:
    if name in MONEY:
        return amount_text(value, Asset.CASH)
    if name in MOMENTS:
        return format_moment(value)
    if name in DAYS:
        return days(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _paired(old: Version, new: Version) -> list[Term]:
    """Return the rewards of both versions by when and to whom they are given."""
    before, after = _by_moment(old), _by_moment(new)
    return [
        Term(title, before.get(title, ""), after.get(title, "")) for title in {**after, **before}
    ]


def _by_moment(version: Version) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for reward in version.rewards.all():
        title = words.when_text(version, reward)
        if reward.side == Reward.Side.FRIEND:
            title = f"{title} · {words.side_text(reward)}"
        found.setdefault(title, []).append(words.gives_text(reward))
    return {title: " + ".join(texts) for title, texts in found.items()}
