"""What distributors may read of an order, a commission and a claim, to be copied.

Everybody reads their own tier only: who else earns on the order is not theirs to know. The
sentences are those that the API shows to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from django.utils.translation import gettext as _

from backoffice.answers import Answer, join_sentences, register_answers
from commissions.explanations import LineExplanation, explain
from commissions.models import Claim, Commission
from members.models import Member
from orders.models import Order

VIEW = "commissions.view_commission"


def own_explanation(number: str, lines: Sequence[LineExplanation], persons: Collection[int]) -> str:
    """Return what the members of a person earn on an order and why, or that they earn nothing."""
    own = [
        (line, tier)
        for line in lines
        for tier in line.tiers
        if tier.distributor and tier.distributor.member_id in persons
    ]
    if not own:
        return _(
            "Order %(number)s pays no commission to you: you were not the upline of its buyer when"
            " it was placed."
        ) % {"number": number}
    return "\n".join(f"{line.product}: {join_sentences(tier.sentences)}" for line, tier in own)


def persons_of(member: int) -> set[int]:
    return set(Member.objects.of_person(member).values_list("pk", flat=True))


def of_order(order: Order) -> Iterator[Answer]:
    """Yield an answer to each distributor who earns on an order, or would have."""
    lines = explain(order)
    holders = {
        tier.distributor.member_id: tier.distributor
        for line in lines
        for tier in line.tiers
        if tier.distributor
    }
    for member, distributor in holders.items():
        text = own_explanation(order.number, lines, {member})
        yield Answer(
            _("to %(name)s, about order %(number)s")
            % {"name": distributor, "number": order.number},
            _with_number(order, text),
        )  # fmt: skip


def of_commission(row: Commission) -> Iterator[Answer]:
    order = row.line.order
    lines = explain(order)
    text = own_explanation(order.number, lines, {row.distributor.member_id})
    yield Answer(_("to %(name)s") % {"name": row.distributor}, _with_number(order, text))


def of_claim(row: Claim) -> Iterator[Answer]:
    order = Order.objects.filter(number=row.order_number).first()
    yield Answer(
        _("to %(name)s") % {"name": row.member},
        for_claimant(row, order, explain(order) if order else ()),
    )


def for_claimant(row: Claim, order: Order | None, lines: Sequence[LineExplanation]) -> str:
    """Return what a claimant may read of the explanation of their order."""
    if order is None:
        return _("Order %(number)s has not reached us yet.") % {"number": row.order_number}
    return own_explanation(row.order_number, lines, persons_of(row.member_id))


def _with_number(order: Order, text: str) -> str:
    return _("Order %(number)s") % {"number": order.number} + "\n" + text


register_answers("orders.order", of_order, permission=VIEW, order=25, lazy=True)
register_answers("commissions.commission", of_commission, permission="", order=200)
register_answers("commissions.claim", of_claim, permission="", order=200)
