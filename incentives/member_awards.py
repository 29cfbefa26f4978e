"""What a member's awards mean for the export of their data and for closing the account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from incentives.models import Award, Proof, given_by
from members.closing import CloseBlocker
from members.models import Member


def awards_of(member: Member) -> list[dict[str, Any]]:
    """Return the awards of a member and of those merged into them, in minor units."""
    rows = Award.objects.visible_to(member).select_related("version", "gift_task").order_by("pk")
    return [
        {
            "id": award.public_id,
            "incentive": award.version.name,
            "period": award.period_start.isoformat(),
            "kind": award.kind,
            "asset": award.asset,
            "due": award.target,
            "given": given_by(award),
            "status": award.status,
            "reached_at": _moment(award.reached_at),
        }
        for award in rows
    ]


def proofs_of(member: Member) -> list[dict[str, Any]]:
    """Return the proofs that a member handed in, without the pictures, which are uploads."""
    return [
        {
            "id": proof.public_id,
            "text": proof.text,
            "status": proof.status,
            "reason": proof.reason,
            "handed_in_at": _moment(proof.handed_in_at),
        }
        for proof in Proof.objects.visible_to(member).order_by("pk")
    ]


def close_blockers(member: Member) -> Iterator[CloseBlocker]:
    """Awards that are still to be given would reach a wallet that nobody can empty.

    Those of a distributor who has exited are never given: they are refused once the account is
    closed.
    """
    to_come = Q(status=Award.Status.WAITING) | (
        Q(status=Award.Status.HELD) & ~Q(hold=Award.Hold.EXITED)
    )
    awards = Award.objects.visible_to(member).filter(to_come, target__gt=F("posted"))
    if awards.exists():
        yield CloseBlocker(
            "awards_open", _("There are awards that are not given yet: wait until they are.")
        )


def _moment(at: datetime) -> str:
    return at.astimezone(clock.SHANGHAI).isoformat()
