"""The queue: received commissions wait for their release date, unless a hold keeps them out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Coalesce

from commissions.models import Commission, CommissionChange, CommissionHold, DueCredit
from distribution.models import Distributor
from ledger.chart import Asset, Kind
from ledger.models import Account
from ledger.services import open_wallets
from members.models import Member
from orders.models import ClosureDecision, Refund

SECONDS_PER_DAY = 24 * 3600
MAX_DETAIL_LENGTH = 500


class AmountDue(NamedTuple):
    """What the queue is to credit, in minor units; ``change`` is 0 for the commission itself."""

    change: int
    amount: int


def bucket(moment: datetime) -> int:
    """Return the day of a moment, counted from 1970."""
    return int(moment.timestamp()) // SECONDS_PER_DAY


def protect(commissions: Sequence[Commission]) -> None:
    """Protect the commissions of received orders until the order's ``release_at``; not saved.

    It may change while they are protected: a person corrects a time of the order, or a receipt is
    told that was only assumed.
    """
    for commission in commissions:
        order = commission.line.order
        if commission.status != Commission.Status.CREDITED and order.release_at:
            commission.status = Commission.Status.PROTECTED
            commission.release_at = order.release_at


def sync_queue(commissions: Sequence[Commission], *, at: datetime) -> None:
    """Queue protected commissions, or hold them while an after-sale is open or a person is asked.

    ``settlement`` checks for frozen distributors when a commission falls due.
    """
    followed = [row for row in commissions if _may_be_queued_or_held(row)]
    if not followed:
        return
    due = amounts_due(followed)
    payable = [row for row in followed if row.pk in due or (_is_pending(row) and row.current)]
    held = {
        CommissionHold.Reason.AFTER_SALE: _disputed(payable),
        CommissionHold.Reason.CLOSED: _closed(payable),
        CommissionHold.Reason.CONFLICT: {
            row.pk for row in payable if row.line.order.has_open_conflict
        },
    }
    ended = ~Q(commission__in=payable)
    for reason, keys in held.items():
        ended |= Q(reason=reason) & ~Q(commission__in=keys)
    CommissionHold.objects.filter(ended, commission__in=followed).delete()
    for reason, keys in held.items():
        record_holds(keys, reason=reason, at=at)
    enqueue([row for row in followed if not _is_pending(row)], due)


def _is_pending(commission: Commission) -> bool:
    return commission.status == Commission.Status.PENDING


def _may_be_queued_or_held(commission: Commission) -> bool:
    order = commission.line.order
    return not _is_pending(commission) or order.closed_at is not None or order.has_conflicts


def amounts_due(commissions: Sequence[Commission]) -> dict[int, AmountDue]:
    """Return what is still to be credited of each received commission, by key; holds apart."""
    credited = [row.pk for row in commissions if row.status == Commission.Status.CREDITED]
    waiting = CommissionChange.objects.waiting().filter(commission__in=credited)
    changes = waiting.values_list("commission", "number", "delta") if credited else []
    return {
        row.pk: AmountDue(0, row.current)
        for row in commissions
        if row.status == Commission.Status.PROTECTED and row.current
    } | {key: AmountDue(number, delta) for key, number, delta in changes}


def _disputed(commissions: Sequence[Commission]) -> set[int]:
    """Return the keys of commissions whose line has an open refund."""
    lines = {row.line_id for row in commissions}
    disputed = set(Refund.objects.open().filter(line__in=lines).values_list("line", flat=True))
    return {row.pk for row in commissions if row.line_id in disputed}


def _closed(commissions: Sequence[Commission]) -> set[int]:
    """Return the keys of commissions whose order was closed, unless a person lets them be paid."""
    closed = {row.line.order_id for row in commissions if row.line.order.closed_at}
    if not closed:
        return set()
    decisions = ClosureDecision.objects.filter(order__in=closed, outcome="credit")
    closed -= set(decisions.values_list("order", flat=True))
    return {row.pk for row in commissions if row.line.order_id in closed}


def record_holds(
    keys: Iterable[int], *, reason: CommissionHold.Reason, at: datetime, detail: str = ""
) -> None:
    """Record why commissions may not be credited; an existing hold for ``reason`` stays as it is.

    :param keys: of the commissions
    """
    CommissionHold.objects.bulk_create(
        (
            CommissionHold(
                commission_id=key, reason=reason, detail=detail[:MAX_DETAIL_LENGTH], since=at
            )
            for key in sorted(keys)
        ),
        ignore_conflicts=True,
    )


def enqueue(rows: Sequence[Commission], due: Mapping[int, AmountDue]) -> None:
    """Queue what is due of commissions without a hold, and dequeue the others.

    Their due rows are locked, or do not exist.

    :param due: see ``amounts_due``
    """
    keys = [row.pk for row in rows]
    holds = CommissionHold.objects.filter(commission__in=keys)
    held = set(holds.values_list("commission", flat=True))
    ready = [row for row in rows if row.pk in due and row.pk not in held]
    DueCredit.objects.filter(commission__in=keys).exclude(
        commission__in=[row.pk for row in ready]
    ).delete()
    wallets = _wallets(ready)
    DueCredit.objects.bulk_create(
        (
            DueCredit(
                commission=row,
                change=due[row.pk].change,
                account_id=wallets[row.distributor_id, row.asset],
                asset=row.asset,
                amount=due[row.pk].amount,
                release_at=row.release_at,
                bucket=bucket(row.release_at),
            )
            for row in ready
            if row.release_at
        ),
        update_conflicts=True,
        unique_fields=["commission"],
        update_fields=["change", "amount", "release_at", "bucket"],
    )


def _wallets(commissions: Sequence[Commission]) -> dict[tuple[int, str], int]:
    """Return the wallets by distributor and asset; open those that do not exist yet."""
    needed = {(row.distributor_id, row.asset) for row in commissions}
    wallets = _existing_wallets(needed)
    if missing := needed - set(wallets):
        _open_wallets(missing)
        wallets = _existing_wallets(needed)
    return wallets


def _open_wallets(missing: set[tuple[int, str]]) -> None:
    """Open wallets in the order of assets and members, so that no two callers deadlock."""
    owners = owner_keys({distributor for distributor, _ in missing})
    for asset in sorted({asset for _, asset in missing}):
        keys = {owners[distributor] for distributor, other in missing if other == asset}
        open_wallets(Member.objects.filter(pk__in=keys).order_by("pk"), [Asset(asset)])


def owner_keys(distributors: Collection[int]) -> dict[int, int]:
    """Return by distributor the member who gets their commissions: a merged one's survivor."""
    rows = Distributor.objects.filter(pk__in=distributors).order_by()
    owner = Coalesce("member__merged_into", "member")
    return dict(rows.annotate(owner=owner).values_list("pk", "owner"))


def _existing_wallets(needed: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    accounts = Account.objects.filter(
        member__distributor__in={distributor for distributor, _ in needed},
        member__merged_into=None,
        asset__in={asset for _, asset in needed},
        kind=Kind.WALLET,
    )
    rows = accounts.values_list("member__distributor", "asset", "pk")
    wallets = {(distributor, asset): key for distributor, asset, key in rows}
    missing = needed - set(wallets)
    if missing:
        wallets |= {key: row.pk for key, row in wallets_of_owners(missing).items()}
    return wallets


def wallets_of_owners(needed: set[tuple[int, str]]) -> dict[tuple[int, str], Account]:
    """Return the wallets that exist, by distributor and asset; a merged member's survivor owns."""
    owners = owner_keys({distributor for distributor, _ in needed})
    accounts = Account.objects.filter(member__in=set(owners.values()), kind=Kind.WALLET)
    wallets = {(row.member_id, row.asset): row for row in accounts}
    return {
        (distributor, asset): wallets[owners[distributor], asset]
        for distributor, asset in needed
        if (owners[distributor], asset) in wallets
    }
