"""Read the commissions of a person, and the orders that they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from commissions.explanations import LineExplanation, TierExplanation, explain
from commissions.models import Commission
from distribution.rules import masked_name
from members.models import Member
from orders.models import Order, OrderLine, OrderShare


def via(order: Order, tier: int) -> str:
    """Return the nickname of the tier-1 distributor, for who earns as tier 2; else nothing.

    Not masked, as on the page of the team: tier 1 is their own direct distributor.
    """
    tier1 = order.attribution.tier1
    return tier1.member.nickname if tier != 1 and tier1 else ""


def origin(order: Order, tier: int) -> OrderShare | None:
    """Return how an order came by a share of the one who earns in a tier, if it did."""
    came_by: OrderShare | None = getattr(order, "came_by", None)
    return came_by if came_by and came_by.tier == tier else None


def commissions_of(member: Member, **filters: Any) -> QuerySet[Commission]:
    """Return the commissions of a person, with what a list shows of each.

    :param filters: status (also ``void``), tier, search (a whole order number)
    """
    rows = Commission.objects.visible_to(member).filter(_conditions(**filters))
    return rows.select_related(
        "line__order__attribution__tier1__member",
        "line__order__came_by__share",
        "line__order__came_by__visit",
        "line__product",
    ).prefetch_related("holds")


def _conditions(*, status: str = "", tier: int = 0, search: str = "") -> Q:
    conditions = Q()
    if status == Commission.VOID:
        conditions &= Q(current=0)
    elif status:
        conditions &= Q(status=status, current__gt=0)
    if tier:
        conditions &= Q(tier=tier)
    if search:
        conditions &= Q(line__order__number=search)
    return conditions


def find_commission(member: Member, public_id: str) -> Commission:
    """Return a commission of a person by its ``commission_id``.

    :raises Commission.DoesNotExist: the person has no such commission
    """
    number, *places = public_id.rsplit("-", 2)
    if not number or len(places) != 2 or not all(_is_small_number(place) for place in places):  # noqa: PLR2004
        raise Commission.DoesNotExist
    line, tier = places
    return commissions_of(member, search=number).get(line__number=line, tier=tier)


def _is_small_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5  # noqa: PLR2004 - a smallint


def explanation_of(row: Commission) -> tuple[LineExplanation, TierExplanation]:
    """Explain a commission: its line, and the tier that it pays."""
    lines = explain(row.line.order)
    line = next(line for line in lines if line.number == row.line.number)
    return line, line.tiers[row.tier - 1]


@dataclass(frozen=True, slots=True)
class EarningLine:
    """A line of an order, and what the person earns from it; ``kind`` is empty if nothing.

    Amounts in fen, those of the commission in minor units of its kind.
    """

    line_no: int
    title: str
    quantity: int
    paid: int
    refunded: int
    kind: str
    commission: int
    state: str


@dataclass(frozen=True, slots=True)
class EarningOrder:
    """An order on which a person earns; ``via`` is the nickname of tier 1 if they are tier 2.

    ``share``: the code of the person's share by which the order came; empty if it came otherwise.
    """

    order_no: str
    placed_at: datetime
    status: str
    status_text: str
    tier: int
    buyer: str
    via: str
    share: str
    paid: int
    refunded: int
    lines: tuple[EarningLine, ...]


def first_commissions(member: Member, **filters: Any) -> QuerySet[Commission]:
    """Return one commission for each order on which a person earns, the latest first.

    So that a page reads its own orders only: an order has no column for those who earn on it.
    """
    own = Commission.objects.visible_to(member)
    earlier = own.filter(line__order=OuterRef("line__order"), pk__lt=OuterRef("pk"))
    return own.filter(~Exists(earlier), _conditions(**filters))


def earning_orders(member: Member, page: Iterable[Commission]) -> list[EarningOrder]:
    """Return the orders of a page of ``first_commissions``, in a constant number of queries."""
    keys = [row.pk for row in page]
    own = Commission.objects.visible_to(member)
    lines = OrderLine.objects.select_related("product").prefetch_related(
        Prefetch("commissions", own.order_by("tier"), to_attr="earned")
    )
    by_first = {
        row.pk: row.line.order
        for row in Commission.objects.filter(pk__in=keys).select_related(
            "line__order__buyer",
            "line__order__attribution__tier1__member",
            "line__order__came_by__share",
        )
    }
    orders = {order.pk: order for order in by_first.values()}
    lines_of: dict[int, list[OrderLine]] = {key: [] for key in orders}
    for line in lines.filter(order__in=orders).order_by("order_id", "number"):
        lines_of[line.order_id].append(line)
    return [_earning_order(by_first[key], lines_of[by_first[key].pk]) for key in keys]


def _earning_order(order: Order, lines: Sequence[OrderLine]) -> EarningOrder:
    tier = min(row.tier for line in lines for row in _earned(line))
    return order_row(order, tier, [_earning_line(line) for line in lines])


def _earning_line(line: OrderLine) -> EarningLine:
    earned = _earned(line)
    if not earned:
        return line_row(line)
    current = sum(row.current for row in earned)
    return line_row(line, kind=earned[0].asset, commission=current, state=earned[0].state)


def _earned(line: OrderLine) -> list[Commission]:
    rows: list[Commission] = line.earned  # type: ignore[attr-defined]  # by ``earning_orders``
    return rows


def order_row(order: Order, tier: int, lines: Sequence[EarningLine]) -> EarningOrder:
    """Return what a person sees of an order on which they earn in a tier."""
    return EarningOrder(
        order_no=order.number,
        placed_at=order.placed_at,
        status=order.status,
        status_text=str(Order.Status(order.status).label),
        tier=tier,
        buyer=masked_name(order.buyer.nickname),
        via=via(order, tier),
        share=own_origin.share.code if (own_origin := origin(order, tier)) else "",
        paid=sum(line.paid for line in lines),
        refunded=sum(line.refunded for line in lines),
        lines=tuple(lines),
    )


def line_row(
    line: OrderLine, *, kind: str = "", commission: int = 0, state: str = ""
) -> EarningLine:
    """Return what a person sees of a line and of their commission, if there is one."""
    return EarningLine(
        line_no=line.number,
        title=line.product.name,
        quantity=line.quantity,
        paid=int(line.paid),
        refunded=line.refunded_amount,
        kind=kind,
        commission=commission,
        state=state,
    )
