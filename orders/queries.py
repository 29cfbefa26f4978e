"""Figures about orders for monitoring."""

from __future__ import annotations

from django.db.models import Count

from orders.models import OrderConflict


def count_open_conflicts() -> int:
    return OrderConflict.objects.open().count()


def open_conflicts_by_source() -> dict[str, int]:
    """Return the number of open conflicts of each source that has any."""
    rows = OrderConflict.objects.open().order_by("source").values_list("source")
    return dict(rows.annotate(Count("pk")))
