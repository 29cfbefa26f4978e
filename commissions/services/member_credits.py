"""Record an event for each member of a settlement, so that messages can follow one person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from commissions.events import COMMISSIONS_CREDITED_TO_MEMBER
from commissions.models import CommissionChange, CreditedMember, CreditFanOut, Settlement
from events.models import Event
from events.services import record_each
from ledger.models import Transfer
from members.models import Member

MEMBERS_PER_SLICE = 500


@dataclass(slots=True)
class MemberCredit:
    """What a settlement credited to one member: ``amounts`` in minor units by asset."""

    count: int = 0
    amounts: Counter[str] = field(default_factory=Counter)


def record_member_credits(events: Iterable[Event]) -> None:
    """Follow ``commissions.credited``: record one event per settlement and member.

    Idempotent and resumable: a member is recorded in the same transaction as the event, a
    unique constraint refuses a second row, and a settlement without a fan-out row is finished.
    """
    for event in events:
        fan_out = CreditFanOut.objects.filter(settlement__public_id=event.subject_id)
        for row in fan_out.select_related("settlement"):
            _fan_out(row)


def _fan_out(fan_out: CreditFanOut) -> None:
    settlement = fan_out.settlement
    by_member = _credits_by_member(settlement, fan_out.commission_ids)
    recorded = CreditedMember.objects.filter(settlement=settlement)
    missing = sorted(set(by_member) - set(recorded.values_list("member", flat=True)))
    for start in range(0, len(missing), MEMBERS_PER_SLICE):
        keys = missing[start : start + MEMBERS_PER_SLICE]
        _record_slice(settlement, {key: by_member[key] for key in keys})
    fan_out.delete()


def _credits_by_member(
    settlement: Settlement, commission_ids: Iterable[int]
) -> dict[int, MemberCredit]:
    """Sum the credits by member."""
    changes = CommissionChange.objects.filter(commission__in=commission_ids, settlement=settlement)
    keys = {change.commission_id: change.key for change in changes}
    # From the postings: a refund may have lowered the commissions since.
    by_member: dict[int, MemberCredit] = defaultdict(MemberCredit)
    rows = (
        Transfer.objects.filter(
            key__in=[keys.get(key, f"commission:{key}:credit") for key in commission_ids]
        )
        .values_list("credit__member", "asset")
        .annotate(Count("pk"), Sum("amount"))
    )
    for member, asset, count, amount in rows:
        by_member[member].count += count
        by_member[member].amounts[asset] += amount
    return by_member


@transaction.atomic
def _record_slice(settlement: Settlement, by_member: dict[int, MemberCredit]) -> None:
    CreditedMember.objects.bulk_create(
        CreditedMember(settlement=settlement, member_id=key) for key in by_member
    )
    members = Member.objects.in_bulk(by_member)
    record_each(
        COMMISSIONS_CREDITED_TO_MEMBER,
        [(members[key], _data(settlement, credit)) for key, credit in by_member.items()],
        at=settlement.at,
    )


def _data(settlement: Settlement, credit: MemberCredit) -> dict[str, Any]:
    return {
        "settlement": settlement.public_id,
        "count": credit.count,
        "amounts": dict(credit.amounts),
    }
