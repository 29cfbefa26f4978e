"""Texts of the office about incentives: when a reward is given, what it is, how long it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from backoffice.settings_index import days
from catalog.models import Category, Product
from common.clock import format_moment
from common.money import BASIS_POINTS, percent, yuan_text
from distribution.models import Level, Segment
from incentives.models import Reward, Version
from incentives.models.incentive import Audience, Metric, PeriodKind
from incentives.sentences import channel_labels, most_per_member
from incentives.worth import Worth
from ledger.chart import Asset
from ledger.columns import amount_text

SHOWN = 3
"""How many goods, levels or people a text names before it only counts them."""


def value_text(version: Version, value: int) -> str:
    """Return a value of what a version counts: money, or a number of pieces."""
    return amount_text(value, Asset.CASH) if version.counts_money else f"{value:,}"


def times_text(rate: int) -> str:
    """Return a multiple in words: ``×2`` for 20000 basis points."""
    return f"×{rate / BASIS_POINTS:g}"


def when_text(version: Version, reward: Reward) -> str:
    """Return at which step, place or time a reward is given."""
    match version.reach:
        case Version.Reach.RANK:
            return _places(reward)
        case Version.Reach.STEPS if reward.threshold:
            return _("from %(value)s on") % {"value": value_text(version, reward.threshold)}
        case Version.Reach.EVERY if reward.threshold:
            return _("for each %(value)s") % {"value": value_text(version, reward.threshold)}
    return _("each time")


def _places(reward: Reward) -> str:
    first, last = reward.first_rank, reward.last_rank
    if first is None or first == last:
        return _("place %(place)s") % {"place": first or "?"}
    return _("places %(first)s to %(last)s") % {"first": first, "last": last}


def gives_text(reward: Reward) -> str:
    """Return what a reward is, without when and to whom."""
    if reward.kind in Reward.MONEY:
        return _money_text(reward)
    if reward.kind == Reward.Kind.COUPON:
        return _("coupon “%(name)s”") % {"name": reward.coupon}
    if reward.kind == Reward.Kind.GIFT:
        return _("gift “%(name)s”") % {"name": gift_text(reward)}
    data = {
        "name": reward.level, "times": times_text(reward.rate or 0), "days": days(reward.days or 0)
    }  # fmt: skip
    if reward.kind == Reward.Kind.LEVEL:
        return _("level “%(name)s” for %(days)s") % data
    if reward.kind == Reward.Kind.BOOST:
        return _("commissions %(times)s for %(days)s") % data
    return _("points %(times)s for %(days)s") % data


def _money_text(reward: Reward) -> str:
    if reward.kind == Reward.Kind.AMOUNT:
        return with_asset(reward.amount or 0, reward.asset)
    text = _("%(rate)s of it in %(asset)s") % {
        "rate": percent(reward.rate or 0), "asset": asset_text(reward.asset),
    }  # fmt: skip
    if reward.most:
        text += _(", %(amount)s at most") % {"amount": amount_text(reward.most, reward.asset)}
    return text


def with_asset(minor: int, asset: str) -> str:
    """Return an amount with the name of its asset, which alone tells cash from store credit."""
    return _("%(amount)s in %(asset)s") % {
        "amount": amount_text(minor, asset), "asset": asset_text(asset),
    }  # fmt: skip


def asset_text(asset: str) -> str:
    return str(Asset(asset).label) if asset in Asset.values else "?"


def gift_text(reward: Reward) -> str:
    gift = reward.gift
    return " ".join(filter(None, [gift.product.name, gift.variety])) if gift else "?"


def side_text(reward: Reward) -> str:
    return str(reward.get_side_display())


def run_text(starts_at: datetime | None, ends_at: datetime | None) -> str:
    """Return from when to when something runs."""
    begins = format_moment(starts_at) if starts_at else _("publication")
    if ends_at is None:
        return _("from %(start)s on, without an end") % {"start": begins}
    return _("from %(start)s until %(end)s") % {"start": begins, "end": format_moment(ends_at)}


def period_text(version: Version) -> str:
    text = str(PeriodKind(version.period).label) if version.period else "?"
    if version.period == PeriodKind.EACH:
        return text
    return _("%(period)s, closed %(days)s after its end") % {
        "period": text, "days": days(version.close_days),
    }  # fmt: skip


def audience_text(version: Version) -> str:
    if version.audience == Audience.LEVELS or (
        version.metric == Metric.TEAM_POOL and version.levels
    ):
        return names_of(Level.objects.all(), version.levels)
    if version.audience == Audience.SEGMENTS:
        return names_of(Segment.objects.all(), version.segments)
    return str(version.get_audience_display())


def goods_text(version: Version) -> str:
    """Return which orders count."""
    parts = [
        names_of(rows, keys)
        for rows, keys in (
            (Category.objects.all(), version.categories), (Product.objects.all(), version.products)
        )
        if keys
    ]  # fmt: skip
    text = "、".join(parts) or _("all goods")
    if version.channels:
        labels = "、".join(channel_labels(version))
        text = _("%(goods)s; orders by shares in %(channels)s") % {
            "goods": text, "channels": labels,
        }  # fmt: skip
    if version.min_amount:
        amount = amount_text(version.min_amount, Asset.CASH)
        text = _("%(goods)s; orders from %(amount)s on") % {"goods": text, "amount": amount}
    return text


def names_of(rows: QuerySet[Any], keys: Collection[int]) -> str:
    """Return the names of some rows, and how many more there are."""
    named = [str(row) for row in rows.filter(pk__in=list(keys)).order_by("pk")[:SHOWN]]
    rest = len(keys) - len(named)
    text = "、".join(named)
    if rest <= 0:
        return text or "?"
    more = _("and %(count)s others") % {"count": f"{rest:,}"}
    return f"{text}、{more}" if text else more


def worth_text(worth: Worth) -> str:
    """Return what things are worth at most, and how many of them nobody can value."""
    if not worth.unknown:
        return yuan_text(worth.amount)
    text = ngettext(
        "%(count)s without a known worth", "%(count)s without a known worth", worth.unknown
    )
    unknown = text % {"count": f"{worth.unknown:,}"}
    return f"{yuan_text(worth.amount)} + {unknown}" if worth.amount else unknown


def budget_text(version: Version) -> str:
    parts = []
    if version.budget_amount:
        parts.append(amount_text(version.budget_amount, Asset.CASH))
    if version.budget_awards:
        text = ngettext("%(count)s award", "%(count)s awards", version.budget_awards)
        parts.append(text % {"count": f"{version.budget_awards:,}"})
    return "、".join(parts) or pgettext("budget", "no limit")


def most_text(version: Version) -> str:
    if not version.most_per_member:
        return pgettext("budget", "no limit")
    return most_per_member(version)


def refund_text(version: Version) -> str:
    if version.period == PeriodKind.EACH:
        if version.takes_back_after_close:
            return _("take back what was given, however late they are")
        text = _("take back until %(days)s after the day of payment, or before the completion")
        return text % {"days": days(version.close_days)}
    if version.takes_back_after_close:
        return _("take back what was given, also after the close")
    return _("take back until the close; what is given then stays")


def facts_of(version: Version) -> list[tuple[str, str]]:
    """Return the terms of a version in words, as pairs of label and text."""
    facts = [
        (_("counted"), str(version.get_metric_display())),
        (_("of goods"), goods_text(version)),
        (pgettext("incentive", "for"), audience_text(version)),
        (_("period"), period_text(version)),
        (_("runs"), run_text(version.starts_at, version.ends_at)),
        (_("given"), _given(version)),
        (_("at most, per member and period"), most_text(version)),
        (_("budget"), budget_text(version)),
        (_("refunds"), refund_text(version)),
    ]
    if version.metric == Metric.REFERRED_BUYERS:
        facts.insert(2, (_("days for the friend's order"), days(version.friend_days)))
    if version.confirm_above is not None:
        above = amount_text(version.confirm_above, Asset.CASH)
        facts.append((_("a second person confirms"), _("from %(value)s on") % {"value": above}))
    return facts


def _given(version: Version) -> str:
    text = str(version.get_reach_display())
    if version.reach == Version.Reach.STEPS and version.sums_steps:
        return _("%(reach)s, all that are reached") % {"reach": text}
    if version.reach == Version.Reach.STEPS:
        return _("%(reach)s, the highest that is reached") % {"reach": text}
    if version.reach == Version.Reach.RANK:
        return _("%(reach)s; ties %(ties)s") % {"reach": text, "ties": version.get_ties_display()}
    return text


def reward_rows(version: Version, rewards: Iterable[Reward]) -> list[tuple[str, str, str]]:
    """Return side, moment and gift of each reward, for tables."""
    return [
        (when_text(version, reward), side_text(reward), gives_text(reward)) for reward in rewards
    ]
