"""Say in words what a reward or an award gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from common.money import format_yuan
from incentives.models import Award, Reward
from ledger.chart import Asset

Kind = Reward.Kind
ONE_PERCENT, WHOLE = 100, 10_000
"""Basis points."""


def reward_text(reward: Reward) -> str:
    """Return what a reward gives, in the reader's language."""
    return facts_text(reward_facts(reward))


def award_text(award: Award) -> str:
    """Return what an award has given, or what is due."""
    return facts_text(award_facts(award, amount=award.posted or award.target))


def reward_facts(reward: Reward) -> dict[str, Any]:
    """Return what the text of a reward is made of, to be stored without a language."""
    return {
        "kind": reward.kind,
        "asset": reward.asset,
        "amount": reward.amount,
        "rate": reward.rate,
        "most": reward.most,
        "days": reward.days,
        "name": _name(reward),
    }


def award_facts(award: Award, *, amount: int) -> dict[str, Any]:
    """Return the same of an award: a percent has become an amount.

    :param amount: in fen, or points
    """
    facts = reward_facts(award.reward)
    if award.kind in Reward.MONEY:
        facts |= {"kind": Kind.AMOUNT, "asset": award.asset, "amount": amount}
    return facts


def facts_text(facts: Mapping[str, Any]) -> str:
    """Return the text of ``reward_facts``, such as “10.00 yuan in cash”."""
    if facts["kind"] == Kind.AMOUNT:
        return amount_text(facts["asset"], facts["amount"] or 0)
    if facts["kind"] == Kind.PERCENT:
        return _percent_text(facts)
    texts = {
        Kind.COUPON: _("coupon “%(name)s”"),
        Kind.GIFT: _("gift “%(name)s”"),
        Kind.LEVEL: _("level %(name)s for %(days)s days"),
        Kind.BOOST: _("commissions × %(factor)s for %(days)s days"),
        Kind.FACTOR: _("points × %(factor)s for %(days)s days"),
    }
    factor = f"{(facts['rate'] or 0) / WHOLE:g}"
    return texts[Kind(facts["kind"])] % {**facts, "factor": factor}


def amount_text(asset: str, amount: int) -> str:
    """Return such as “10.00 yuan in cash” or “20 points”."""
    if asset == Asset.POINTS:
        return _("%(amount)s points") % {"amount": amount}
    values = {"amount": format_yuan(amount), "asset": Asset(asset).label}
    return _("%(amount)s yuan in %(asset)s") % values


def _percent_text(facts: Mapping[str, Any]) -> str:
    values = {
        "percent": f"{(facts['rate'] or 0) / ONE_PERCENT:g}",
        "asset": Asset(facts["asset"]).label,
    }
    if facts["most"] is None:
        return _("%(percent)s%% in %(asset)s") % values
    values["most"] = amount_text(facts["asset"], facts["most"])
    return _("%(percent)s%% in %(asset)s, at most %(most)s") % values


def _name(reward: Reward) -> str:
    if reward.gift:
        return f"{reward.gift.product.name} {reward.gift.variety}".strip()
    return str(reward.coupon or reward.level or "")
