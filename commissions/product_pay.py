"""What the SKUs of a product pay both tiers, by the plan in force and by the next one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Product, Sku
from catalog.queries import Goods, goods_at
from commissions import rules
from commissions.models import Plan, Rule
from commissions.plan_cache import plan_terms
from commissions.potential import ANYBODY
from distribution.models import Level, Segment


@dataclass(frozen=True, slots=True)
class Pay:
    """What one unit of a SKU pays to an audience; ``audience`` is ``None`` for everyone else."""

    sku: Sku
    audience: Level | Segment | None
    tier1: rules.Award
    tier2: rules.Award
    rows: tuple[Rule, ...]
    """The rules that decide, for both tiers."""

    @property
    def is_capped(self) -> bool:
        return "capped" in (self.tier1.reason, self.tier2.reason)


@dataclass(frozen=True, slots=True)
class ProductPay:
    """What a product pays by a plan."""

    plan: Plan
    rows: list[Pay]


def product_pay(product: Product, *, at: datetime) -> list[ProductPay]:
    """Return what a product pays now, and from the next published plan on. Queries are constant."""
    current = Plan.objects.in_force(at).first()
    following = Plan.objects.scheduled(at).first()
    skus = list(product.skus.order_by("code"))
    goods = goods_at(at, [sku.code for sku in skus])
    audiences = [*Level.objects.order_by("-rank"), *Segment.objects.order_by("name")]
    return [
        ProductPay(plan, _rows(plan, skus, goods, audiences, at=max(at, plan.starts_at or at)))
        for plan in (current, following)
        if plan is not None
    ]


def _rows(
    plan: Plan,
    skus: Iterable[Sku],
    goods: dict[str, Goods],
    audiences: Iterable[Level | Segment],
    *,
    at: datetime,
) -> list[Pay]:
    terms = plan_terms(plan)
    drafts = []
    for sku in skus:
        known = goods[sku.code]
        line = rules.Goods(known.product_id, tuple(known.categories), 1, known.price, known.cost)
        usual = _awards(terms, line, ANYBODY, at)
        drafts.append((sku, None, usual))
        for audience in audiences:
            special = _awards(terms, line, _beneficiary(audience), at)
            if special != usual:
                drafts.append((sku, audience, special))
    named = Rule.objects.select_related("product", "category", "level", "segment").in_bulk(
        {offer.rule for _sku, _who, pair in drafts for award in pair for offer in award.offers}
    )
    return [
        Pay(sku, audience, *pair, rows=tuple(
            named[key]
            for key in dict.fromkeys(offer.rule for award in pair for offer in award.offers)
        ))
        for sku, audience, pair in drafts
    ]  # fmt: skip


def _beneficiary(audience: Level | Segment) -> rules.Beneficiary:
    if isinstance(audience, Level):
        return rules.Beneficiary("active", level=audience.pk)
    return rules.Beneficiary("active", segment=audience.pk)


def _awards(
    terms: rules.Plan, line: rules.Goods, audience: rules.Beneficiary, at: datetime
) -> tuple[rules.Award, rules.Award]:
    [basis] = rules.build_bases(terms, [line], (audience, audience), at)
    return rules.award(basis, quantity=1, paid=line.paid)
