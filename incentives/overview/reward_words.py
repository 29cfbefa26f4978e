"""Say what awards give, also long after: notices store what the text is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.models import Product, Sku
from distribution.models import Level
from incentives.models import Award, Reward
from incentives.sentences import gift_name, given
from promotions.models import Coupon

Kind = Reward.Kind
NUMBERS = ("kind", "asset", "amount", "rate", "most", "days")


def award_text(award: Award) -> str:
    """Return what an award has given, or what is due, in the reader's language."""
    return facts_text(award_facts(award, amount=award.posted or award.target))


def reward_facts(reward: Reward) -> dict[str, Any]:
    """Return what the text of a reward is made of, to be stored without a language."""
    facts = {name: getattr(reward, name) for name in NUMBERS}
    return {**facts, "name": _name(reward)}


def award_facts(award: Award, *, amount: int) -> dict[str, Any]:
    """Return the same of an award: a percent has become an amount.

    :param amount: in fen, or points
    """
    facts = reward_facts(award.reward)
    if award.kind in Reward.MONEY:
        facts |= {"kind": Kind.AMOUNT.value, "asset": award.asset, "amount": amount}
    return facts


def facts_text(facts: Mapping[str, Any]) -> str:
    """Return the text of ``reward_facts``, such as “¥10.00 in cash”."""
    reward = Reward(**{name: facts[name] for name in NUMBERS if facts.get(name) is not None})
    name = facts.get("name", "")
    if reward.kind == Kind.COUPON:
        reward.coupon = Coupon(name=name)
    elif reward.kind == Kind.LEVEL:
        reward.level = Level(name=name)
    elif reward.kind == Kind.GIFT:
        reward.gift = Sku(product=Product(name=name))
    return given(reward)


def _name(reward: Reward) -> str:
    return gift_name(reward.gift) if reward.gift else str(reward.coupon or reward.level or "")
