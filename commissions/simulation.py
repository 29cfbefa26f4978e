"""What would be paid for a basket: by the rules that judge orders, without an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from catalog.queries import Goods, goods_at
from commissions import rules
from commissions.explanations import LineExplanation, TierExplanation, sentences
from commissions.explanations.line_explanation import EXPECTED
from commissions.explanations.order import rule_rows
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


class InvalidBasket(TwotierError):
    code = "invalid_basket"
    message = _("Item %(number)s cannot be bought: %(what)s.")
    status = 422


@dataclass(frozen=True, slots=True)
class BasketItem:
    """Fen; ``unit_price`` ``None`` is the SKU's, ``discount`` is of the whole line."""

    sku: str
    quantity: int = 1
    unit_price: int | None = None
    discount: int = 0


def simulate(
    *, plan: Plan, basket: Sequence[BasketItem], buyer: Member, at: datetime
) -> tuple[LineExplanation, ...]:
    """What each line of ``basket`` would pay if it were ordered ``at``. Nothing is written.

    :param plan: a draft too
    :raises NotABasket: an unknown SKU, no units, or more discount than price
    """
    goods = goods_at(at, [item.sku for item in basket])
    lines = [_goods(number, item, goods) for number, item in enumerate(basket, start=1)]
    lineage, waits_for = _uplines_after_order(buyer, at)
    attribution = _attribution(lineage)
    payees = accrual.payee(attribution, 1), accrual.payee(attribution, 2)
    bases = rules.build_bases(plan_terms(plan), lines, payees, at)
    awards = [rules.award(basis, quantity=basis.quantity, paid=basis.paid) for basis in bases]
    rows = rule_rows(award for both in awards for award in both)
    people = sentences.who(attribution, 1), sentences.who(attribution, 2)

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
                *people[number - 1],
                *_binding_sentences(getattr(attribution, f"tier{number}"), waits_for),
                *sentences.rule_outcome(award, basis, plan, rows),
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
    found = known.get(item.sku)
    if found is None:
        raise InvalidBasket(number=number, what=_("there is no SKU “%(sku)s”") % {"sku": item.sku})
    if item.quantity < 1:
        raise InvalidBasket(number=number, what=_("the quantity is below 1"))
    price = found.price if item.unit_price is None else item.unit_price
    paid = price * item.quantity - item.discount
    if price < 0 or item.discount < 0 or paid < 0:
        raise InvalidBasket(number=number, what=_("it would cost less than nothing"))
    return rules.Goods(
        product=found.product_id,
        categories=tuple(found.categories),
        quantity=item.quantity,
        paid=paid,
        unit_cost=found.cost,
    )


def _attribution(lineage: Uplines) -> Attribution:
    """Who would be paid; not saved."""
    to_self = Policy.current().self_purchase == Policy.SelfPurchase.SELF
    return build_attribution(Order(), lineage, to_self=to_self)


def _uplines_after_order(buyer: Member, at: datetime) -> tuple[Uplines, int | None]:
    """As it would be once ``buyer`` has ordered ``at``; whom that order itself would bind them to.

    As ``distribution.services.bind_pending_referrals`` has it, without binding anybody.
    """
    [now] = distribution.upline_chains([(buyer.pk, at)])
    referral = _pending_referral(buyer, at)
    if referral is None:
        return now, None
    [above] = distribution.upline_chains([(referral.referrer_id, at)])
    if above.buyer is None or above.buyer.status != Distributor.Status.ACTIVE:
        return now, None
    if now.buyer and _would_create_cycle(buyer, above.buyer.distributor_id, at):
        return now, None
    bound = replace(now, tier1=above.buyer, tier2=above.tier1)
    return bound, above.buyer.distributor_id


def _pending_referral(buyer: Member, at: datetime) -> Referral | None:
    """Who brought somebody whom their order would bind."""
    policy = DistributionPolicy.current()
    if policy.binding_trigger != policy.BindingTrigger.FIRST_ORDER:
        return None
    brought = Referral.objects.filter(member=buyer, at__lte=at)
    referral = brought.exclude(member__bindings__started_at__lte=at).first()
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


def _binding_sentences(distributor: Distributor | None, waits_for: int | None) -> list[str]:
    if distributor is None or distributor.pk != waits_for:
        return []
    said = _("The buyer has no upline yet: this order binds them to %(who)s, who has brought them.")
    return [said % {"who": distributor}]
