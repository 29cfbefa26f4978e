"""Reading the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from ledger.chart import Kind
from ledger.models import Account, Total, Transfer
from members.models import Identity


@dataclass(frozen=True)
class Line:
    """One line of an account's statement; amounts in minor units, on the account's normal side."""

    transfer: Transfer
    change: int
    balance_after: int | None


@dataclass(frozen=True)
class Page:
    lines: list[Line]
    before: int | None
    """The cursor of the next, older page; ``None`` on the last."""


def statement(account: Account, *, before: int | None = None, size: int = 50) -> Page:
    """The account's transfers, newest first, by keyset: the last page is as fast as the first."""
    older = Q(id__lt=before) if before is not None else Q()
    # One side at a time, so that each is read off its own index in order.
    sides = [
        Transfer.objects.filter(older, **{side: account.pk}).order_by("-id")[: size + 1]
        for side in ("debit", "credit")
    ]
    rows = sorted((row for side in sides for row in side), key=lambda row: row.pk, reverse=True)
    lines = [_line(account, row) for row in rows[:size]]
    return Page(lines, rows[size - 1].pk if len(rows) > size else None)


def _line(account: Account, row: Transfer) -> Line:
    credited = row.credit_id == account.pk
    return Line(
        transfer=row,
        change=account.sign * (row.amount if credited else -row.amount),
        balance_after=row.credit_balance_after if credited else row.debit_balance_after,
    )


def balance(account: Account) -> int:
    """Minor units on the normal side: a member's account keeps it, a platform's is summed up.

    A platform account's is its credits less its debits, and may be negative (an expense is).
    """
    if account.member_id is not None:
        return Account.objects.values_list("balance", flat=True).get(pk=account.pk) or 0
    total = Total.objects.filter(account=account).first()
    tail = Transfer.objects.filter(id__gt=total.last_transfer if total else 0)
    # One statement is one snapshot: a posting in between would be counted on one side only.
    fresh = tail.filter(Q(credit=account) | Q(debit=account)).aggregate(
        net=Coalesce(Sum(Case(When(credit=account, then="amount"), default=-F("amount"))), Value(0))
    )
    return int(fresh["net"]) + (total.credits - total.debits if total else 0)


WALLET_COLUMNS = ("member", "kind", "balance", "held", "owed")


def wallets() -> Iterator[tuple[str, str, int, int, int]]:
    """Every member's wallets, as ``WALLET_COLUMNS`` names the columns; ``kind`` is the asset.

    Members by their id in the mall, else by ours; in the order of these and of the assets.
    """

    def of(kind: Kind) -> Coalesce:
        return Coalesce(Sum("balance", filter=Q(kind=kind)), 0)

    name = Identity.objects.filter(
        member=OuterRef("member"), provider=Identity.Provider.MALL
    ).order_by("pk")
    rows = (
        Account.objects.exclude(member=None)
        .values("asset", "member")
        .annotate(
            name=Coalesce(
                Subquery(name.values("external_id")[:1]),
                "member__public_id",
                output_field=CharField(),
            ),
            wallet=of(Kind.WALLET),
            held=of(Kind.HELD),
            owed=of(Kind.OWED),
        )
        .order_by("name", "asset", "member")
        .values_list("name", "asset", "wallet", "held", "owed")
    )
    return rows.iterator()
