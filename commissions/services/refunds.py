"""Refunds lower commissions: voided before they are credited, clawed back after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from commissions import rules
from commissions.events import COMMISSIONS_CLAWED_BACK
from commissions.models import Clawback, Commission
from common.locks import lock_rows
from events.models import Reference
from events.services import record
from ledger.chart import Asset
from ledger.models import Account
from ledger.services import Source, account, commission_payer, reclaim
from orders.models import Refund


def recompute_amounts(commissions: Sequence[Commission]) -> list[Clawback]:
    """Set each commission's current amount to what its line still earns.

    :returns: the clawbacks of those that were credited already; not saved
    """
    decreases: list[tuple[Commission, int]] = []
    for commission in commissions:
        line = commission.line
        if not line.refunded_quantity and not line.refunded_amount:
            continue
        remaining = remaining_amount(commission)
        decrease, commission.current = commission.current - remaining, remaining
        if decrease and commission.status == Commission.Status.CREDITED:
            decreases.append((commission, decrease))
    refunds = _latest_unclaimed_refunds([commission for commission, _ in decreases])
    return [
        Clawback(refund=refunds[commission.pk], commission=commission, amount=decrease)
        for commission, decrease in decreases
    ]


def remaining_amount(commission: Commission) -> int:
    """Compute what is left of a commission from its basis and what remains of its line.

    A credited commission never grows: where a smaller tier 1 leaves tier 2 more room below the
    cap, nothing more is paid.
    """
    line = commission.line
    awards = rules.award(
        commission.basis,
        quantity=line.remaining_quantity,
        paid=line.remaining_paid,
    )
    credited = commission.status == Commission.Status.CREDITED
    limit = commission.current if credited else commission.original
    return min(limit, awards[commission.tier - 1].amount)


def _latest_unclaimed_refunds(commissions: Sequence[Commission]) -> dict[int, Refund]:
    """Return for each commission the last refund of its line without a clawback of it."""
    if not commissions:
        return {}
    done = (
        Refund.objects.counted()
        .filter(line__in={commission.line_id for commission in commissions})
        .exclude(quantity=0, amount=0)  # a refund of freight alone lowers no commission
    )
    by_line: dict[int, list[Refund]] = defaultdict(list)
    for refund in done.order_by("done_at", "pk"):
        by_line[refund.line_id].append(refund)
    claimed = set(
        Clawback.objects.filter(commission__in=commissions).values_list("commission", "refund")
    )
    return {
        commission.pk: [
            refund
            for refund in by_line[commission.line_id]
            if (commission.pk, refund.pk) not in claimed
        ][-1]
        for commission in commissions
    }


def _lock_accounts(clawbacks: Sequence[Clawback]) -> None:
    """Lock all accounts by their ids, in the order of every posting, so that none deadlock."""
    commissions = [clawback.commission for clawback in clawbacks]
    accounts = Account.objects.filter(
        member__in={commission.distributor.member for commission in commissions},
        asset__in={commission.asset for commission in commissions},
    )
    lock_rows(accounts)


def claw_back(clawbacks: Sequence[Clawback], *, at: datetime) -> None:
    """Save clawbacks and post them: from the wallet as far as it goes, the rest as a debt.

    Withdrawals follow the event and cancel requests of members in debt: see config/flows.py.
    """
    if not clawbacks:
        return
    for clawback in clawbacks:
        clawback.at = at
    Clawback.objects.bulk_create(clawbacks)
    _lock_accounts(clawbacks)
    ordered = sorted(
        clawbacks, key=lambda clawback: (clawback.commission.distributor.member_id, clawback.pk)
    )
    owed = sum(_reclaim(clawback, at=at) for clawback in ordered)
    record(
        COMMISSIONS_CLAWED_BACK,
        [Reference("commissions.commission", str(row.commission_id)) for row in clawbacks],
        at=at,
        owed=owed,
    )


def _reclaim(clawback: Clawback, *, at: datetime) -> int:
    """Post a clawback.

    :returns: the part that the member now owes
    """
    commission = clawback.commission
    asset = Asset(commission.asset)
    return reclaim(
        key=f"clawback:{clawback.pk}",
        wallet=account(commission.distributor.member, asset),
        credit=commission_payer(asset),
        amount=clawback.amount,
        source=Source("orders.refund", clawback.refund.public_id),
        effective_at=at,
    )
