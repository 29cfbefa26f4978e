"""Say who is paid in cash: distributors, and other members only if the settings allow it.

Others get the same amount of store credit. An award keeps what it is paid in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import replace

from django.utils.translation import gettext as _

from incentives.models import Audience, Policy, Reward, Version
from incentives.rewards import FRIEND, Target, basis_keys, basis_of
from incentives.sentences import sentence
from incentives.services.holds import distributor_statuses
from ledger.chart import Asset

FOR_DISTRIBUTORS = (Asset.CASH, Asset.BONUS)
"""What only distributors are paid, unless the settings let the shop pay other members, too."""


def paid_in_cash(members: Collection[int]) -> Collection[int]:
    """Return which of the members are paid in cash, by primary key."""
    if Policy.current().pays_members_cash:
        return members
    return distributor_statuses(members)


def asset_paid(asset: str, *, in_cash: bool) -> str:
    """Return in what a reward of this asset is paid to somebody."""
    return asset if in_cash or asset not in FOR_DISTRIBUTORS else Asset.STORE_CREDIT


def reward_paid(reward: Reward, *, in_cash: bool) -> Reward:
    """Return a reward as somebody gets it; what is published stays."""
    paid = copy(reward)
    paid.asset = asset_paid(reward.asset, in_cash=in_cash)
    return paid


def targets_paid(dues: Iterable[tuple[int, Target]]) -> list[Target]:
    """Return the targets of members as they, or their friends, are paid, in their order.

    A friend whom nobody knows yet is no distributor.
    """
    rows = [(_receiver(member, target), target) for member, target in dues]
    if all(target.reward.asset not in FOR_DISTRIBUTORS for _who, target in rows):
        return [target for _who, target in rows]
    payable = paid_in_cash({who for who, _target in rows})
    return [
        replace(target, reward=reward_paid(target.reward, in_cash=who in payable))
        for who, target in rows
    ]


def _receiver(member: int, target: Target) -> int:
    if target.side != Reward.Side.FRIEND:
        return member
    return next(iter(basis_keys([basis_of(target.step)])[FRIEND]), 0)


def reaches_members(version: Version, reward: Reward) -> bool:
    """Return whether terms give cash to people who need not be distributors."""
    may_be_member = version.audience == Audience.EVERYONE or reward.side == Reward.Side.FRIEND
    return may_be_member and reward.asset in FOR_DISTRIBUTORS


def cash_conditions(
    version: Version, rewards: Iterable[Reward], *, pays_members: bool
) -> list[str]:
    """Return the sentence that says what members get in place of cash, if they do.

    :param pays_members: ``Policy.pays_members_cash``
    """
    if pays_members or not any(reaches_members(version, row) for row in rewards):
        return []
    return [_("Cash is for distributors; other members get the same amount of store credit.")]


def whole_sentence(version: Version, rewards: Sequence[Reward]) -> str:
    """Return the sentence of an incentive, and what members get in place of cash."""
    pays_members = Policy.current().pays_members_cash
    text = sentence(version, rewards)
    for condition in cash_conditions(version, rewards, pays_members=pays_members):
        text = _("%(sentence)s %(next)s") % {"sentence": text, "next": condition}
    return text
