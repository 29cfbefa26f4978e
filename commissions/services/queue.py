"""From receipt to crediting: commissions wait in the queue, or beside it with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from commissions.models import Commission, CommissionHold, DueCredit
from distribution.models import Distributor
from ledger.chart import Asset, Kind
from ledger.models import Account
from ledger.services import open_wallets
from members.models import Member
from orders.models import Refund

DAY = 24 * 3600  # seconds
MAX_DETAIL_LENGTH = 500


def bucket(moment: datetime) -> int:
    """The day of a moment, counted from 1970."""
    return int(moment.timestamp()) // DAY


def protect(commissions: Sequence[Commission]) -> None:
    """Those whose order is received are protected from now on, until the order's ``release_at``."""
    for commission in commissions:
        order = commission.line.order
        if commission.status == Commission.Status.PENDING and order.release_at:
            commission.status = Commission.Status.PROTECTED
            commission.release_at = order.release_at


def sync_queue(commissions: Sequence[Commission], *, at: datetime) -> None:
    """Put protected commissions into the queue, or beside it while an after-sale is open.

    Whose distributor is frozen is found when it falls due: see ``settlement``.
    """
    waiting = [one for one in commissions if one.status == Commission.Status.PROTECTED]
    if not waiting:
        return
    lines = [one.line_id for one in waiting if one.current]
    open_refunds = Refund.objects.open().filter(line__in=lines)
    disputed_lines = set(open_refunds.values_list("line", flat=True))
    disputed = {one.pk for one in waiting if one.current and one.line_id in disputed_lines}
    left = {one.pk for one in waiting if one.current}
    held = CommissionHold.objects.filter(commission__in=waiting)
    held.filter(reason=CommissionHold.Reason.AFTER_SALE).exclude(commission__in=disputed).delete()
    held.exclude(commission__in=left).delete()
    record_holds(disputed, reason=CommissionHold.Reason.AFTER_SALE, at=at)
    enqueue(waiting)


def record_holds(
    keys: Iterable[int], *, reason: CommissionHold.Reason, at: datetime, detail: str = ""
) -> None:
    """Write down why commissions may not be credited; what is written already stays."""
    CommissionHold.objects.bulk_create(
        (
            CommissionHold(
                commission_id=key, reason=reason, detail=detail[:MAX_DETAIL_LENGTH], since=at
            )
            for key in sorted(keys)
        ),
        ignore_conflicts=True,
    )


def enqueue(commissions: Iterable[Commission]) -> None:
    """Let the queue hold those of the commissions that nothing holds back, with what they are now.

    Their due rows are locked, or do not exist.
    """
    waiting = list(commissions)
    keys = [one.pk for one in waiting]
    held = set(
        CommissionHold.objects.filter(commission__in=keys).values_list("commission", flat=True)
    )
    ready = [one for one in waiting if one.current and one.pk not in held]
    DueCredit.objects.filter(commission__in=keys).exclude(
        commission__in=[one.pk for one in ready]
    ).delete()
    wallets = _wallets(ready)
    DueCredit.objects.bulk_create(
        (
            DueCredit(
                commission=one,
                account_id=wallets[one.distributor_id, one.asset],
                asset=one.asset,
                amount=one.current,
                release_at=one.release_at,
                bucket=bucket(one.release_at),
            )
            for one in ready
            if one.release_at
        ),
        update_conflicts=True,
        unique_fields=["commission"],
        update_fields=["amount"],
    )


def _wallets(commissions: Sequence[Commission]) -> dict[tuple[int, str], int]:
    """The wallets that they go to, by distributor and asset; opened where there is none yet."""
    if not commissions:
        return {}
    needed = {(one.distributor_id, one.asset) for one in commissions}
    owners = dict(
        Distributor.objects.filter(pk__in={one for one, _ in needed}).values_list("member", "pk")
    )
    found = _existing_wallets(owners, needed)
    missing = needed - set(found)
    if missing:
        of = {distributor: member for member, distributor in owners.items()}
        members = Member.objects.in_bulk({of[distributor] for distributor, _ in missing})
        for asset in sorted({asset for _, asset in missing}):
            without = sorted(of[distributor] for distributor, its in missing if its == asset)
            open_wallets([members[key] for key in without], [Asset(asset)])
        found = _existing_wallets(owners, needed)
    return found


def _existing_wallets(
    owners: dict[int, int], needed: set[tuple[int, str]]
) -> dict[tuple[int, str], int]:
    accounts = Account.objects.filter(
        member__in=owners, asset__in={asset for _, asset in needed}, kind=Kind.WALLET
    )
    return {
        (owners[member], asset): key
        for member, asset, key in accounts.values_list("member", "asset", "pk")
    }
