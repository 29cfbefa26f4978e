"""Simulate what a plan pays for a basket, with the rules of real orders and without an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from catalog.queries import Goods, goods_at
from commissions import rules
from commissions.explanations import LineExplanation, TierExplanation, sentences
from commissions.explanations.order import EXPECTED, rule_rows
from commissions.models import Plan
from commissions.plan_cache import plan_terms
from commissions.services import accrual
from common.errors import TwotierError
from distribution import queries as distribution
from distribution.models import Distributor, Referral
from distribution.models import Policy as DistributionPolicy
from distribution.queries import Uplines
from members.models import Member
from orders.intake.create import build_attribution
from orders.models import Attribution, Order, Policy


class BasketSkuUnknown(TwotierError):
    code = "basket_sku_unknown"
    message = _("Item %(number)s: there is no SKU “%(sku)s”. Check its code.")
    status = 422


class BasketQuantityInvalid(TwotierError):
    code = "basket_quantity_invalid"
    message = _("Item %(number)s: the quantity must be at least 1.")
    status = 422


class BasketPriceInvalid(TwotierError):
    code = "basket_price_invalid"
    message = _("Item %(number)s: neither the price, the discount nor the sum may be below 0.")
    status = 422


@dataclass(frozen=True, slots=True)
class BasketItem:
    """An item in fen. ``unit_price``: by default the SKU's; ``discount``: of the whole line."""

    sku: str
    quantity: int = 1
    unit_price: int | None = None
    discount: int = 0


def simulate(
    *, plan: Plan, basket: Sequence[BasketItem], buyer: Member, at: datetime
) -> tuple[LineExplanation, ...]:
    """Compute what each line of ``basket`` would pay if it were ordered ``at``; write nothing.

    :param plan: published or a draft
    :raises BasketSkuUnknown: there is no such SKU
    :raises BasketQuantityInvalid: an item has no units
    :raises BasketPriceInvalid: a price below 0, or more discount than price
    """
    goods = goods_at(at, [item.sku for item in basket])
    lines = [_goods(number, item, goods) for number, item in enumerate(basket, start=1)]
    uplines, new_upline = _uplines_after_order(buyer, at)
    attribution = _attribution(uplines)
    boosts = accrual.boosts_of(attribution, at)
    beneficiaries = accrual.beneficiaries(attribution, boosts)
    bases = rules.build_bases(plan_terms(plan), lines, beneficiaries, at)
    awards = [rules.award(basis, quantity=basis.quantity, paid=basis.paid) for basis in bases]
    rows = rule_rows(award for tiers in awards for award in tiers)
    holders = sentences.tier_holder(attribution, 1), sentences.tier_holder(attribution, 2)

    def tier(number: int, award: rules.Award, basis: rules.Basis) -> TierExplanation:
        return TierExplanation(
            tier=number,
            distributor=getattr(attribution, f"tier{number}"),
            reason=award.reason,
            asset=award.asset,
            original=award.amount,
            current=award.amount,
            state=EXPECTED if award.amount else "",
            sentences=(
                *holders[number - 1],
                *_binding_sentences(getattr(attribution, f"tier{number}"), new_upline),
                *sentences.rule_outcome(award, basis, plan, rows),
                *sentences.own_boost(award, boosts[number - 1]),
            ),
        )

    return tuple(
        LineExplanation(
            number=number,
            sku=item.sku,
            product=goods[item.sku].product,
            quantity=item.quantity,
            paid=basis.paid,
            remaining_quantity=item.quantity,
            remaining_paid=basis.paid,
            plan=plan,
            tiers=(tier(1, first, basis), tier(2, second, basis)),
        )
        for number, (item, basis, (first, second)) in enumerate(
            zip(basket, bases, awards, strict=True), start=1
        )
    )


def _goods(number: int, item: BasketItem, known: dict[str, Goods]) -> rules.Goods:
    goods = known.get(item.sku)
    if goods is None:
        raise BasketSkuUnknown(number=number, sku=item.sku)
    if item.quantity < 1:
        raise BasketQuantityInvalid(number=number)
    price = goods.price if item.unit_price is None else item.unit_price
    paid = price * item.quantity - item.discount
    if min(price, item.discount, paid) < 0:
        raise BasketPriceInvalid(number=number)
    return rules.Goods(
        product=goods.product_id,
        categories=tuple(goods.categories),
        quantity=item.quantity,
        paid=paid,
        unit_cost=goods.cost,
    )


def _attribution(uplines: Uplines) -> Attribution:
    """Build the attribution of such an order; not saved."""
    to_self = Policy.current().self_purchase == Policy.SelfPurchase.SELF
    return build_attribution(Order(), uplines, to_self=to_self)


def _uplines_after_order(buyer: Member, at: datetime) -> tuple[Uplines, int | None]:
    """Return the uplines that an order ``at`` would see, and the distributor it would bind to.

    Mirrors ``distribution.services.bind_pending_referrals`` without writing a binding.
    """
    [current] = distribution.upline_chains([(buyer.pk, at)])
    referral = _pending_referral(buyer, at)
    if referral is None:
        return current, None
    [referrer] = distribution.upline_chains([(referral.referrer_id, at)])
    if referrer.own is None or referrer.own.status != Distributor.Status.ACTIVE:
        return current, None
    if current.own and _would_create_cycle(buyer, referrer.own.distributor_id, at):
        return current, None
    bound = replace(current, tier1=referrer.own, tier2=referrer.tier1)
    return bound, referrer.own.distributor_id


def _pending_referral(buyer: Member, at: datetime) -> Referral | None:
    """Return the referral that the buyer's order would turn into a binding."""
    policy = DistributionPolicy.current()
    if policy.binding_trigger != policy.BindingTrigger.FIRST_ORDER:
        return None
    referrals = Referral.objects.filter(member=buyer, at__lte=at)
    referral = referrals.exclude(member__bindings__started_at__lte=at).first()
    if (
        referral
        and policy.binding_audience == policy.BindingAudience.NEW
        and buyer.joined_at < referral.at
    ):
        return None
    return referral


def _would_create_cycle(buyer: Member, distributor_id: int, at: datetime) -> bool:
    to = Distributor.objects.get(pk=distributor_id)
    [preview] = distribution.preview_reassignment(members=[buyer], to=to, at=at)
    return preview.outcome == "circle"


def _binding_sentences(distributor: Distributor | None, new_upline: int | None) -> list[str]:
    if distributor is None or distributor.pk != new_upline:
        return []
    text = _("The buyer has no upline yet: this order binds them to %(who)s, who referred them.")
    return [text % {"who": distributor}]
