"""Record an event for each member whose credited commission a refund took back."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from commissions.events import COMMISSIONS_CLAWED_BACK_FROM_MEMBER
from commissions.ids import commission_id
from commissions.models import AnnouncedClawback, CommissionChange
from events.models import Event
from events.services import record
from ledger.chart import Kind
from ledger.models import Transfer
from members.models import Member


def record_member_clawbacks(events: Iterable[Event]) -> None:
    """Follow ``commissions.clawed_back``: record one event per clawback, about its member.

    Idempotent and resumable: a clawback is announced in the same transaction as its event, and a
    unique row refuses a second one.
    """
    for event in events:
        for change in _clawbacks(event):
            _announce(change)


def _clawbacks(event: Event) -> QuerySet[CommissionChange]:
    """Return the clawbacks of an event that are not announced yet."""
    changes = CommissionChange.objects.filter(
        commission=int(event.subject_id), delta__lt=0, at=event.at, announcement=None
    )
    return changes.select_related("commission__line__order", "refund").order_by("number")


@transaction.atomic
def _announce(change: CommissionChange) -> None:
    _, is_new = AnnouncedClawback.objects.get_or_create(change=change)
    if not is_new:
        return
    # From the postings: they name who owned the wallet then.
    debits = Transfer.objects.filter(key__in=[change.key, f"{change.key}:owed"])
    parts = debits.values_list("debit__member", "debit__kind", "amount")
    (member,) = {member for member, _, _ in parts}
    record(
        COMMISSIONS_CLAWED_BACK_FROM_MEMBER, Member.objects.get(pk=member), at=change.at,
        commission=commission_id(change.commission), refund=change.refund.number,
        amounts={change.commission.asset: change.delta},
        owed=sum(amount for _, kind, amount in parts if kind == Kind.OWED),
    )  # fmt: skip
