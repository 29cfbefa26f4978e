"""The ids of commissions for people and other systems."""

from __future__ import annotations

from commissions.models import Commission


def commission_id(row: Commission) -> str:
    """Return the id of a commission for the API: ``{order number}-{line}-{tier}``."""
    return f"{row.line.order.number}-{row.line.number}-{row.tier}"
