"""Insert new orders; everything that decides an amount is fixed as of placement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.queries import Goods
from common.bulk_insert import insert, reserve_keys
from distribution.models import Source
from distribution.queries import Uplines, upline_chains
from distribution.services import bind_pending_referrals, lock_members, refer
from events.models import Reference
from members.models import Identity
from members.services import Newcomer, get_or_create_member_ids
from orders.intake.shares import build_order_shares
from orders.intake.update import set_release_times
from orders.models import Attribution, Order, OrderLine, Policy
from orders.snapshots import LineSnapshot, OrderSnapshot
from sharing.models import Share
from sharing.services import SharedOrder, bind_by_share, resolve_order_shares

MALL = Identity.Provider.MALL


@dataclass(frozen=True, slots=True)
class OrderWithLines:
    """An order as this transaction has just inserted or read it under its lock."""

    order: Order
    lines: tuple[OrderLine, ...]
    attribution: Attribution


def create_orders(
    snapshots: Sequence[OrderSnapshot], goods: dict[str, list[Goods | None]]
) -> list[OrderWithLines]:
    """Insert orders with their lines and attributions; buyers who are not known yet join.

    :param goods: of each order's lines, all known
    """
    if not snapshots:
        return []
    # Sorted, so that two transactions with the same orders wait and do not deadlock.
    snapshots = sorted(snapshots, key=lambda snapshot: snapshot.number)
    newcomers = [Newcomer(snapshot.buyer, snapshot.placed_at) for snapshot in snapshots]
    buyers = get_or_create_member_ids(MALL, newcomers)
    orders = [_build_order(snapshot, buyers[snapshot.buyer]) for snapshot in snapshots]
    _lock_buyers_to_bind(snapshots, orders)
    shares = _resolve_shares(orders)
    set_release_times(orders)
    lines = [
        build_lines(order, snapshot, goods[snapshot.number])
        for order, snapshot in zip(orders, snapshots, strict=True)
    ]
    all_lines = [line for own in lines for line in own]
    _assign_keys(orders, all_lines)
    _bind_to_named_referrers(snapshots, orders, shares)
    chains = _bind_by_first_order(orders)
    attributions = _build_attributions(orders, chains)
    came_by = build_order_shares(orders, chains, attributions, shares)
    # Orders first: the other rows refer to them.
    insert(orders, all_lines, attributions, came_by)
    return [
        OrderWithLines(order, tuple(own), attribution)
        for order, own, attribution in zip(orders, lines, attributions, strict=True)
    ]


def _build_order(snapshot: OrderSnapshot, buyer: int) -> Order:
    return Order(
        number=snapshot.number,
        buyer_id=buyer,
        placed_at=snapshot.placed_at,
        contact=snapshot.contact,
        revision=snapshot.revision,
        share=snapshot.share,
        region=snapshot.region,
        metadata=snapshot.metadata,
        **{name: getattr(snapshot, name) for name in Order.EVENT_TIMES},
    )


def build_lines(
    order: Order, snapshot: OrderSnapshot, goods: Sequence[Goods | None]
) -> list[OrderLine]:
    return [
        _build_line(order, line, known)
        for line, known in zip(snapshot.lines, goods, strict=True)
        if known  # validated: every line has goods
    ]


def _build_line(order: Order, snapshot: LineSnapshot, goods: Goods) -> OrderLine:
    line = OrderLine(
        order=order,
        number=snapshot.number,
        sku_id=goods.sku_id,
        product_id=goods.product_id,
        categories=goods.categories,
        quantity=snapshot.quantity,
        unit_price=snapshot.unit_price,
        discount=snapshot.discount,
        shipping=snapshot.shipping,
        unit_cost=goods.cost if snapshot.unit_cost is None else snapshot.unit_cost,
    )
    line.paid = snapshot.paid  # computed by the database, which is not asked again
    return line


def _assign_keys(orders: Sequence[Order], lines: Sequence[OrderLine]) -> None:
    """Reserve keys, so that orders, lines and attributions are inserted in one round trip."""
    keys, line_keys = reserve_keys((Order, len(orders)), (OrderLine, len(lines)))
    for order, key in zip(orders, keys, strict=True):
        order.pk = key
    for line, key in zip(lines, line_keys, strict=True):
        line.pk, line.order = key, line.order  # assigned again: its order has a key now


def _lock_buyers_to_bind(snapshots: Sequence[OrderSnapshot], orders: Sequence[Order]) -> None:
    """Lock the buyers whose orders name a referrer or carry a share, all at once.

    Before the first binding, and before a share gets its row: sign-ins take the locks in this
    order, too, so that two transactions wait and do not deadlock.
    """
    buyers = {
        order.buyer_id
        for snapshot, order in zip(snapshots, orders, strict=True)
        if snapshot.referrer is not None or order.share
    }
    if buyers:
        lock_members(*buyers)


def _resolve_shares(orders: Sequence[Order]) -> dict[str, Share]:
    """Return the shares that the orders carry; an order gets the code of the share's row."""
    carried = [(order.share, order.placed_at) for order in orders if order.share]
    shares = resolve_order_shares(carried) if carried else {}
    for order in orders:
        if share := shares.get(order.share):
            order.share = share.code
    return {share.code: share for share in shares.values()}


def _bind_to_named_referrers(
    snapshots: Sequence[OrderSnapshot], orders: Sequence[Order], shares: dict[str, Share]
) -> None:
    """Bind buyers to the referrers that their orders name, or whose shares they carry."""
    named = sorted(
        (
            (snapshot.referrer, order)
            for snapshot, order in zip(snapshots, orders, strict=True)
            if snapshot.referrer is not None or order.share in shares
        ),
        key=lambda pair: pair[1].placed_at,
    )
    if not named:
        return
    identities = Identity.objects.filter(
        provider=MALL, external_id__in={referrer for referrer, _ in named if referrer}
    )
    referrers = {row.external_id: row.member for row in identities.select_related("member")}
    for name, order in named:
        evidence = Reference.to(order)
        if name and (referrer := referrers.get(name)):
            refer(
                member=order.buyer, referrer=referrer, source=Source.ORDER,
                at=order.placed_at, evidence=evidence,
            )  # fmt: skip
        if order.share in shares:
            shared = SharedOrder(order.share, order.buyer, order.placed_at, evidence)
            bind_by_share(shared, shares[order.share])


def _bind_by_first_order(orders: Sequence[Order]) -> list[Uplines]:
    """Bind referred buyers who waited for an order; return all buyers' uplines at placement."""
    placed = [(order.buyer_id, order.placed_at) for order in orders]
    chains = upline_chains(placed)
    unbound = [
        placement for placement, uplines in zip(placed, chains, strict=True) if not uplines.tier1
    ]
    if unbound and bind_pending_referrals(unbound):
        chains = upline_chains(placed)
    return chains


def _build_attributions(orders: Sequence[Order], chains: Sequence[Uplines]) -> list[Attribution]:
    to_self = (
        any(uplines.own for uplines in chains)
        and Policy.current().self_purchase == Policy.SelfPurchase.SELF
    )
    return [
        build_attribution(order, uplines, to_self=to_self)
        for order, uplines in zip(orders, chains, strict=True)
    ]


def build_attribution(order: Order, uplines: Uplines, *, to_self: bool) -> Attribution:
    """Return the attribution of an order, not saved.

    :param uplines: of the buyer at placement
    :param to_self: whether an active distributor earns tier 1 of their own orders
    """
    tier1, tier2, reason = uplines.tier1, uplines.tier2, Attribution.Reason.UPLINE
    if to_self and uplines.own and uplines.own.status == "active":
        tier1, tier2, reason = uplines.own, uplines.tier1, Attribution.Reason.SELF
    attribution = Attribution(
        order=order,
        tier1_reason=Attribution.Reason.NO_UPLINE,
        tier2_reason=Attribution.Reason.NO_UPLINE,
    )
    if tier1:
        attribution.tier1_id, attribution.tier1_reason = tier1.distributor_id, reason
        attribution.tier1_status = tier1.status
        attribution.tier1_level_id = tier1.level_id
        attribution.tier1_segment_id = tier1.segment_id
    if tier1 and tier2:
        attribution.tier2_id = tier2.distributor_id
        attribution.tier2_reason = Attribution.Reason.UPLINE_OF_TIER_1
        attribution.tier2_status = tier2.status
        attribution.tier2_level_id = tier2.level_id
        attribution.tier2_segment_id = tier2.segment_id
    return attribution
