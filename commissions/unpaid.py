"""Read the unpaid orders that a person would earn on, and what each would bring."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Prefetch, Q, QuerySet

from commissions import rules
from commissions.earnings import EarningLine, EarningOrder, line_row, order_row
from commissions.explanations.order import EXPECTED
from commissions.services import accrual
from distribution.models import Distributor
from members.models import Member
from orders.intake import OrderWithLines
from orders.models import Order, OrderLine


def _distributors(member: Member) -> list[int]:
    persons = Member.objects.of_person(member.pk).values("pk")
    return list(Distributor.objects.filter(member__in=persons).values_list("pk", flat=True))


def unpaid_orders(member: Member, *, tier: int = 0, search: str = "") -> QuerySet[Order]:
    """Return the unpaid orders attributed to a person, without closed ones, the latest first.

    :param search: a whole order number
    """
    own = _distributors(member)
    tiers = [tier] if tier else [1, 2]
    attributed = Q()
    for number in tiers:
        attributed |= Q(**{f"attribution__tier{number}__in": own})
    rows = Order.objects.unpaid().filter(attributed)
    return rows.filter(number=search) if search else rows


def expected_orders(member: Member, page: Sequence[Order]) -> list[EarningOrder]:
    """Return the orders of a page with what they would bring, in a constant number of queries.

    The commissions are those of the payment, if the mall does not change the lines before.
    """
    own = _distributors(member)
    lines = OrderLine.objects.select_related("product").order_by("number")
    known = (
        Order.objects.select_related(
            "buyer", "attribution__tier1__member", "terms__plan", "came_by__share"
        )
        .prefetch_related(Prefetch("lines", lines))
        .in_bulk([order.pk for order in page])
    )
    return [_expected_order(known[order.pk], own) for order in page]


def _expected_order(order: Order, own: Sequence[int]) -> EarningOrder:
    tier = 1 if order.attribution.tier1_id in own else 2
    return order_row(order, tier, _expected_lines(order, tier))


def _expected_lines(order: Order, tier: int) -> list[EarningLine]:
    lines = tuple(order.lines.all())
    plan = order.terms.plan
    if plan is None:
        return [line_row(line) for line in lines]
    bases = accrual.bases(OrderWithLines(order, lines, order.attribution), plan)
    awards = [
        rules.award(basis, quantity=line.quantity, paid=line.paid)[tier - 1]
        for line, basis in zip(lines, bases, strict=True)
    ]
    return [
        line_row(line, kind=award.asset, commission=award.amount, state=EXPECTED)
        if award.amount
        else line_row(line)
        for line, award in zip(lines, awards, strict=True)
    ]
