"""Accrue the commissions of paid orders, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from commissions import rules
from commissions.models import Commission, Explanation, OrderCommissionTerms, Plan
from commissions.plan_cache import plan_terms, plans_in_force
from common.bulk_insert import insert
from orders.intake import OrderWithLines
from orders.models import Attribution, Order


def has_accrued(order: Order) -> bool:
    return hasattr(order, "terms") and order.terms.accrued_at is not None


def assign_terms(orders: Sequence[Order]) -> None:
    """Give orders without terms the plan in force at placement, not saved."""
    if orders:
        plans = plans_in_force(order.placed_at for order in orders)
        for order in orders:
            order.terms = OrderCommissionTerms(plan=plans[order.placed_at])


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
        plan_terms(plan), line_goods(placed), beneficiaries(placed.attribution),
        placed.order.placed_at,
    )  # fmt: skip


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


def beneficiaries(
    attribution: Attribution,
) -> tuple[rules.Beneficiary | None, rules.Beneficiary | None]:
    """Return the distributors of both tiers as they were at placement."""
    tier1 = rules.Beneficiary(
        attribution.tier1_status, attribution.tier1_level_id, attribution.tier1_segment_id
    )
    tier2 = rules.Beneficiary(
        attribution.tier2_status, attribution.tier2_level_id, attribution.tier2_segment_id
    )
    return tier1 if attribution.tier1_id else None, tier2 if attribution.tier2_id else None
