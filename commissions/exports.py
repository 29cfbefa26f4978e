"""A member's commissions and claims, for the export of their data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from commissions.ids import commission_id
from commissions.models import Claim, Commission
from common import clock
from members.models import Member

MAX_COMMISSIONS = 10_000


def commissions_of(member: Member) -> dict[str, Any]:
    """Return how many commissions a person has, and the latest of them; nothing of the buyers.

    The others are read by ``GET /distributor/commissions``.
    """
    rows = Commission.objects.visible_to(member)
    latest = rows.select_related("line__order", "line__product").order_by("-pk")
    return {
        "count": rows.count(),
        "latest": [_commission(row) for row in latest[:MAX_COMMISSIONS]],
    }


def _commission(row: Commission) -> dict[str, Any]:
    return {
        "id": commission_id(row),
        "title": row.line.product.name,
        "tier": row.tier,
        "kind": row.asset,
        "original": row.original,
        "current": row.current,
        "status": row.state,
        "at": _moment(row.accrued_at),
        "release_at": _moment(row.release_at),
    }


def claims_of(member: Member) -> list[dict[str, Any]]:
    """Return a person's claims, the latest first."""
    return [
        {
            "id": row.public_id,
            "order_no": row.order_number,
            "reason": row.reason,
            "text": row.text,
            "status": row.status,
            "opened_at": _moment(row.opened_at),
            "due_at": _moment(row.due_at),
            "answer": row.answer,
            "answered_at": _moment(row.answered_at),
        }
        for row in Claim.objects.visible_to(member)
    ]


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(clock.SHANGHAI).isoformat() if at else None
