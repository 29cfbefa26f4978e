"""Record an event for each member who got new commissions.

It is derived behind from the log of updates, so that an order does nothing more for it: see
docs/decisions/0054.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from commissions.events import COMMISSIONS_ACCRUED_TO_MEMBER
from commissions.models import AnnouncedAccruals, Commission
from commissions.updates import settled_until
from events.services import record_each
from members.models import Member

COMMISSIONS_PER_SLICE = 1_000
MAX_AGE = timedelta(days=1)
"""An import repeats the past: commissions that accrued earlier are no news."""

# The first row may have more commissions than a slice: an order has up to 1,000 lines.
_NEW_UPDATES = """
SELECT at, id, commission_ids FROM (
    SELECT at, id, commission_ids,
        sum(cardinality(commission_ids)) OVER (ORDER BY at, id) - cardinality(commission_ids)
            AS before
    FROM (
        SELECT at, id, commission_ids FROM commissions_commissionupdate
        WHERE (at, id) > (%s, %s) AND at < %s AND created
        ORDER BY at, id LIMIT %s
    ) AS created
) AS counted
WHERE before < %s
ORDER BY at, id
"""


@dataclass(slots=True)
class MemberAccrual:
    """New commissions of one member: ``amounts`` in minor units by asset."""

    orders: set[int] = field(default_factory=set)
    count: int = 0
    amounts: Counter[str] = field(default_factory=Counter)


@transaction.atomic
def announce_accruals(*, at: datetime) -> int:
    """Record ``commissions.accrued_to_member`` once for each member of the next new commissions.

    Events and progress are one transaction, and one process announces at a time: no commission is
    announced twice or missed. Those that accrued more than a day ago are passed over, and those
    that are refunded or credited already.

    :returns: how many updates were read; 0 when none is left, or while another process announces
    """
    state = AnnouncedAccruals.objects.select_for_update(skip_locked=True).first()
    if state is None:
        return 0
    until = settled_until()
    updates = _new_updates(state, until)
    if updates:
        state.at, state.update_id, _ = updates[-1]
        _announce([key for _, _, keys in updates for key in keys], at=at)
    elif until > state.at:
        state.at, state.update_id = until, 0
    state.save()
    return len(updates)


def _new_updates(
    state: AnnouncedAccruals, until: datetime
) -> list[tuple[datetime, int, list[int]]]:
    """Return time, key and commissions of the next updates that created some."""
    limit = COMMISSIONS_PER_SLICE
    with connection.cursor() as cursor:
        cursor.execute(_NEW_UPDATES, [state.at, state.update_id, until, limit, limit])
        rows: list[tuple[datetime, int, list[int]]] = cursor.fetchall()
    return rows


def _announce(commissions: Sequence[int], *, at: datetime) -> None:
    fields = (
        "distributor__member", "distributor__member__merged_into", "asset", "current",
        "line__order", "accrued_at",
    )  # fmt: skip
    rows = Commission.objects.filter(
        pk__in=commissions,
        status__in=[Commission.Status.PENDING, Commission.Status.PROTECTED],
        current__gt=0,
        accrued_at__gt=at - MAX_AGE,
    ).values_list(*fields)
    by_member: dict[int, MemberAccrual] = defaultdict(MemberAccrual)
    latest = at - MAX_AGE
    for member, survivor, asset, amount, order, accrued_at in rows:
        accrual = by_member[survivor or member]
        accrual.orders.add(order)
        accrual.count += 1
        accrual.amounts[asset] += amount
        latest = max(latest, accrued_at)
    members = Member.objects.in_bulk(by_member)
    record_each(
        COMMISSIONS_ACCRUED_TO_MEMBER,
        [(members[key], _data(by_member[key])) for key in sorted(by_member)],
        at=latest,
    )


def _data(accrual: MemberAccrual) -> dict[str, Any]:
    return {
        "orders": len(accrual.orders),
        "count": accrual.count,
        "amounts": dict(sorted(accrual.amounts.items())),
    }
