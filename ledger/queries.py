"""Read balances, statements and wallets."""

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
    """Return a page of the account's transfers, newest first, by keyset pagination."""
    older = Q(id__lt=before) if before is not None else Q()
    # One query per side, so that each reads its own index in order.
    sides = [
        Transfer.objects.filter(older, **{side: account.pk}).order_by("-id")[: size + 1]
        for side in ("debit", "credit")
    ]
    rows = sorted((row for side in sides for row in side), key=lambda row: row.pk, reverse=True)
    lines = [_line(account, row) for row in rows[:size]]
    return Page(lines, rows[size - 1].pk if len(rows) > size else None)


def all_lines(account: Account) -> list[Line]:
    """Return all transfers of the account in posting order."""
    sides = [Transfer.objects.filter(**{side: account.pk}) for side in ("debit", "credit")]
    rows = sorted((row for side in sides for row in side), key=lambda row: row.pk)
    return [_line(account, row) for row in rows]


def _line(account: Account, row: Transfer) -> Line:
    credited = row.credit_id == account.pk
    return Line(
        transfer=row,
        change=account.sign * (row.amount if credited else -row.amount),
        balance_after=row.credit_balance_after if credited else row.debit_balance_after,
    )


def balance(account: Account) -> int:
    """Return the balance in minor units, on the normal side.

    A member account stores it. The balance of a platform account is the sum of its credits minus
    its debits, and may be negative (that of an expense account is).
    """
    if account.member_id is not None:
        return Account.objects.values_list("balance", flat=True).get(pk=account.pk) or 0
    total = Total.objects.filter(account=account).first()
    tail = Transfer.objects.filter(id__gt=total.last_transfer if total else 0)
    # One statement is one snapshot: with two, a posting in between would count on one side only.
    recent = tail.filter(Q(credit=account) | Q(debit=account)).aggregate(
        net=Coalesce(Sum(Case(When(credit=account, then="amount"), default=-F("amount"))), Value(0))
    )
    return int(recent["net"]) + (total.credits - total.debits if total else 0)


WALLET_COLUMNS = ("member", "kind", "balance", "held", "owed")


def wallets() -> Iterator[tuple[str, str, int, int, int]]:
    """Iterate over all member wallets with ``WALLET_COLUMNS``; ``kind`` is the asset.

    A member is identified by the mall id, or else by the public id. Rows are ordered by this id
    and the asset.
    """

    def total(kind: Kind) -> Coalesce:
        return Coalesce(Sum("balance", filter=Q(kind=kind)), 0)

    name = Identity.objects.filter(
        member=OuterRef("member"), provider=Identity.Provider.MALL
    ).order_by(F("moved_from").asc(nulls_first=True), "pk")
    rows = (
        # The money of merged members is the survivors'.
        Account.objects.exclude(member=None)
        .filter(member__merged_into=None)
        .values("asset", "member")
        .annotate(
            name=Coalesce(
                Subquery(name.values("external_id")[:1]),
                "member__public_id",
                output_field=CharField(),
            ),
            wallet=total(Kind.WALLET),
            held=total(Kind.HELD),
            owed=total(Kind.OWED),
        )
        .order_by("name", "asset", "member_id")
        .values_list("name", "asset", "wallet", "held", "owed")
    )
    return rows.iterator()
