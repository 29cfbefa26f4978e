"""Export the coupons of a member."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from common import clock
from members.models import Member
from promotions.models import CouponGrant


def coupons_of(member: Member) -> list[dict[str, Any]]:
    """Return the coupons of a person, with the orders that used them."""
    rows = CouponGrant.objects.visible_to(member).select_related("coupon").order_by("pk")
    return [
        {
            "id": row.public_id,
            "name": row.coupon.name,
            "granted_at": _moment(row.granted_at),
            "valid_from": _moment(row.valid_from),
            "valid_until": _moment(row.valid_until),
            "order": row.order_number,
            "used_at": _moment(row.used_at),
            "revoked_at": _moment(row.revoked_at),
        }
        for row in rows
    ]


def _moment(at: datetime | None) -> str:
    return at.astimezone(clock.SHANGHAI).isoformat() if at else ""
