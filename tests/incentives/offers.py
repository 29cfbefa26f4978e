"""Incentives for tests, published by two people of the cast through the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from incentives.checks import LEAST_ORDER, PEOPLE
from incentives.models import (
    Audience,
    Incentive,
    Metric,
    PeriodKind,
    Reward,
    Version,
)
from incentives.services.drafts import create_draft, edit
from incentives.services.publication import publish
from ledger.chart import Asset
from promotions.models import Coupon
from promotions.services import (
    CouponTerms,
    create_coupon,
    publish_coupon,
)
from tests.cast import NOON, give, staff

EVERYBODY_MAY = {Metric.REFERRED_BUYERS, Metric.OWN_SPEND}


def reward(amount: int = 1_000, *, asset: str = Asset.CASH, **fields: Any) -> Reward:
    """Return an amount; ``fields`` override its values, or make it another kind of reward."""
    if fields.get("kind", Reward.Kind.AMOUNT) == Reward.Kind.AMOUNT:
        fields = {"amount": amount, "asset": asset, **fields}
    elif fields["kind"] == Reward.Kind.PERCENT:
        fields = {"asset": asset, **fields}
    if "first_rank" not in fields:
        fields.setdefault("threshold", 1)
    return Reward(**fields)


def draft(
    *,
    metric: str = Metric.OWN_ORDERS,
    rewards: Sequence[Reward] | None = None,
    based_on: Version | None = None,
    at: datetime = NOON,
    **terms: Any,
) -> Version:
    """Draft an incentive, by Qian; by default ¥10 in cash for each own order."""
    version = create_draft(by=staff("Qian"), at=at, based_on=based_on)
    defaults: dict[str, Any] = {
        "name": f"{metric} {version.pk}", "metric": metric, "audience": Audience.DISTRIBUTORS,
        "period": PeriodKind.EACH, "reach": Version.Reach.EACH,
    }  # fmt: skip
    if metric in EVERYBODY_MAY:
        defaults["audience"] = Audience.EVERYONE
    if metric in PEOPLE:
        defaults["min_amount"] = LEAST_ORDER
    if metric == Metric.FIRST_SALE:
        defaults["period"] = PeriodKind.CAMPAIGN
    if metric == Metric.TEAM_POOL:
        defaults |= {"period": PeriodKind.MONTH, "audience": Audience.LEVELS}
    if based_on:
        defaults = {}
    if rewards is None:
        rewards = list(based_on.rewards.all()) if based_on else [reward()]
    edit(version=version, by=staff("Qian"), at=at, rewards=rewards, **{**defaults, **terms})
    return version


def published(
    *,
    metric: str = Metric.OWN_ORDERS,
    rewards: Sequence[Reward] | None = None,
    at: datetime = NOON,
    starts_at: datetime | None = None,
    based_on: Version | None = None,
    **terms: Any,
) -> Version:
    """Publish an incentive: drafted by Qian, published by Feng, in force from ``at`` on.

    What it gives must stay within the settings: together with commissions at most 60 % of an order.

    :param based_on: publish the next version of its incentive
    :param terms: fields of ``Version``; ``period`` is each order unless something else is given
    """
    version = draft(metric=metric, rewards=rewards, at=at, based_on=based_on, **terms)
    publish(version=version, by=staff("Feng"), at=at, starts_at=starts_at)
    return version


def incentive(**terms: Any) -> Incentive:
    return published(**terms).incentive


def a_coupon(**terms: object) -> Coupon:
    """Return a published coupon of 10 yuan."""
    by = give(staff("Marketer"), "add_coupon", "change_coupon", "publish_coupon")
    publisher = give(staff("Publisher"), "publish_coupon")
    values = {"name": "new", "amount": 1_000, "valid_days": 60, "threshold": 10_000, **terms}
    coupon = create_coupon(terms=CouponTerms(**values), by=by, at=NOON)
    publish_coupon(coupon=coupon, by=publisher, at=NOON)
    return coupon
