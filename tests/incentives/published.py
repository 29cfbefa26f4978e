"""Publish incentives with the terms of the oracle, by two people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model

from catalog.models import Category, Product, Sku
from distribution.models import Level
from incentives.models import Budget, Incentive, Reward, Version
from promotions.models import Coupon
from tests.cast import staff
from tests.incentives.oracle_terms import Prize, Terms

PERCENT = 100
"""Basis points of a percent."""


def publish(terms: Terms, *, of: Incentive | None = None) -> Incentive:
    """Publish a version: the first one of a new incentive, or the next one of a known one."""
    qian, feng = staff("Qian"), staff("Feng")
    incentive = of or _new_incentive(terms.starts_at)
    is_for_all = terms.metric in ("own_spend", "referred_buyers")
    version = Version.objects.create(
        incentive=incentive, name=f"{terms.metric} {terms.period}", metric=terms.metric,
        audience="everyone" if is_for_all else "levels" if terms.levels else "distributors",
        levels=_keys(Level, name__in=terms.levels), period=terms.period, ties=terms.ties,
        products=_keys(Product, skus__code__in=terms.goods),
        categories=_keys(Category, code__in=terms.categories), channels=list(terms.channels),
        reach=terms.reach, starts_at=terms.starts_at, ends_at=terms.ends_at,
        close_days=terms.close_days, takes_back_after_close=terms.takes_back,
        sums_steps=terms.sums_steps, min_amount=terms.min_amount, friend_days=terms.friend_days,
        editors=[qian.pk], edited_at=terms.starts_at,
    )  # fmt: skip
    Reward.objects.bulk_create(_reward(version, terms, prize) for prize in terms.prizes)
    Version.objects.filter(pk=version.pk).update(
        status=Version.Status.PUBLISHED, number=incentive.versions.count(), published_by=feng,
        published_at=terms.starts_at,
    )  # fmt: skip
    return incentive


def _new_incentive(at: datetime) -> Incentive:
    incentive = Incentive.objects.create(created_at=at, created_by=staff("Qian"))
    Budget.objects.get_or_create(incentive=incentive)
    return incentive


def _keys(model: type[Model], **named: object) -> list[int]:
    return list(model._default_manager.filter(**named).values_list("pk", flat=True))


def _reward(version: Version, terms: Terms, prize: Prize) -> Reward:
    threshold = 1 if terms.reach == "each" else prize.threshold
    at: dict[str, Any] = {"threshold": threshold}
    if terms.reach == "rank":
        at = {"first_rank": prize.threshold, "last_rank": prize.threshold}
    if prize.asset == "coupon":
        return Reward(version=version, kind="coupon", coupon=Coupon.objects.get(), **at)
    if prize.asset == "gift":
        gift = Sku.objects.order_by("pk")[0]
        return Reward(version=version, kind="gift", gift=gift, **at)
    return Reward(
        version=version, side=prize.side, asset=prize.asset, **at,
        kind=Reward.Kind.PERCENT if prize.is_percent else Reward.Kind.AMOUNT,
        amount=None if prize.is_percent else prize.of,
        rate=prize.of * PERCENT if prize.is_percent else None, most=prize.most,
    )  # fmt: skip
