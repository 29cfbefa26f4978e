"""Paid orders earn: the commissions of their lines come into being, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from commissions import rules
from commissions.models import Commission, Explanation, OrderCommissionTerms, Plan
from commissions.plan_cache import plan_terms, plans_in_force
from common.bulk_insert import insert
from orders.models import Attribution, Order


def has_accrued(order: Order) -> bool:
    return _has_terms(order) and order.terms.accrued_at is not None


def _has_terms(order: Order) -> bool:
    """Of an order that was just placed the database need not be asked."""
    return "terms" in order._state.fields_cache if order.just_placed else hasattr(order, "terms")


def accrue(orders: Sequence[Order], *, at: datetime) -> list[Commission]:
    """The new commissions of ``orders`` that are paid and had none, not saved yet.

    An order that is seen for the first time is given its terms: the plan in force at placement.
    """
    _assign_terms([order for order in orders if not _has_terms(order)])
    paid = [order for order in orders if order.paid_at and not has_accrued(order)]
    for order in paid:
        order.terms.accrued_at = order.paid_at
    known = [order.terms for order in paid if not order.terms._state.adding]
    if known:
        OrderCommissionTerms.objects.bulk_update(known, ["accrued_at"])
    return [commission for order in paid for commission in _commissions(order, at=at)]


def _assign_terms(orders: Sequence[Order]) -> None:
    if orders:
        plans = plans_in_force(order.placed_at for order in orders)
        for order in orders:
            order.terms = OrderCommissionTerms(plan=plans[order.placed_at])


def save_accruals(orders: Sequence[Order], commissions: Sequence[Commission]) -> None:
    """Save what ``accrue`` has made: new terms and commissions, and once a line what decided."""
    terms = [order.terms for order in orders if order.terms._state.adding]
    lines = {commission.line_id: commission.line for commission in commissions}
    insert(terms, [line.explanation for line in lines.values()], commissions)


def _commissions(order: Order, *, at: datetime) -> list[Commission]:
    plan = order.terms.plan
    if plan is None:
        return []
    made = []
    for line, basis in zip(order.all_lines, bases(order, plan), strict=True):
        awards = rules.award(basis, quantity=line.quantity, paid=line.paid)
        if any(award.amount for award in awards):
            line.explanation = Explanation(basis=basis.as_json())
        made += [
            Commission(
                line=line,
                tier=tier,
                distributor_id=getattr(order.attribution, f"tier{tier}_id"),
                plan_id=plan.pk,
                asset=award.asset,
                original=award.amount,
                current=award.amount,
                accrued_at=at,
            )
            for tier, award in enumerate(awards, start=1)
            if award.amount
        ]
    return made


def bases(order: Order, plan: Plan) -> list[rules.Basis]:
    """What decides each of the order's lines, in their order, from nothing but frozen facts."""
    goods = [
        rules.Goods(
            product=line.product_id,
            categories=tuple(line.categories),
            quantity=line.quantity,
            paid=line.paid,
            unit_cost=line.unit_cost,
        )
        for line in order.all_lines
    ]
    payees = (payee(order.attribution, 1), payee(order.attribution, 2))
    return rules.build_bases(plan_terms(plan), goods, payees, order.placed_at)


def payee(attribution: Attribution, tier: int) -> rules.Payee | None:
    if getattr(attribution, f"tier{tier}_id") is None:
        return None
    return rules.Payee(
        status=getattr(attribution, f"tier{tier}_status"),
        level=getattr(attribution, f"tier{tier}_level_id"),
        segment=getattr(attribution, f"tier{tier}_segment_id"),
    )
