"""Read orders and commissions for the mall, and work out what a basket would earn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from commissions.explanations import LineExplanation, explain
from commissions.models import Commission
from commissions.plan_cache import plans_in_force
from commissions.simulation import BasketItem, simulate
from common.errors import TwotierError
from integration.member_views import get_member, mall_ids
from orders.models import Order, OrderConflict, OrderLine

OPEN = OrderConflict.Status.OPEN


class NoPlanInForce(TwotierError):
    code = "no_plan_in_force"
    message = _("No commission plan is in force, so nobody would earn. Publish a plan first.")


@dataclass(frozen=True, slots=True)
class OrderView:
    """``order``: with lines, their SKUs and refunds, and its open conflicts."""

    order: Order
    buyer: str
    conflicts: Sequence[OrderConflict]


@dataclass(frozen=True, slots=True)
class Earnings:
    """``members``: the ids in the mall of those who earn, by member key.

    ``release_at``: of each commission, by number of the line and tier.
    """

    lines: Sequence[LineExplanation]
    members: dict[int, str]
    release_at: dict[tuple[int, int], datetime | None]


def read_order(number: str) -> OrderView | None:
    lines = OrderLine.objects.select_related("sku", "product").prefetch_related("refunds")
    conflicts = OrderConflict.objects.filter(status=OPEN).order_by("pk")
    order = (
        Order.objects.filter(number=number)
        .prefetch_related(
            Prefetch("lines", lines), Prefetch("conflicts", conflicts, to_attr="open_conflicts")
        )
        .first()
    )
    if order is None:
        return None
    buyer = mall_ids([order.buyer_id])[order.buyer_id]
    return OrderView(order, buyer, order.open_conflicts)  # type: ignore[attr-defined]


def read_earnings(number: str) -> Earnings | None:
    """Return who earns what on an order and why; in a fixed number of queries."""
    order = Order.objects.filter(number=number).first()
    if order is None:
        return None
    rows = Commission.objects.filter(line__order=order, release_at__isnull=False)
    release_at = {
        (line, tier): at
        for line, tier, at in rows.values_list("line__number", "tier", "release_at")
    }
    return _earnings(explain(order), release_at)


def quote_commissions(*, buyer: str, basket: Sequence[BasketItem], at: datetime) -> Earnings:
    """Return who would earn what if ``buyer`` ordered the basket now; write nothing.

    :param buyer: the id in the mall
    :raises MemberUnknown: the mall has not sent this member
    :raises NoPlanInForce: there is no published plan
    :raises BasketSkuUnknown: there is no such SKU
    :raises BasketPriceInvalid: a discount is higher than the price
    """
    member = get_member(buyer)
    plan = plans_in_force([at])[at]
    if plan is None:
        raise NoPlanInForce
    return _earnings(simulate(plan=plan, basket=basket, buyer=member, at=at), {})


def _earnings(
    lines: Sequence[LineExplanation], release_at: dict[tuple[int, int], datetime | None]
) -> Earnings:
    holders = {
        tier.distributor.member_id for line in lines for tier in line.tiers if tier.distributor
    }
    return Earnings(lines, mall_ids(list(holders)), release_at)
