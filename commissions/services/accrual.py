"""Paid orders earn: the commissions of their lines come into being, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from commissions import rules
from commissions.models import Commission, Explanation, Plan, Terms
from commissions.published import in_force, terms_of
from orders.models import Attribution, Order


def has_accrued(order: Order) -> bool:
    terms = getattr(order, "terms", None)
    return terms is not None and terms.accrued_at is not None


def accrue(orders: Sequence[Order], *, at: datetime) -> list[Commission]:
    """The new commissions of ``orders`` that are paid and had none, not saved yet.

    An order that is seen for the first time is given its terms: the plan in force at placement.
    """
    _give_terms([order for order in orders if not hasattr(order, "terms")])
    paid = [order for order in orders if order.paid_at and not has_accrued(order)]
    for order in paid:
        order.terms.accrued_at = order.paid_at
    Terms.objects.bulk_update(
        [order.terms for order in paid if not order.terms._state.adding], ["accrued_at"]
    )
    Terms.objects.bulk_create([o.terms for o in orders if o.terms._state.adding])
    return [commission for order in paid for commission in _commissions(order, at=at)]


def _give_terms(orders: Sequence[Order]) -> None:
    if orders:
        plans = in_force(order.placed_at for order in orders)
        for order in orders:
            order.terms = Terms(order=order, plan=plans[order.placed_at])


def explain(commissions: Sequence[Commission]) -> None:
    """Keep what decided new commissions, once a line."""
    lines = {commission.line_id: commission.line for commission in commissions}
    Explanation.objects.bulk_create(line.explanation for line in lines.values())


def _commissions(order: Order, *, at: datetime) -> list[Commission]:
    plan = order.terms.plan
    if plan is None:
        return []
    made = []
    for line, basis in zip(order.all_lines, bases(order, plan), strict=True):
        awards = rules.award(basis, quantity=line.quantity, paid=line.paid)
        if any(award.amount for award in awards):
            line.explanation = Explanation(line=line, basis=basis.as_json())
        made += [
            Commission(
                line=line,
                tier=tier,
                distributor_id=getattr(order.attribution, f"tier{tier}_id"),
                plan=plan,
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
    payees = (_payee(order.attribution, 1), _payee(order.attribution, 2))
    return rules.judge(terms_of(plan), goods, payees, order.placed_at)


def _payee(attribution: Attribution, tier: int) -> rules.Payee | None:
    if getattr(attribution, f"tier{tier}_id") is None:
        return None
    return rules.Payee(
        status=getattr(attribution, f"tier{tier}_status"),
        level=getattr(attribution, f"tier{tier}_level_id"),
        segment=getattr(attribution, f"tier{tier}_segment_id"),
    )
