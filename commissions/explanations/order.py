"""Explain an order: compute its commissions again and compare them with the stored ones.

A line with commissions is computed from its stored basis; a line without, from the line, the
attribution and the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch

from commissions import rules
from commissions.explanations import sentences
from commissions.models import Commission, OrderCommissionTerms, Plan, Rule
from commissions.plan_cache import plans_in_force
from commissions.services import accrual
from distribution.models import Distributor
from orders.intake import OrderWithLines
from orders.models import Order, OrderLine, OrderShare, Refund

EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class TierExplanation:
    """One tier of a line, in minor units of ``asset``, which is empty where nothing is paid.

    ``reason``: the whole line's ``rules.Award.reason``, or no_plan.
    ``state``: the commission's; ``expected`` before the order is paid, empty without a commission.
    ``original``, ``current``: the whole line's commission, and what is left of it after refunds.
    ``matches_stored``: whether the stored amounts equal those computed again.
    """

    tier: int
    distributor: Distributor | None
    reason: str
    asset: str
    original: int
    current: int
    state: str
    sentences: tuple[str, ...]
    matches_stored: bool = True


@dataclass(frozen=True, slots=True)
class LineExplanation:
    """A line and its two tiers. ``paid`` and ``remaining_paid``: fen, without freight."""

    number: int
    sku: str
    product: str
    quantity: int
    paid: int
    remaining_quantity: int
    remaining_paid: int
    plan: Plan | None
    tiers: tuple[TierExplanation, TierExplanation]

    @property
    def matches_stored(self) -> bool:
        return all(tier.matches_stored for tier in self.tiers)


def explain(order: Order) -> tuple[LineExplanation, ...]:
    """Explain each line of ``order``, in their order, in a fixed number of queries."""
    loaded = _load_order(order)
    plan = _plan(loaded)
    lines = list(loaded.lines.all())
    if plan is None:
        unpaid = _without_plan(loaded, 1), _without_plan(loaded, 2)
        return tuple(_line(line, None, unpaid) for line in lines)
    commissions = [{row.tier: row for row in line.commissions.all()} for line in lines]
    bases = _bases(loaded, plan, commissions)
    awards = [rules.award(basis, quantity=basis.quantity, paid=basis.paid) for basis in bases]
    explainer = _TierExplainer(
        loaded, plan, rule_rows(award for tiers in awards for award in tiers)
    )
    return tuple(
        _line(line, plan, (
            explainer.tier(line, basis, first, 1, by_tier.get(1)),
            explainer.tier(line, basis, second, 2, by_tier.get(2)),
        ))
        for line, basis, (first, second), by_tier in zip(
            lines, bases, awards, commissions, strict=True
        )
    )  # fmt: skip


def _load_order(order: Order) -> Order:
    commissions = Commission.objects.select_related("settlement").prefetch_related(
        "holds", "changes__refund", "changes__settlement"
    )
    return (
        Order.objects.select_related(
            "terms__plan", "attribution__tier1__member", "attribution__tier2__member",
            "came_by__share", "came_by__visit",
        )
        .prefetch_related(
            "lines__sku", "lines__product", "lines__refunds", "lines__explanation",
            Prefetch("lines__commissions", commissions),
        )
        .get(pk=order.pk)
    )  # fmt: skip


def _plan(order: Order) -> Plan | None:
    terms: OrderCommissionTerms | None = getattr(order, "terms", None)
    return terms.plan if terms else plans_in_force([order.placed_at])[order.placed_at]


def rule_rows(awards: Iterable[rules.Award]) -> dict[int, Rule]:
    """Load the rules behind ``awards`` with their targets and audiences, in one query."""
    keys = {offer.rule for award in awards for offer in award.offers}
    return Rule.objects.select_related("product", "category", "level", "segment").in_bulk(keys)


def _bases(order: Order, plan: Plan, commissions: list[dict[int, Commission]]) -> list[rules.Basis]:
    """Return each line's basis: the stored one of its commissions, else computed."""
    if all(commissions):
        return [_stored_basis(by_tier) for by_tier in commissions]
    placed = OrderWithLines(order, tuple(order.lines.all()), order.attribution)
    return [
        _stored_basis(by_tier) if by_tier else computed
        for by_tier, computed in zip(commissions, accrual.bases(placed, plan), strict=True)
    ]


def _stored_basis(by_tier: dict[int, Commission]) -> rules.Basis:
    return next(iter(by_tier.values())).basis  # one basis for both tiers


def _tier_holder(order: Order, tier: int) -> list[str]:
    text = sentences.tier_holder(order.attribution, tier)
    came_by: OrderShare | None = getattr(order, "came_by", None)
    return [*text, sentences.origin(came_by)] if came_by and tier == 1 else text


def _without_plan(order: Order, tier: int) -> TierExplanation:
    distributor = getattr(order.attribution, f"tier{tier}")
    text = _tier_holder(order, tier)
    if distributor:
        text.append(sentences.no_plan())
    reason = "no_plan" if distributor else "no_upline"
    return TierExplanation(tier, distributor, reason, "", 0, 0, "", tuple(text))


@dataclass(frozen=True, slots=True)
class _TierExplainer:
    order: Order
    plan: Plan
    rows: Mapping[int, Rule]

    def tier(
        self,
        line: OrderLine,
        basis: rules.Basis,
        award: rules.Award,
        tier: int,
        commission: Commission | None,
    ) -> TierExplanation:
        text = [
            *_tier_holder(self.order, tier),
            *sentences.rule_outcome(award, basis, self.plan, self.rows),
            *sentences.own_boost(award, _own_boost(self.order, tier)),
        ]
        remaining = rules.award(basis, quantity=line.remaining_quantity, paid=line.remaining_paid)
        current = min(award.amount, remaining[tier - 1].amount)
        if commission and commission.status == Commission.Status.CREDITED:
            current = min(current, commission.current)  # a credited commission never grows
        stored = 0, 0
        state = EXPECTED if award.amount and not accrual.has_accrued(self.order) else ""
        if commission:
            state, stored = commission.state, (commission.original, commission.current)
            text += sentences.refund_effects(commission, line)
            text += sentences.open_refunds(commission, line, _if_refunded(basis, line, tier))
            text += sentences.current_status(commission)
        elif state:
            stored = award.amount, current
            text.append(sentences.unpaid_order(award))
        matches_stored = stored == (award.amount, current)
        if not matches_stored:
            text.append(sentences.stored_mismatch(stored[1], current, award.asset))
        return TierExplanation(
            tier=tier,
            distributor=getattr(self.order.attribution, f"tier{tier}"),
            reason=award.reason,
            asset=commission.asset if commission else award.asset,
            original=stored[0],
            current=stored[1],
            state=state,
            sentences=tuple(text),
            matches_stored=matches_stored,
        )


def _own_boost(order: Order, tier: int) -> int | None:
    terms: OrderCommissionTerms | None = getattr(order, "terms", None)
    return (terms.tier1_boost, terms.tier2_boost)[tier - 1] if terms else None


def _if_refunded(basis: rules.Basis, line: OrderLine, tier: int) -> int:
    """Return what a tier would get if all open refunds of the line were paid back."""
    refunds = [row for row in line.refunds.all() if row.status in Refund.OPEN]
    quantity = line.remaining_quantity - sum(
        row.quantity for row in refunds if row.kind != Refund.Kind.EXCHANGE
    )
    paid = line.remaining_paid - sum(row.amount for row in refunds)
    return rules.award(basis, quantity=max(0, quantity), paid=max(0, paid))[tier - 1].amount


def _line(
    line: OrderLine, plan: Plan | None, tiers: tuple[TierExplanation, TierExplanation]
) -> LineExplanation:
    return LineExplanation(
        number=line.number,
        sku=line.sku.code,
        product=line.product.name,
        quantity=line.quantity,
        paid=line.paid,
        remaining_quantity=line.remaining_quantity,
        remaining_paid=line.remaining_paid,
        plan=plan,
        tiers=tiers,
    )
