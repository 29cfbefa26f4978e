"""Decide why an award is not given yet: its member is frozen or has exited, or an order is held."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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


def hold_reasons(awards: Collection[Award]) -> dict[Award, str]:
    """Return why awards are held; those without a reason are missing.

    Nothing is held for a closed account, which no award reaches any more: it is refused.
    """
    if not awards:
        return {}
    statuses = distributor_statuses({award.member_id for award in awards})
    reasons: dict[Award, str] = {
        award: BY_STATUS[status]
        for award in awards
        if (status := statuses.get(award.member_id, "")) in BY_STATUS
    }
    held = _held_by_rules([award for award in awards if award not in reasons])
    reasons |= dict.fromkeys(held, Award.Hold.RISK)
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


def _held_by_rules(awards: Sequence[Award]) -> set[Award]:
    """Return the awards that count an order which the risk rules hold.

    What one order or friend gives reads that one; only what a whole period gives reads all of it.
    """
    if not awards:
        return set()
    rows = [(*place_of(award), *_order_and_friend(award)) for award in awards]
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_HELD, columns)
        return {awards[number - 1] for (number,) in cursor.fetchall()}


def _order_and_friend(award: Award) -> tuple[int, int]:
    """Return the keys of what the award counts, -1 for anything else; 0: the whole period."""
    basis = basis_of(award.step)
    if basis == WHOLE_PERIOD:
        return 0, 0
    kind, _, key = basis.partition(":")
    return (int(key) if kind == "order" else -1), (int(key) if kind == "friend" else -1)


_HELD = """
WITH award AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::bigint[], %s::bigint[])
        WITH ORDINALITY AS award (incentive, member, period, placed, friend, number)
), counts AS (
    SELECT award.number, counts.order_id, counts.counted, counts.value
    FROM award JOIN incentives_contribution AS counts ON counts.incentive_id = award.incentive
        AND counts.member_id = award.member AND counts.period_start = award.period
    WHERE award.placed = 0
    UNION ALL
    SELECT award.number, counts.order_id, counts.counted, counts.value
    FROM award JOIN incentives_contribution AS counts ON counts.incentive_id = award.incentive
        AND counts.order_id = award.placed
    UNION ALL
    SELECT award.number, counts.order_id, counts.counted, counts.value
    FROM award JOIN incentives_contribution AS counts ON counts.incentive_id = award.incentive
        AND counts.subject_id = award.friend AND counts.period_start = award.period
)
SELECT DISTINCT counts.number
FROM counts
JOIN orders_order AS placed ON placed.id = counts.order_id
WHERE counts.counted AND counts.value > 0 AND EXISTS (
    SELECT FROM risk_hold AS hold
    WHERE hold.subject_kind = 'orders.order' AND hold.subject_id = placed.public_id
        AND hold.released_at IS NULL
)
"""
