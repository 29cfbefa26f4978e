"""What would be paid for a basket: by the rules that judge orders, without an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from commissions import rules
from commissions.explaining import LineExplanation, TierExplanation, words
from commissions.explaining.answers import EXPECTED
from commissions.explaining.order import rule_rows
from commissions.models import Plan
from commissions.published import terms_of
from commissions.services import accrual
from common.errors import TwotierError
from distribution import queries as distribution
from members.models import Member
from orders.facts import LineFacts, OrderFacts
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
    goods = placement.goods_of([_as_order(basket, at)])
    lines = [_goods(number, item, goods) for number, item in enumerate(basket, start=1)]
    attribution = _attribution(buyer, at)
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
            sentences=(*people[number - 1], *words.decided(award, basis, plan, rows)),
        )

    return tuple(
        LineExplanation(
            number=number,
            sku=item.sku,
            product=goods[item.sku].sku.product.name,
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


def _as_order(basket: Sequence[Item], at: datetime) -> OrderFacts:
    lines = tuple(
        LineFacts(number=number, sku=item.sku, quantity=item.quantity, unit_price=0)
        for number, item in enumerate(basket, start=1)
    )
    return OrderFacts(number="", buyer="", placed_at=at, lines=lines)


def _goods(number: int, item: Item, known: dict[str, placement.Goods]) -> rules.Goods:
    found = known.get(item.sku)
    if found is None:
        raise NotABasket(number=number, what=_("there is no SKU “%(sku)s”") % {"sku": item.sku})
    if item.quantity < 1:
        raise NotABasket(number=number, what=_("the quantity is below 1"))
    price = found.sku.price if item.unit_price is None else item.unit_price
    paid = price * item.quantity - item.discount
    if price < 0 or item.discount < 0 or paid < 0:
        raise NotABasket(number=number, what=_("it would cost less than nothing"))
    return rules.Goods(
        product=found.sku.product_id,
        categories=tuple(found.categories),
        quantity=item.quantity,
        paid=paid,
        unit_cost=found.sku.cost,
    )


def _attribution(buyer: Member, at: datetime) -> Attribution:
    """Who would be paid if ``buyer`` ordered ``at``; not saved."""
    [lineage] = distribution.lineages([(buyer.pk, at)])
    to_self = Policy.current().self_purchase == Policy.SelfPurchase.SELF
    return placement.attribution_of(Order(), lineage, to_self=to_self)
