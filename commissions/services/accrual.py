"""Accrue the commissions of paid orders, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from commissions import rules
from commissions.models import Commission, Explanation, OrderCommissionTerms, Plan
from commissions.plan_cache import plan_terms, plans_in_force
from commissions.services.boosts import boosts_at
from common.bulk_insert import insert
from orders.intake import OrderWithLines
from orders.models import Attribution, Order


def has_accrued(order: Order) -> bool:
    return hasattr(order, "terms") and order.terms.accrued_at is not None


def assign_terms(rows: Sequence[OrderWithLines]) -> None:
    """Give orders without terms the plan and the boosts in force at placement, not saved."""
    if not rows:
        return
    plans = plans_in_force(row.order.placed_at for row in rows)
    boosts = boosts_at([
        placement
        for row in rows
        for placement in _placements(row.attribution, row.order.placed_at)
        if placement
    ])  # fmt: skip
    for row in rows:
        tier1, tier2 = _placements(row.attribution, row.order.placed_at)
        row.order.terms = OrderCommissionTerms(
            plan=plans[row.order.placed_at],
            tier1_boost=boosts.get(tier1) if tier1 else None,
            tier2_boost=boosts.get(tier2) if tier2 else None,
        )


def boosts_of(attribution: Attribution, at: datetime) -> tuple[int | None, int | None]:
    """Return the boosts that both tiers have at a moment, such as a simulated placement."""
    tier1, tier2 = _placements(attribution, at)
    boosts = boosts_at([placement for placement in (tier1, tier2) if placement])
    return (boosts.get(tier1) if tier1 else None), (boosts.get(tier2) if tier2 else None)


def _placements(
    attribution: Attribution, at: datetime
) -> tuple[tuple[int, datetime] | None, tuple[int, datetime] | None]:
    tier1, tier2 = attribution.tier1_id, attribution.tier2_id
    return (tier1, at) if tier1 else None, (tier2, at) if tier2 else None


def accrue(orders: Sequence[OrderWithLines], *, at: datetime) -> list[Commission]:
    """Return new commissions, not saved, of paid orders that have not accrued.

    :param orders: each with its terms
    """
    paid = [row for row in orders if row.order.paid_at and not has_accrued(row.order)]
    for row in paid:
        row.order.terms.accrued_at = row.order.paid_at
    known = [row.order.terms for row in paid if not row.order.terms._state.adding]
    if known:
        OrderCommissionTerms.objects.bulk_update(known, ["accrued_at"])
    return [commission for row in paid for commission in _commissions(row, at=at)]


def save_accruals(orders: Sequence[Order], commissions: Sequence[Commission]) -> None:
    """Save new terms and commissions, and the explanation of each line once."""
    terms = [order.terms for order in orders if order.terms._state.adding]
    lines = {commission.line_id: commission.line for commission in commissions}
    # Commissions last: they are given their keys.
    insert(terms, [line.explanation for line in lines.values()], commissions)


def _commissions(placed: OrderWithLines, *, at: datetime) -> list[Commission]:
    plan = placed.order.terms.plan
    if plan is None:
        return []
    commissions = []
    for line, basis in zip(placed.lines, bases(placed, plan), strict=True):
        awards = rules.award(basis, quantity=line.quantity, paid=line.paid)
        if any(award.amount for award in awards):
            line.explanation = Explanation(basis=basis.as_json())
        commissions += [
            Commission(
                line=line,
                tier=tier,
                distributor_id=getattr(placed.attribution, f"tier{tier}_id"),
                plan_id=plan.pk,
                asset=award.asset,
                original=award.amount,
                current=award.amount,
                accrued_at=at,
            )
            for tier, award in enumerate(awards, start=1)
            if award.amount
        ]
    return commissions


def bases(placed: OrderWithLines, plan: Plan) -> list[rules.Basis]:
    """Return the basis of each line, in their order, from what was fixed at placement."""
    return rules.build_bases(
        plan_terms(plan), line_goods(placed), beneficiaries_of(placed), placed.order.placed_at
    )


def line_goods(placed: OrderWithLines) -> list[rules.Goods]:
    """Return the lines of an order as the rules see them."""
    return [
        rules.Goods(
            product=line.product_id,
            categories=tuple(line.categories),
            quantity=line.quantity,
            paid=line.paid,
            unit_cost=line.unit_cost,
        )
        for line in placed.lines
    ]


def beneficiaries_of(
    placed: OrderWithLines,
) -> tuple[rules.Beneficiary | None, rules.Beneficiary | None]:
    """Return the distributors of both tiers as they were at placement, with their boosts."""
    terms: OrderCommissionTerms | None = getattr(placed.order, "terms", None)
    boosts = (terms.tier1_boost, terms.tier2_boost) if terms else (None, None)
    return beneficiaries(placed.attribution, boosts)


def beneficiaries(
    attribution: Attribution, boosts: tuple[int | None, int | None] = (None, None)
) -> tuple[rules.Beneficiary | None, rules.Beneficiary | None]:
    """Return the distributors of both tiers of an attribution, with a boost each."""
    tier1 = rules.Beneficiary(
        attribution.tier1_status, attribution.tier1_level_id, attribution.tier1_segment_id,
        boosts[0] or rules.ONE_HUNDRED_PERCENT,
    )  # fmt: skip
    tier2 = rules.Beneficiary(
        attribution.tier2_status, attribution.tier2_level_id, attribution.tier2_segment_id,
        boosts[1] or rules.ONE_HUNDRED_PERCENT,
    )  # fmt: skip
    return tier1 if attribution.tier1_id else None, tier2 if attribution.tier2_id else None
