"""What the desk of closes says of a team pool: what is shared out, and who shares nothing."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from common.money import percent, yuan_text
from distribution.models import Distributor
from incentives.models import Award, PeriodClosing, TeamPool, Version
from incentives.pool_words import pool_sentences
from incentives.services.pools import SHARES, left_out
from ledger.columns import amount_text
from members.admin.person import person_link

SHOWN = 100


def pool_context(version: Version, row: PeriodClosing) -> dict[str, Any]:
    """Return the facts and sentences about the pool of a close; empty if it has none."""
    pool = TeamPool.objects.filter(closing=row).first()
    if pool is None:
        return {}
    asset = version.rewards.values_list("asset", flat=True)[0]
    return {
        "pool_facts": [
            (_("completed sales of the shop"), yuan_text(pool.sales)),
            (_("pool"), f"{percent(pool.rate)} = {amount_text(pool.pool, asset)}"),
            (_("own sales of those who share"), yuan_text(pool.shared_by)),
            (_("shared out"), amount_text(pool.paid, asset)),
        ],
        "pool_sentences": list(pool_sentences(pool, asset)),
        "left_out": left_out_of(version, row),
    }


def left_out_of(version: Version, row: PeriodClosing) -> dict[str, Any]:
    """Return the table of the best sellers of a month who share nothing, with the reason."""
    return {
        "headers": [_("member"), _("own sales"), _("why nothing")],
        "rows": [
            [person_link(seller.member), yuan_text(seller.value), reason_text(seller.status)]  # type: ignore[attr-defined]
            for seller in left_out(version, row.period_start)[:SHOWN]
        ],
    }


def reason_text(status: str | None) -> str:
    """Return why nothing is shared, by the status of the distributor when the month ended."""
    if status is None or status in SHARES:
        return _("had none of the levels when the month ended")
    if status == Distributor.Status.EXITED:
        return str(Award.Hold.EXITED.label)
    return _("the distributor was suspended when the month ended")
