"""Queries of commissions."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from commissions.models import Commission
from common.clock import SHANGHAI
from members.models import Identity

EXPORT_COLUMNS = (
    "order_no", "line_no", "tier", "beneficiary", "asset", "original", "current", "state",
    "release_at",
)  # fmt: skip


def export_rows() -> Iterator[tuple[str, ...]]:
    """Yield every commission with the columns ``EXPORT_COLUMNS``, by order, line and tier.

    Beneficiaries by their id in the mall, else by ours; amounts in minor units.
    """
    identities = Identity.objects.filter(
        member=OuterRef("distributor__member"), provider=Identity.Provider.MALL
    ).order_by("pk")
    rows = (
        Commission.objects.annotate(
            beneficiary=Coalesce(
                Subquery(identities.values("external_id")[:1]),
                "distributor__member__public_id",
                output_field=CharField(),
            )
        )
        .order_by("line__order__number", "line__number", "tier")
        .values_list(
            "line__order__number", "line__number", "tier", "beneficiary", "asset", "original",
            "current", "status", "release_at",
        )
    )  # fmt: skip
    for *position, beneficiary, asset, original, current, status, release_at in rows.iterator():
        release = release_at.astimezone(SHANGHAI).isoformat() if release_at else ""
        state = status if current else Commission.VOID
        yield *map(str, position), beneficiary, asset, str(original), str(current), state, release
