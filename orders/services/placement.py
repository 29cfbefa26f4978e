"""New orders: everything that decides an amount is frozen here, as of the moment of placement."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from django.db import connection

from catalog.models import Product, Sku
from common.inserting import insert
from distribution import queries as distribution
from distribution.models import Source
from distribution.queries import Lineage, Standpoint
from distribution.services import Purchase, bind_waiting, lock, purchased, refer
from events.models import Reference
from members.models import Identity
from members.services import Newcomer, members_of
from orders.facts import OrderFacts
from orders.models import Attribution, Order, OrderLine, Policy
from orders.services.known import protect

MALL = Identity.Provider.MALL


class Goods(NamedTuple):
    sku: Sku
    categories: list[int]
    """Of its product, the nearest first."""


def goods_of(facts: Sequence[OrderFacts]) -> dict[str, Goods]:
    """What the orders' lines name, by SKU code; what is unknown is missing."""
    codes = {line.sku for one in facts for line in one.lines}
    if not codes:
        return {}
    found: dict[str, Goods] = {}
    with connection.cursor() as cursor:
        cursor.execute(_GOODS, [list(codes)])
        for *columns, name, categories in cursor:
            sku = Sku.from_db(None, _SKU, columns)
            sku.product = Product.from_db(None, ("id", "name"), (sku.product_id, name))
            found[sku.code] = Goods(sku, categories)
    return found


_SKU = ("id", "product_id", "code", "price", "cost")  # in the model's order, as from_db wants it
_GOODS = """
SELECT sku.id, sku.product_id, sku.code, sku.price, sku.cost, product.name, ARRAY(
    SELECT above.id FROM catalog_category AS own
    JOIN catalog_category AS above
        ON above.tree_id = own.tree_id AND above.lft <= own.lft AND above.rght >= own.rght
    WHERE own.id = product.category_id ORDER BY above.level DESC
)
FROM catalog_sku AS sku JOIN catalog_product AS product ON product.id = sku.product_id
WHERE sku.code = ANY (%s)
"""


def place(
    facts: Sequence[OrderFacts], orders: dict[str, Order], goods: dict[str, Goods]
) -> list[Order]:
    """Insert new orders with their lines and who is paid for them; they are added to ``orders``."""
    if not facts:
        return []
    # By number: two transactions that place the same orders wait for each other in one order.
    facts = sorted(facts, key=lambda one: one.number)
    buyers = members_of(MALL, [Newcomer(one.buyer, one.placed_at) for one in facts])
    placed = [_order(one, buyers[one.buyer]) for one in facts]
    protect(placed)
    insert(placed)
    _bind(facts, placed)
    lines = [_lines(one, order, goods) for one, order in zip(facts, placed, strict=True)]
    insert(_attributions(placed), list(chain.from_iterable(lines)))
    for order, its in zip(placed, lines, strict=True):
        # Followers in this transaction need not read back what has just been written.
        order.all_lines, order.just_placed = its, True
        for line in its:
            line.all_refunds = []
    purchased(Purchase(order.buyer_id, ordered_at=order.placed_at) for order in placed)
    orders |= {order.number: order for order in placed}
    return placed


def _order(one: OrderFacts, buyer: int) -> Order:
    times = {name: getattr(one, name) for name in Order.FACTS}
    return Order(
        number=one.number, buyer_id=buyer, placed_at=one.placed_at, contact=one.contact, **times
    )


def _lines(one: OrderFacts, order: Order, goods: dict[str, Goods]) -> list[OrderLine]:
    lines = []
    for line in one.lines:
        sku, categories = goods[line.sku]
        lines.append(
            OrderLine(
                order=order,
                number=line.number,
                sku=sku,
                product_id=sku.product_id,
                categories=categories,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount=line.discount,
                shipping=line.shipping,
                unit_cost=sku.cost if line.unit_cost is None else line.unit_cost,
            )
        )
    return lines


def _bind(facts: Sequence[OrderFacts], placed: Sequence[Order]) -> None:
    """Whoever an order names as bringer binds first; then those who wait for their first order."""
    brought = [
        (one, order) for one, order in zip(facts, placed, strict=True) if one.referrer is not None
    ]
    if brought:
        # Before the first is bound: two batches with the same buyers wait, and do not deadlock.
        lock(*{order.buyer_id for _, order in brought})
        names = {one.referrer or "" for one, _ in brought}
        known = Identity.objects.filter(provider=MALL, external_id__in=names)
        referrers = {each.external_id: each.member for each in known.select_related("member")}
        for one, order in sorted(brought, key=lambda pair: pair[1].placed_at):
            if referrer := referrers.get(one.referrer or ""):
                refer(
                    member=order.buyer, referrer=referrer, source=Source.ORDER,
                    at=order.placed_at, evidence=Reference.to(order),
                )  # fmt: skip
    bind_waiting((order.buyer_id, order.placed_at) for order in placed)


def _attributions(orders: Sequence[Order]) -> list[Attribution]:
    """Who is paid for each order, as things stood when it was placed; not saved yet."""
    lineages = distribution.lineages([(order.buyer_id, order.placed_at) for order in orders])
    to_self = (
        any(lineage.own for lineage in lineages)
        and Policy.current().self_purchase == Policy.SelfPurchase.SELF
    )
    return [
        attribution_of(order, lineage, to_self=to_self)
        for order, lineage in zip(orders, lineages, strict=True)
    ]


def attribution_of(order: Order, lineage: Lineage, *, to_self: bool) -> Attribution:
    first, second, why = lineage.upline, lineage.upline_of_upline, Attribution.Why.UPLINE
    if to_self and lineage.own and lineage.own.status == "active":
        first, second, why = lineage.own, lineage.upline, Attribution.Why.SELF
    return Attribution(
        order=order,
        **_tier(1, first, why),
        **_tier(2, second if first else None, Attribution.Why.UPLINE_OF_TIER_1),
    )


def _tier(tier: int, who: Standpoint | None, why: Attribution.Why) -> dict[str, object]:
    if who is None:
        return {f"tier{tier}_why": Attribution.Why.NO_UPLINE}
    return {
        f"tier{tier}_id": who.distributor_id,
        f"tier{tier}_why": why,
        f"tier{tier}_status": who.status,
        f"tier{tier}_level_id": who.level_id,
        f"tier{tier}_segment_id": who.segment_id,
    }
