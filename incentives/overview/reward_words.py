"""Say in words what a reward or an award gives."""

from __future__ import annotations

from django.utils.translation import gettext as _

from common.money import format_yuan
from incentives.models import Award, Reward
from ledger.chart import Asset

Kind = Reward.Kind
PERCENT, WHOLE = 100, 10_000
"""Basis points of 1 % and of 100 %."""


def amount_text(asset: str, amount: int) -> str:
    """Return such as “10.00 yuan in cash” or “20 points”."""
    if asset == Asset.POINTS:
        return _("%(amount)s points") % {"amount": amount}
    return _("%(amount)s yuan in %(asset)s") % {
        "amount": format_yuan(amount), "asset": Asset(asset).label,
    }  # fmt: skip


def reward_text(reward: Reward) -> str:
    """Return what a reward gives, in the reader's language."""
    if reward.kind == Kind.AMOUNT:
        return amount_text(reward.asset, reward.amount or 0)
    if reward.kind == Kind.PERCENT:
        return _percent_text(reward)
    return thing_text(reward)


def award_text(award: Award) -> str:
    """Return what an award gives: the amount that is due, or else the thing."""
    if award.kind in Reward.MONEY:
        return amount_text(award.asset, award.posted or award.target)
    return thing_text(award.reward)


def thing_text(reward: Reward) -> str:
    """Return what a reward gives that is no money."""
    texts = {
        Kind.COUPON: _("coupon “%(name)s”"),
        Kind.GIFT: _("gift “%(name)s”"),
        Kind.LEVEL: _("level %(name)s for %(days)s days"),
        Kind.BOOST: _("commissions × %(factor)s for %(days)s days"),
        Kind.FACTOR: _("points × %(factor)s for %(days)s days"),
    }
    return texts[Kind(reward.kind)] % {
        "name": _thing(reward),
        "days": reward.days,
        "factor": f"{(reward.rate or 0) / WHOLE:g}",
    }


def _thing(reward: Reward) -> str:
    if reward.gift:
        return f"{reward.gift.product.name} {reward.gift.variety}".strip()
    return str(reward.coupon or reward.level or "")


def _percent_text(reward: Reward) -> str:
    values = {
        "percent": f"{(reward.rate or 0) / PERCENT:g}",
        "asset": Asset(reward.asset).label,
        "most": "",
    }
    if reward.most is None:
        return _("%(percent)s%% in %(asset)s") % values
    values["most"] = amount_text(reward.asset, reward.most)
    return _("%(percent)s%% in %(asset)s, at most %(most)s") % values
