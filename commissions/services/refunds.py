"""Refunds change commissions: their amount before the credit, by a change of its own after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from commissions import rules
from commissions.events import COMMISSIONS_CLAWED_BACK
from commissions.models import Commission, CommissionChange
from commissions.services.queue import wallets_of_owners
from common.bulk_insert import insert
from events.models import Reference
from events.services import record
from ledger.chart import Asset
from ledger.services import Reclaim, Source, commission_payer, reclaim_many
from orders.models import Refund


def recompute_amounts(commissions: Iterable[Commission]) -> None:
    """Set each commission's current amount to what its line still earns; not saved."""
    for commission in commissions:
        line = commission.line
        if line.refunded_quantity or line.refunded_amount:
            commission.current = remaining_amount(commission)


def remaining_amount(commission: Commission) -> int:
    """Compute what is left of a commission from its basis and what remains of its line.

    It is the same before and after the credit, so the order in which refunds arrive does not
    matter.
    """
    line = commission.line
    return amount_of_rest(commission, quantity=line.remaining_quantity, paid=line.remaining_paid)


def amount_of_rest(commission: Commission, *, quantity: int, paid: int) -> int:
    """Compute what a commission comes to if this much of its line were left."""
    awards = rules.award(commission.basis, quantity=quantity, paid=paid)
    return min(commission.original, awards[commission.tier - 1].amount)


def record_changes(
    commissions: Sequence[Commission], amounts: Mapping[int, int], *, at: datetime
) -> list[CommissionChange]:
    """Record what credited commissions have gained; it waits for ``queue.sync_queue``.

    :param amounts: the amounts before, by the key of the commission
    :returns: what they have lost, for ``claw_back``; not saved
    """
    changed = {
        row.pk: row
        for row in commissions
        if row.status == Commission.Status.CREDITED and row.current != amounts[row.pk]
    }
    if not changed:
        return []
    known: dict[int, list[CommissionChange]] = defaultdict(list)
    for change in CommissionChange.objects.filter(commission__in=changed).order_by("number"):
        known[change.commission_id].append(change)
    waiting = [change for rows in known.values() for change in rows if change.is_waiting]
    CommissionChange.objects.filter(pk__in=[change.pk for change in waiting]).delete()
    refunds = _refunds_by_line(changed.values())
    changes = [
        made
        for key, commission in changed.items()
        if (made := _change(commission, amounts[key], known[key], refunds, at=at))
    ]
    insert([change for change in changes if change.delta > 0])
    return [change for change in changes if change.delta < 0]


def _change(
    commission: Commission, before: int, known: Sequence[CommissionChange],
    refunds: Mapping[int, Sequence[Refund]], *, at: datetime,
) -> CommissionChange | None:  # fmt: skip
    """Return the change that brings what was credited to the current amount, not saved."""
    done = [change for change in known if not change.is_waiting]
    credited = before - sum(change.delta for change in known if change.is_waiting)
    if commission.current == credited:
        return None
    named = {change.refund_id for change in done}
    refunds_of_line = refunds[commission.line_id]
    unnamed = [refund for refund in refunds_of_line if refund.pk not in named]
    return CommissionChange(
        commission=commission,
        number=done[-1].number + 1 if done else 1,
        delta=commission.current - credited,
        refund=(unnamed or refunds_of_line)[-1],
        at=at,
    )


def _refunds_by_line(commissions: Iterable[Commission]) -> dict[int, list[Refund]]:
    """Return the refunds that may have changed the commissions, in the order of their end."""
    done = (
        Refund.objects.counted()
        .filter(line__in={commission.line_id for commission in commissions})
        .exclude(quantity=0, amount=0)  # a refund of freight alone changes no commission
    )
    by_line: dict[int, list[Refund]] = defaultdict(list)
    for refund in done.order_by("done_at", "pk"):
        by_line[refund.line_id].append(refund)
    return by_line


def claw_back(changes: Sequence[CommissionChange], *, at: datetime) -> None:
    """Post and save clawbacks: from the wallet as far as it goes, the rest as a debt.

    The number of statements is constant. Withdrawals follow the event and cancel requests of
    members in debt: see config/flows.py.
    """
    if not changes:
        return
    wallets = wallets_of_owners(
        {(row.commission.distributor_id, row.commission.asset) for row in changes}
    )
    payers = {
        asset: commission_payer(Asset(asset)) for asset in {row.commission.asset for row in changes}
    }
    ordered = sorted(changes, key=lambda row: (row.commission.distributor_id, row.commission_id))
    owed = reclaim_many(
        [
            Reclaim(
                key=row.key,
                wallet=wallets[row.commission.distributor_id, row.commission.asset],
                credit=payers[row.commission.asset],
                amount=-row.delta,
                source=Source("orders.refund", row.refund.public_id),
            )
            for row in ordered
        ],
        effective_at=at,
    )
    insert(changes)
    record(
        COMMISSIONS_CLAWED_BACK,
        [Reference("commissions.commission", str(row.commission_id)) for row in changes],
        at=at,
        owed=sum(owed.values()),
    )
