"""New orders: everything that decides an amount is frozen here, as of the moment of placement."""

from __future__ import annotations

from collections.abc import Sequence

from common.bulk_insert import insert_deferred
from distribution import queries as distribution
from distribution.models import Source
from distribution.queries import DistributorSnapshot, Uplines
from distribution.services import (
    Purchase,
    bind_pending_referrals,
    lock_members,
    record_purchases,
    refer,
)
from events.models import Reference
from members.models import Identity
from members.services import Newcomer, get_or_create_member_ids
from orders.models import Attribution, Order, OrderLine, Policy
from orders.services.known import protect
from orders.services.situation import Fresh, Situation
from orders.snapshots import OrderSnapshot

MALL = Identity.Provider.MALL


def place(facts: Sequence[OrderSnapshot], orders: dict[str, Order], now: Situation) -> list[Order]:
    """Insert new orders with their lines and who is paid for them; they are added to ``orders``."""
    if not facts:
        return []
    # By number: two transactions that place the same orders wait for each other in one order.
    facts = sorted(facts, key=lambda one: one.number)
    fresh = [now.fresh[one.number] for one in facts]
    joined = _join(facts, fresh)
    placed = [_order(one, its) for one, its in zip(facts, fresh, strict=True)]
    protect(placed)
    for order, one, its in zip(placed, facts, fresh, strict=True):
        # Followers in this transaction need not read back what has just been written.
        order.all_lines, order.just_placed = _lines(one, order, its), True
    insert_deferred(placed, [line for order in placed for line in order.all_lines])
    bound = _bind(facts, placed, now)
    insert_deferred(_attributions(placed, None if joined or bound else fresh))
    record_purchases(Purchase(order.buyer_id, ordered_at=order.placed_at) for order in placed)
    orders |= {order.number: order for order in placed}
    return placed


def _join(facts: Sequence[OrderSnapshot], fresh: Sequence[Fresh]) -> bool:
    """Let newcomers join; whether there were any."""
    new = [
        Newcomer(one.buyer, one.placed_at)
        for one, its in zip(facts, fresh, strict=True)
        if its.buyer is None
    ]
    if new:
        keys = get_or_create_member_ids(MALL, new)
        for one, its in zip(facts, fresh, strict=True):
            its.buyer = its.buyer or keys[one.buyer]
    return bool(new)


def _order(one: OrderSnapshot, its: Fresh) -> Order:
    assert its.buyer, "has joined"
    times = {name: getattr(one, name) for name in Order.EVENT_TIMES}
    return Order(
        pk=its.key,
        number=one.number,
        buyer_id=its.buyer,
        placed_at=one.placed_at,
        contact=one.contact,
        **times,
    )


def _lines(one: OrderSnapshot, order: Order, its: Fresh) -> list[OrderLine]:
    lines = []
    for line, key, goods in zip(one.lines, its.line_keys, its.goods, strict=True):
        assert goods, "checked before"
        written = OrderLine(
            pk=key,
            order=order,
            number=line.number,
            sku_id=goods.sku_id,
            product_id=goods.product_id,
            categories=goods.categories,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount=line.discount,
            shipping=line.shipping,
            unit_cost=goods.cost if line.unit_cost is None else line.unit_cost,
        )
        written.paid, written.all_refunds = line.paid, []
        lines.append(written)
    return lines


def _bind(facts: Sequence[OrderSnapshot], placed: Sequence[Order], now: Situation) -> bool:
    """Whoever an order names as bringer binds first; then those who wait for their first order.

    :returns: whether anybody may have been bound
    """
    brought = [
        (one, order) for one, order in zip(facts, placed, strict=True) if one.referrer is not None
    ]
    if brought:
        # Before the first is bound: two batches with the same buyers wait, and do not deadlock.
        lock_members(*{order.buyer_id for _, order in brought})
        names = {one.referrer or "" for one, _ in brought}
        known = Identity.objects.filter(provider=MALL, external_id__in=names)
        referrers = {each.external_id: each.member for each in known.select_related("member")}
        for one, order in sorted(brought, key=lambda pair: pair[1].placed_at):
            if referrer := referrers.get(one.referrer or ""):
                refer(
                    member=order.buyer, referrer=referrer, source=Source.ORDER,
                    at=order.placed_at, evidence=Reference.to(order),
                )  # fmt: skip
    if now.binds_at_first_order:
        bind_pending_referrals((order.buyer_id, order.placed_at) for order in placed)
    return bool(brought) or now.binds_at_first_order


def _attributions(orders: Sequence[Order], known: Sequence[Fresh] | None) -> list[Attribution]:
    """Who is paid for each order, as things stood when it was placed; not saved yet.

    :param known: how things stand; ``None``: they have changed since, and are asked for again
    """
    upline_chains = (
        distribution.upline_chains([(order.buyer_id, order.placed_at) for order in orders])
        if known is None
        else [its.lineage for its in known]
    )
    to_self = (
        any(lineage.own for lineage in upline_chains)
        and Policy.current().self_purchase == Policy.SelfPurchase.SELF
    )
    return [
        build_attribution(order, lineage, to_self=to_self)
        for order, lineage in zip(orders, upline_chains, strict=True)
    ]


def build_attribution(order: Order, lineage: Uplines, *, to_self: bool) -> Attribution:
    first, second, why = lineage.upline, lineage.tier2, Attribution.Reason.UPLINE
    if to_self and lineage.own and lineage.own.status == "active":
        first, second, why = lineage.own, lineage.upline, Attribution.Reason.SELF
    return Attribution(
        order=order,
        **_tier(1, first, why),
        **_tier(2, second if first else None, Attribution.Reason.UPLINE_OF_TIER_1),
    )


def _tier(tier: int, who: DistributorSnapshot | None, why: Attribution.Reason) -> dict[str, object]:
    if who is None:
        return {f"tier{tier}_reason": Attribution.Reason.NO_UPLINE}
    return {
        f"tier{tier}_id": who.distributor_id,
        f"tier{tier}_reason": why,
        f"tier{tier}_status": who.status,
        f"tier{tier}_level_id": who.level_id,
        f"tier{tier}_segment_id": who.segment_id,
    }
