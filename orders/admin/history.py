"""The timeline of an order: what the mall reported, what staff decided, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.panels import BODY, Line, Panel, register
from orders.admin.conflict_words import field_words
from orders.models import ClosureDecision, Order, OrderAmendment, OrderConflict, Refund

ORDER = "orders.order"
Source = Callable[[Order], Iterable[Line]]
_sources: list[Source] = []


def add_source(source: Source) -> Source:
    """Show lines of a room on the timelines of orders; a constant number of queries each."""
    _sources.append(source)
    return source


def timeline(_request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return the context of the panel: the latest line first."""
    lines = [line for source in _sources for line in source(order)]
    return {"lines": sorted(lines, key=attrgetter("at"), reverse=True)}


@add_source
def reported(order: Order) -> Iterator[Line]:
    """Yield the times that the mall reported, and those that followed from them."""
    mall, system = _("the mall"), _("the system")
    times = (
        (order.placed_at, _("The order was placed"), str(order.buyer)),
        (order.paid_at, _("Paid"), mall),
        (order.shipped_at, _("Shipped"), mall),
        (order.received_at, _("Received"), mall),
        (order.assumed_received_at, _("Counted as received: it was shipped long ago"), system),
        (order.closed_at, _("Closed"), mall),
        (order.completed_at, _("The protection is over: the order is completed"), system),
    )
    yield from (Line(at, text, by) for at, text, by in times if at)


@add_source
def refunded(order: Order) -> Iterator[Line]:
    """Yield the steps of the refunds."""
    mall = _("the mall")
    for refund in Refund.objects.filter(line__order=order):
        steps = (
            (refund.requested_at, _("Refund %(number)s was requested")),
            (refund.approved_at, _("Refund %(number)s was approved")),
            (refund.done_at, _("Refund %(number)s was paid back")),
            (refund.rejected_at, _("Refund %(number)s was rejected")),
            (refund.withdrawn_at, _("Refund %(number)s was withdrawn")),
        )
        yield from (Line(at, text % {"number": refund.number}, mall) for at, text in steps if at)


@add_source
def decided(order: Order) -> Iterator[Line]:
    """Yield conflicts, corrections and the decision about a closed order, with the names."""
    for conflict in OrderConflict.objects.filter(order=order).select_related("decided_by"):
        data = {"field": field_words(conflict), "given": conflict.given, "source": conflict.source}
        text = _("A report of %(source)s contradicts what is known: %(field)s is %(given)s")
        yield Line(conflict.first_seen, text % data, conflict.source)
        if conflict.ended_at and conflict.decided_by:
            outcome = _("The conflict was decided: %(outcome)s. %(reason)s") % {
                "outcome": conflict.get_status_display(), "reason": conflict.reason,
            }  # fmt: skip
            yield Line(conflict.ended_at, outcome, str(conflict.decided_by))
        elif conflict.ended_at:
            yield Line(conflict.ended_at, _("The conflict ended: both agree now"), conflict.source)
    amended = OrderAmendment.objects.filter(order=order)
    for row in amended.select_related("conflict__decided_by"):
        by = row.conflict.decided_by
        yield Line(row.at, _("A time of the order was corrected"), str(by) if by else "")
    closures = ClosureDecision.objects.filter(order=order).select_related("decided_by")
    for decision in closures:
        text = _("Decided about the closed order: %(outcome)s. %(reason)s") % {
            "outcome": decision.get_outcome_display(), "reason": decision.reason,
        }  # fmt: skip
        yield Line(decision.decided_at, text, str(decision.decided_by))


register(Panel("timeline", gettext_lazy("timeline"), ORDER, "", BODY, timeline, 900, lazy=True))
