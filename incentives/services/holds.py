"""Decide why an award is not given yet: its member is frozen or has exited, or an order is held."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db import connection

from distribution.models import Distributor
from incentives.models import Award
from incentives.rewards import WHOLE_PERIOD, basis_of
from incentives.services.totals import Place
from members.models import Member
from members.persons import survivor_keys

BY_STATUS: Mapping[str, str] = {
    Distributor.Status.FROZEN: Award.Hold.FROZEN,
    Distributor.Status.EXITED: Award.Hold.EXITED,
}


class HeldOrder(NamedTuple):
    """An order that counts for a member, and that the risk rules hold."""

    order: int
    subject: int | None
    is_earner: bool

    def concerns(self, step: str) -> bool:
        basis = basis_of(step)
        if basis == WHOLE_PERIOD:
            return self.is_earner
        return basis in (f"order:{self.order}", f"friend:{self.subject}")


def hold_reasons(awards: Collection[Award]) -> dict[Award, str]:
    """Return why awards are held; those without a reason are missing.

    Nothing is held for a closed account, which no award reaches any more: it is refused.
    """
    if not awards:
        return {}
    statuses = distributor_statuses({award.member_id for award in awards})
    held = _held_orders({place_of(award) for award in awards})
    reasons: dict[Award, str] = {}
    for award in awards:
        orders = held.get(place_of(award), ())
        if reason := BY_STATUS.get(statuses.get(award.member_id, "")):
            reasons[award] = reason
        elif any(order.concerns(award.step) for order in orders):
            reasons[award] = Award.Hold.RISK
    closed = closed_accounts({award.member_id for award in reasons})
    return {award: reason for award, reason in reasons.items() if award.member_id not in closed}


def closed_accounts(members: Collection[int]) -> set[int]:
    """Return the members whose person has closed the account."""
    if not members:
        return set()
    rows = Member.objects.filter(pk__in=members)
    closed = rows.exclude(closed_at=None, merged_into__closed_at=None)
    return set(closed.values_list("pk", flat=True))


def distributor_statuses(members: Collection[int]) -> dict[int, str]:
    """Return the status of members as distributors, by member; who is none is missing.

    The distributor of a merged member has exited: that of the survivor counts.
    """
    persons = survivor_keys(members)
    rows = Distributor.objects.filter(member__in=persons.values()).order_by()
    statuses = dict(rows.values_list("member", "status"))
    return {member: statuses[who] for member, who in persons.items() if who in statuses}


def place_of(award: Award) -> Place:
    return Place(award.incentive_id, award.member_id, award.period_start)


def _held_orders(places: Collection[Place]) -> dict[Place, list[HeldOrder]]:
    held: dict[Place, list[HeldOrder]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HELD_ORDERS, [list(column) for column in zip(*places, strict=True)])
        for incentive, member, period, *order in cursor.fetchall():
            held.setdefault(Place(incentive, member, period), []).append(HeldOrder(*order))
    return held


_HELD_ORDERS = """
WITH place AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[])
        AS place (incentive, member, period)
), counts AS (
    SELECT place.*, counts.order_id, counts.subject_id, true AS is_earner
    FROM place
    JOIN incentives_contribution AS counts ON counts.incentive_id = place.incentive
        AND counts.member_id = place.member AND counts.period_start = place.period
    WHERE counts.counted AND counts.value > 0
    UNION ALL
    SELECT place.*, counts.order_id, counts.subject_id, false
    FROM place
    JOIN incentives_contribution AS counts ON counts.incentive_id = place.incentive
        AND counts.subject_id = place.member AND counts.period_start = place.period
    WHERE counts.counted AND counts.value > 0
)
SELECT counts.incentive, counts.member, counts.period, counts.order_id, counts.subject_id,
    counts.is_earner
FROM counts
JOIN orders_order AS placed ON placed.id = counts.order_id
WHERE EXISTS (
    SELECT FROM risk_hold AS hold
    WHERE hold.subject_kind = 'orders.order' AND hold.subject_id = placed.public_id
        AND hold.released_at IS NULL
)
"""
