"""What withdrawals mean for the export of a member's data and for closing the account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from common import clock
from members.closing import CloseBlocker
from members.models import Member
from withdrawals.models import Payee, Person, Withdrawal


def withdrawals_of(member: Member) -> list[dict[str, Any]]:
    """Return the withdrawals of a member and of those merged into them; amounts in fen."""
    rows = Withdrawal.objects.visible_to(member).select_related("payee")
    return [
        {
            "id": row.public_id,
            "channel": row.payee.channel,
            "account": row.payee.account_mask,
            "gross": row.gross,
            "fee": row.fee,
            "tax": row.tax,
            "net": row.net,
            "status": row.status,
            "requested_at": _moment(row.requested_at),
            "ended_at": _moment(row.ended_at),
        }
        for row in rows.order_by("pk")
    ]


def payees_of(member: Member) -> list[dict[str, Any]]:
    """Return the accounts that a member is or was paid to, masked."""
    return [
        {
            "channel": row.channel,
            "account": row.account_mask,
            "bank": row.bank,
            "since": _moment(row.since),
            "replaced_at": _moment(row.retired_at),
        }
        for row in Payee.objects.visible_to(member).order_by("pk")
    ]


def identities_of(member: Member) -> list[dict[str, Any]]:
    """Return the real names and ID numbers that a member gave, masked."""
    rows = Person.objects.filter(member__in=Member.objects.of_person(member.pk)).order_by("pk")
    return [
        {
            "real_name": row.name_mask,
            "id_number": row.id_number_mask,
            "changed_at": _moment(row.changed_at),
        }
        for row in rows
    ]


def close_blockers(member: Member) -> Iterator[CloseBlocker]:
    """An open withdrawal is paid, rejected or cancelled first."""
    if Withdrawal.objects.visible_to(member).open().exists():
        yield CloseBlocker("withdrawal_open", _("A withdrawal is open: wait for it, or cancel it."))


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(clock.SHANGHAI).isoformat() if at else None
