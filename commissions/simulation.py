"""What would be paid for a basket: by the rules that judge orders, without an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from catalog.queries import Goods, goods_at
from commissions import rules
from commissions.explaining import LineExplanation, TierExplanation, words
from commissions.explaining.answers import EXPECTED
from commissions.explaining.order import rule_rows
from commissions.models import Plan
from commissions.published import terms_of
from commissions.services import accrual
from common.errors import TwotierError
from distribution import queries as distribution
from distribution.models import Distributor, Referral
from distribution.models import Policy as DistributionPolicy
from distribution.queries import Lineage
from members.models import Member
from orders.models import Attribution, Order, Policy
from orders.services import placement


class NotABasket(TwotierError):
    code = "not_a_basket"
    message = _("Item %(number)s cannot be bought: %(what)s.")
    status = 422


@dataclass(frozen=True, slots=True)
class Item:
    """Fen; ``unit_price`` ``None`` is the SKU's, ``discount`` is of the whole line."""

    sku: str
    quantity: int = 1
    unit_price: int | None = None
    discount: int = 0


def simulate(
    *, plan: Plan, basket: Sequence[Item], buyer: Member, at: datetime
) -> tuple[LineExplanation, ...]:
    """What each line of ``basket`` would pay if it were ordered ``at``. Nothing is written.

    :param plan: a draft too
    :raises NotABasket: an unknown SKU, no units, or more discount than price
    """
    goods = goods_at(at, [item.sku for item in basket])
    lines = [_goods(number, item, goods) for number, item in enumerate(basket, start=1)]
    lineage, waits_for = _lineage(buyer, at)
    attribution = _attribution(lineage)
    payees = accrual.payee(attribution, 1), accrual.payee(attribution, 2)
    bases = rules.judge(terms_of(plan), lines, payees, at)
    awards = [rules.award(basis, quantity=basis.quantity, paid=basis.paid) for basis in bases]
    rows = rule_rows(award for both in awards for award in both)
    people = words.who(attribution, 1), words.who(attribution, 2)

    def tier(number: int, award: rules.Award, basis: rules.Basis) -> TierExplanation:
        return TierExplanation(
            tier=number,
            distributor=getattr(attribution, f"tier{number}"),
            why=award.why,
            asset=award.asset,
            original=award.amount,
            current=award.amount,
            state=EXPECTED if award.amount else "",
            sentences=(
                *people[number - 1],
                *_binds(getattr(attribution, f"tier{number}"), waits_for),
                *words.decided(award, basis, plan, rows),
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


def _goods(number: int, item: Item, known: dict[str, Goods]) -> rules.Goods:
    found = known.get(item.sku)
    if found is None:
        raise NotABasket(number=number, what=_("there is no SKU “%(sku)s”") % {"sku": item.sku})
    if item.quantity < 1:
        raise NotABasket(number=number, what=_("the quantity is below 1"))
    price = found.price if item.unit_price is None else item.unit_price
    paid = price * item.quantity - item.discount
    if price < 0 or item.discount < 0 or paid < 0:
        raise NotABasket(number=number, what=_("it would cost less than nothing"))
    return rules.Goods(
        product=found.product_id,
        categories=tuple(found.categories),
        quantity=item.quantity,
        paid=paid,
        unit_cost=found.cost,
    )


def _attribution(lineage: Lineage) -> Attribution:
    """Who would be paid; not saved."""
    to_self = Policy.current().self_purchase == Policy.SelfPurchase.SELF
    return placement.attribution_of(Order(), lineage, to_self=to_self)


def _lineage(buyer: Member, at: datetime) -> tuple[Lineage, int | None]:
    """As it would be once ``buyer`` has ordered ``at``; whom that order itself would bind them to.

    As ``distribution.services.bind_waiting`` has it, without binding anybody.
    """
    [now] = distribution.lineages([(buyer.pk, at)])
    referral = _waiting(buyer, at)
    if referral is None:
        return now, None
    [above] = distribution.lineages([(referral.referrer_id, at)])
    if above.own is None or above.own.status != Distributor.Status.ACTIVE:
        return now, None
    if now.own and _would_circle(buyer, above.own.distributor_id, at):
        return now, None
    bound = replace(now, upline=above.own, upline_of_upline=above.upline)
    return bound, above.own.distributor_id


def _waiting(buyer: Member, at: datetime) -> Referral | None:
    """Who brought somebody whom their order would bind."""
    policy = DistributionPolicy.current()
    if policy.when != policy.When.FIRST_ORDER:
        return None
    brought = Referral.objects.filter(member=buyer, at__lte=at)
    referral = brought.exclude(member__bindings__started_at__lte=at).first()
    if referral and policy.who == policy.Who.NEW and buyer.joined_at < referral.at:
        return None
    return referral


def _would_circle(buyer: Member, distributor_id: int, at: datetime) -> bool:
    to = Distributor.objects.get(pk=distributor_id)
    [preview] = distribution.preview_reassignment(members=[buyer], to=to, at=at)
    return preview.outcome == "circle"


def _binds(distributor: Distributor | None, waits_for: int | None) -> list[str]:
    if distributor is None or distributor.pk != waits_for:
        return []
    said = _("The buyer has no upline yet: this order binds them to %(who)s, who has brought them.")
    return [said % {"who": distributor}]
