"""``./manage.py export_commissions [FILE]``: write every commission as CSV, by order."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from backoffice.export_command import ExportCommand
from commissions.models import Commission
from common.clock import SHANGHAI
from members.models import Identity


class Command(ExportCommand):
    help = _("Write every commission as CSV, with the mall's member ids and amounts in fen.")
    columns = (
        "order_no", "line_no", "tier", "beneficiary", "asset", "original", "current", "state",
        "release_at",
    )  # fmt: skip

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield commissions by order, line and tier; beneficiaries without a mall id by ours."""
        identities = Identity.objects.filter(
            member=Coalesce(
                OuterRef("distributor__member__merged_into"), OuterRef("distributor__member")
            ),
            provider=Identity.Provider.MALL,
        ).order_by(F("moved_from").asc(nulls_first=True), "pk")
        beneficiary = Coalesce(
            Subquery(identities.values("external_id")[:1]),
            "distributor__member__merged_into__public_id",
            "distributor__member__public_id",
            output_field=CharField(),
        )
        commissions = Commission.objects.annotate(beneficiary=beneficiary).values_list(
            "line__order__number", "line__number", "tier", "beneficiary", "asset", "original",
            "current", "status", "release_at",
        )  # fmt: skip
        for *row, current, status, release_at in commissions.order_by(
            "line__order__number", "line__number", "tier"
        ).iterator():
            state = status if current else Commission.VOID
            release = release_at.astimezone(SHANGHAI).isoformat() if release_at else ""
            yield *map(str, row), str(current), state, release
