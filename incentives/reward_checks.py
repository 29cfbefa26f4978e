"""The checks of one reward: its values, and what its version allows it to give."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from common.money import BASIS_POINTS
from incentives.check_types import Found
from incentives.models import Audience, Metric, Policy, Reward, Version
from incentives.models.incentive import MAX_VALUE
from incentives.terms import USED_BY_KIND
from ledger.chart import Asset
from promotions.models import Coupon

Kind, Side, Reach = Reward.Kind, Reward.Side, Version.Reach

MOST_FACTOR = 100_000
MAX_DAYS = 366
MAX_PLACE = 10_000
FOR_DISTRIBUTORS = {Kind.LEVEL, Kind.BOOST}
FIELD_NAMES = {"coupon_id": "coupon", "gift_id": "gift", "level_id": "level"}


def storage_errors_of_reward(reward: Reward, place: int) -> Found:
    """Yield why a reward cannot be stored, by field."""
    for field, text in _storage_errors(reward):
        yield f"rewards.{place}.{FIELD_NAMES.get(field, field)}", text


def _storage_errors(reward: Reward) -> Found:
    if reward.side not in Side.values:
        yield "side", _("Choose one of the list.")
    if reward.kind not in Kind.values:
        yield "kind", _("Choose one of the list.")
        return
    yield from _amounts(reward, USED_BY_KIND[reward.kind])
    yield from _things(reward, USED_BY_KIND[reward.kind])
    if reward.threshold is not None and not 0 < reward.threshold <= MAX_VALUE:
        yield "threshold", _("Enter a value above 0.")
    yield from _places(reward)


def _amounts(reward: Reward, used: frozenset[str]) -> Found:
    if "asset" in used and reward.asset not in Asset.values:
        yield "asset", _("Choose what is paid.")
    if "amount" in used and not 0 < (reward.amount or 0) <= MAX_VALUE:
        yield "amount", _("Enter an amount above 0.")
    if "rate" in used and (text := rate_error(reward.kind, reward.rate or 0)):
        yield "rate", text
    if "most" in used and reward.most is not None and not 0 < reward.most <= MAX_VALUE:
        yield "most", _("Enter an amount above 0, or leave it empty.")


def _things(reward: Reward, used: frozenset[str]) -> Found:
    if "days" in used and not 0 < (reward.days or 0) <= MAX_DAYS:
        yield "days", _("Enter from 1 to %(most)s days.") % {"most": MAX_DAYS}
    for field, text in (
        ("coupon_id", _("Choose a coupon.")), ("gift_id", _("Choose a gift.")),
        ("level_id", _("Choose a level.")),
    ):  # fmt: skip
        if field in used and getattr(reward, field) is None:
            yield field, text


def rate_error(kind: str, rate: int) -> str:
    """Return why a rate is wrong for this kind of reward; empty if it is not."""
    if kind == Kind.PERCENT:
        return "" if 0 < rate <= BASIS_POINTS else _("Enter a percentage above 0 and up to 100.")
    if BASIS_POINTS < rate <= MOST_FACTOR:
        return ""
    return _("Enter 101 to 1000 percent: 200 doubles.")


def _places(reward: Reward) -> Found:
    first, last = reward.first_rank, reward.last_rank
    if first is None and last is None:
        return
    if not 0 < (first or 0) <= MAX_PLACE:
        yield "first_rank", _("Enter a place from 1 to %(most)s.") % {"most": MAX_PLACE}
    elif last is not None and not (first or 0) <= last <= MAX_PLACE:
        yield "last_rank", _("The last place must not come before the first.")


def reward_errors(
    version: Version, reward: Reward, place: int, *, at: datetime | None = None
) -> Found:
    """Yield what its version does not allow a reward that can be stored, by field."""
    for field, text in (
        *_side_errors(version, reward), *_kind_errors(version, reward),
        *_reader_errors(version, reward), *_coupon_errors(reward.coupon, at),
    ):  # fmt: skip
        yield f"rewards.{place}.{field}", text


def _side_errors(version: Version, reward: Reward) -> Found:
    if reward.side != Side.FRIEND:
        return
    if version.metric != Metric.REFERRED_BUYERS:
        yield "side", _("There is a friend only where friends who bought are counted.")
    elif version.reach != Reach.EACH:
        yield "side", _("A friend gets something only if it is given each time.")
    if reward.kind in {*FOR_DISTRIBUTORS, Kind.PERCENT}:
        yield "kind", _("A friend gets an amount, a coupon, a gift or multiple points.")


def _kind_errors(version: Version, reward: Reward) -> Found:
    kind = reward.kind
    if version.metric == Metric.TEAM_POOL and kind != Kind.PERCENT:
        yield "kind", _("A team pool is a percentage of the shop's completed distributor sales.")
    if kind == Kind.PERCENT and not version.counts_money:
        yield "kind", _("A percentage needs something counted in money.")
    if version.reach != Reach.RANK:
        return
    if kind == Kind.PERCENT:
        yield "kind", _("A prize is an amount or a thing, not a percentage.")
    elif kind not in Reward.MONEY and version.ties == Version.Ties.SPLIT:
        yield (
            "kind",
            _("This prize cannot be shared on a tie: give each the prize, or choose an amount."),
        )


def _reader_errors(version: Version, reward: Reward) -> Found:
    """Yield errors about people who are no distributors: they have no level and no payee."""
    everyone = version.audience == Audience.EVERYONE or reward.side == Side.FRIEND
    if not everyone:
        return
    if reward.kind in FOR_DISTRIBUTORS:
        yield "kind", _("Only distributors have levels and commissions: choose them above.")
    elif reward.asset == Asset.BONUS:
        yield "asset", _("A bonus is for distributors: choose them above, or choose cash.")
    elif reward.side == Side.FRIEND and not _may_be_paid_to_friends(reward.asset):
        yield "asset", _("A friend gets store credit, points or a coupon, not cash.")


def _may_be_paid_to_friends(asset: str) -> bool:
    """Return whether friends may be promised it: they have just bought for the first time."""
    return asset != Asset.CASH or Policy.current().pays_members_cash


def _coupon_errors(coupon: Coupon | None, at: datetime | None) -> Found:
    if coupon is None:
        return
    if coupon.status != Coupon.Status.PUBLISHED:
        yield "coupon", _("This coupon is not published, or has ended.")
    elif coupon.stock is not None and coupon.granted >= coupon.stock:
        yield "coupon", _("This coupon has run out.")
    elif at and coupon.valid_until and coupon.valid_until <= at:
        yield "coupon", _("The validity of this coupon is over.")
