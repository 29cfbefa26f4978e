"""Cache published plans in the form that the rules read; they are immutable, so forever."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from django.db import connection

from commissions import models, rules

CACHE_SIZE = 32


def plan_terms(plan: models.Plan) -> rules.Plan:
    """Return the plan's terms: cached for a published plan, read for a draft."""
    if plan.status == models.Plan.Status.PUBLISHED:
        return _cached_terms(plan.public_id, plan.published_at)
    return _load_terms(plan)


@lru_cache(maxsize=CACHE_SIZE)
def _cached_terms(public_id: str, _published_at: datetime | None) -> rules.Plan:
    return _load_terms(_cached_plan(public_id))


def _load_terms(plan: models.Plan) -> rules.Plan:
    return terms_of(plan, ((rule.pk, rule) for rule in plan.rules.order_by("pk")))


def terms_of(plan: models.Plan, rows: Iterable[tuple[int, models.Rule]]) -> rules.Plan:
    """Return the terms of a plan with these rules, each with an id; they need not be saved."""
    return rules.Plan(
        layers=tuple(plan.layers),
        combine=plan.combine,
        cap=plan.cap,
        rules=tuple(_rule(key, rule) for key, rule in rows),
    )


def _rule(key: int, rule: models.Rule) -> rules.Rule:
    return rules.Rule(
        id=key,
        layer=rule.layer,
        target=rule.product_id or rule.category_id,
        level=rule.level_id,
        segment=rule.segment_id,
        priority=rule.priority,
        kind=rule.kind,
        tiers=(rule.tier1, rule.tier2),
        base=rule.base,
        asset=rule.asset,
        starts_at=rule.starts_at,
        ends_at=rule.ends_at,
        boost=rule.boost,
        boost_from=rule.boost_from,
        boost_until=rule.boost_until,
    )


def plans_in_force(moments: Iterable[datetime]) -> dict[datetime, models.Plan | None]:
    """Return the plan in force at each moment, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_PLANS_BY_PRECEDENCE)
        plans = cursor.fetchall()
    return {
        at: next((_cached_plan(key) for key, start in plans if start is None or start <= at), None)
        for at in set(moments)
    }


@lru_cache(maxsize=CACHE_SIZE)
def _cached_plan(public_id: str) -> models.Plan:
    return models.Plan.objects.get(public_id=public_id)


# The order of ``Plan.objects.by_precedence()``, without the cost of the ORM: every order asks it.
_PLANS_BY_PRECEDENCE = """
SELECT public_id, starts_at FROM commissions_plan
WHERE status = 'published' ORDER BY starts_at DESC NULLS LAST, number DESC
"""
