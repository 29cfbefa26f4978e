"""An order's explanation: computed again from its frozen facts, and compared with what is stored.

What has been earned is computed from the commission's own explanation; where nothing has, from the
line, the attribution and the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch

from commissions import rules
from commissions.explanations import sentences
from commissions.explanations.line_explanation import EXPECTED, LineExplanation, TierExplanation
from commissions.models import Commission, OrderCommissionTerms, Plan, Rule
from commissions.plan_cache import plans_in_force
from commissions.services import accrual
from orders.intake import PlacedOrder
from orders.models import Attribution, Order, OrderLine

TIERS = (1, 2)


def explain(order: Order) -> tuple[LineExplanation, ...]:
    """Each line of ``order``, in their order; in a number of queries that no order exceeds."""
    kept = _load_order(order)
    plan = _plan(kept)
    lines = list(kept.lines.all())
    if plan is None:
        nobody = _without_plan(kept.attribution, 1), _without_plan(kept.attribution, 2)
        return tuple(_line(line, None, nobody) for line in lines)
    earned = [{one.tier: one for one in line.commissions.all()} for line in lines]
    bases = _bases(kept, plan, earned)
    awards = [rules.award(basis, quantity=basis.quantity, paid=basis.paid) for basis in bases]
    explainer = _TierExplainer(kept, plan, rule_rows(award for both in awards for award in both))
    return tuple(
        _line(line, plan, (
            explainer.tier(line, basis, both[0], 1, found.get(1)),
            explainer.tier(line, basis, both[1], 2, found.get(2)),
        ))
        for line, basis, both, found in zip(lines, bases, awards, earned, strict=True)
    )  # fmt: skip


def _load_order(order: Order) -> Order:
    commissions = Commission.objects.select_related("settlement").prefetch_related(
        "holds", "clawbacks__refund"
    )
    return (
        Order.objects.select_related(
            "terms__plan", "attribution__tier1__member", "attribution__tier2__member"
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
    """The rules that decide, with what they are for; one query."""
    keys = {offer.rule for award in awards for offer in award.offers}
    return Rule.objects.select_related("product", "category", "level", "segment").in_bulk(keys)


def _bases(order: Order, plan: Plan, earned: list[dict[int, Commission]]) -> list[rules.Basis]:
    """What decides each line: as it was kept with a commission, else computed anew."""
    if all(earned):
        anew: list[rules.Basis | None] = [None] * len(earned)
    else:
        placed = PlacedOrder(order, tuple(order.lines.all()), order.attribution)
        anew = list(accrual.bases(placed, plan))
    found = []
    for commissions, basis in zip(earned, anew, strict=True):
        kept = next(iter(commissions.values()), None)
        found.append(kept.basis if kept else basis)
    return [basis for basis in found if basis]


def _without_plan(attribution: Attribution, tier: int) -> TierExplanation:
    distributor = getattr(attribution, f"tier{tier}")
    text = sentences.who(attribution, tier)
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
        attribution = self.order.attribution
        text = [
            *sentences.who(attribution, tier),
            *sentences.rule_outcome(award, basis, self.plan, self.rows),
        ]
        left = rules.award(basis, quantity=line.remaining_quantity, paid=line.remaining_paid)
        current = min(award.amount, left[tier - 1].amount)
        if commission and commission.status == Commission.Status.CREDITED:
            current = min(current, commission.current)  # once credited it only falls
        stored = 0, 0
        state = EXPECTED if award.amount and not accrual.has_accrued(self.order) else ""
        if commission:
            state, stored = commission.state, (commission.original, commission.current)
            text += sentences.refund_effects(commission, line) + sentences.current_status(
                commission
            )
        elif state:
            stored = award.amount, current
            text += sentences.unpaid_order(award)
        matches_stored = stored == (award.amount, current)
        if not matches_stored:
            text.append(sentences.stored_mismatch(stored[1], current, award.asset))
        return TierExplanation(
            tier=tier,
            distributor=getattr(attribution, f"tier{tier}"),
            reason=award.reason,
            asset=commission.asset if commission else award.asset,
            original=stored[0],
            current=stored[1],
            state=state,
            sentences=tuple(text),
            matches_stored=matches_stored,
        )


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
