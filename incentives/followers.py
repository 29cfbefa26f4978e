"""Follow events of other rooms: count orders again, and give awards whose hold has ended."""

from __future__ import annotations

from collections.abc import Iterable

from events.models import Event
from incentives.services.catching_up import catch_up
from orders.models import Order


def count_orders(events: Iterable[Event]) -> None:
    """Count orders that changed or were completed."""
    rows = list(events)
    orders = Order.objects.filter(public_id__in={event.subject_id for event in rows})
    catch_up(orders=list(orders.values_list("pk", flat=True)), at=max(event.at for event in rows))
