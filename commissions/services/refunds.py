"""Refunds take commissions back: voided before they are credited, clawed back after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from commissions import rules
from commissions.events import COMMISSIONS_CLAWED_BACK
from commissions.models import Clawback, Commission
from commissions.payers import payer
from events.models import Reference
from events.services import record
from ledger.chart import Asset
from ledger.models import Account
from ledger.services import Source, account, reclaim
from orders.models import Refund


def recompute_amounts(commissions: Sequence[Commission]) -> list[Clawback]:
    """Set each commission's current amount to what its line still earns.

    :returns: for those that were credited already, what is to be taken back; not saved
    """
    falls: list[tuple[Commission, int]] = []
    for commission in commissions:
        line = commission.line
        if not line.refunded_quantity and not line.refunded_amount:
            continue
        left = remaining_amount(commission)
        fall, commission.current = commission.current - left, left
        if fall and commission.status == Commission.Status.CREDITED:
            falls.append((commission, fall))
    refunds = _latest_unclaimed_refunds([commission for commission, _ in falls])
    return [
        Clawback(refund=refunds[commission.pk], commission=commission, amount=fall)
        for commission, fall in falls
    ]


def remaining_amount(commission: Commission) -> int:
    """What is left of a commission by the frozen facts and what remains of its line.

    It only falls once it is credited: where a smaller tier 1 leaves tier 2 more room below the cap,
    nothing is paid out anew.
    """
    line = commission.line
    awards = rules.award(
        commission.basis,
        quantity=line.remaining_quantity,
        paid=line.remaining_paid,
    )
    credited = commission.status == Commission.Status.CREDITED
    most = commission.current if credited else commission.original
    return min(most, awards[commission.tier - 1].amount)


def _latest_unclaimed_refunds(commissions: Sequence[Commission]) -> dict[int, Refund]:
    """For each commission the last refund of its line that has taken nothing of it back yet."""
    if not commissions:
        return {}
    done = Refund.objects.filter(
        line__in={commission.line_id for commission in commissions}, done_at__isnull=False
    ).exclude(quantity=0, amount=0)  # freight touches no commission
    by_line: dict[int, list[Refund]] = defaultdict(list)
    for refund in done.order_by("done_at", "pk"):
        by_line[refund.line_id].append(refund)
    used = set(
        Clawback.objects.filter(commission__in=commissions).values_list("commission", "refund")
    )
    return {
        commission.pk: [
            refund
            for refund in by_line[commission.line_id]
            if (commission.pk, refund.pk) not in used
        ][-1]
        for commission in commissions
    }


def _lock_accounts(clawbacks: Sequence[Clawback]) -> None:
    """All that are touched, by their ids, as every posting does: nobody waits in a circle."""
    wanted = {(one.commission.distributor.member, one.commission.asset) for one in clawbacks}
    touched = Account.objects.filter(
        member__in={member for member, _ in wanted}, asset__in={asset for _, asset in wanted}
    )
    list(touched.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def claw_back(clawbacks: Sequence[Clawback], *, at: datetime) -> None:
    """Move the money: out of the wallet as far as it goes, the rest becomes a debt."""
    if not clawbacks:
        return
    for clawback in clawbacks:
        clawback.at = at
    Clawback.objects.bulk_create(clawbacks)
    _lock_accounts(clawbacks)
    owed: dict[str, int] = {}
    for clawback in sorted(
        clawbacks, key=lambda one: (one.commission.distributor.member_id, one.pk)
    ):
        commission = clawback.commission
        asset = Asset(commission.asset)
        owed[str(clawback.pk)] = reclaim(
            key=f"clawback:{clawback.pk}",
            wallet=account(commission.distributor.member, asset),
            credit=payer(asset),
            amount=clawback.amount,
            source=Source("orders.refund", clawback.refund.public_id),
            effective_at=at,
        )
    record(
        COMMISSIONS_CLAWED_BACK,
        [Reference("commissions.commission", str(one.commission_id)) for one in clawbacks],
        at=at,
        owed=sum(owed.values()),
    )
