"""Read a member's wallets, and what each of their movements was for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from commissions.models import Commission
from incentives.models import Award
from ledger.chart import Asset, Kind
from ledger.models import Account, Transfer
from members.models import Member
from orders.models import Refund
from withdrawals.cash_accounts import CashAccounts
from withdrawals.requests.quote import withdrawable

COMMISSION, REFUND = "commissions.commission", "orders.refund"
WITHDRAWAL, AWARD = "withdrawals.withdrawal", "incentives.award"


@dataclass(frozen=True, slots=True)
class Wallet:
    """The amounts of one asset, in minor units.

    ``pending`` and ``protected``: commissions that are not in the balance yet.
    """

    kind: str
    balance: int
    held: int
    owed: int
    withdrawable: int
    pending: int
    protected: int


def wallets(*, member: Member, outstanding: Counter[tuple[str, str]], at: datetime) -> list[Wallet]:
    """Return a wallet for each asset, in a constant number of queries.

    :param member: not merged into another one
    :param outstanding: uncredited amounts by asset and status of the commission
    """
    accounts = {(row.asset, row.kind): row for row in Account.objects.filter(member=member)}

    def account(asset: str, kind: Kind) -> Account:
        empty = Account(member=member, asset=asset, kind=kind, balance=0)
        return accounts.get((asset, kind)) or empty

    cash = CashAccounts(
        *(account(Asset.CASH, kind) for kind in (Kind.WALLET, Kind.HELD, Kind.OWED))
    )
    free = withdrawable(cash, at=at)
    return [
        Wallet(
            kind=asset,
            balance=account(asset, Kind.WALLET).balance or 0,
            held=account(asset, Kind.HELD).balance or 0,
            owed=account(asset, Kind.OWED).balance or 0,
            withdrawable=free if asset == Asset.CASH else 0,
            pending=outstanding[asset, Commission.Status.PENDING],
            protected=outstanding[asset, Commission.Status.PROTECTED],
        )
        for asset in Asset.values
    ]


def wallet_transfers(*, member: Member, asset: str) -> QuerySet[Transfer]:
    """Return the transfers into and out of a wallet, with ``change`` and ``balance_after``.

    Those between wallets of one person, after a merge, are left out.
    """
    persons = Member.objects.of_person(member.pk).values("pk")
    own = Account.objects.filter(member__in=persons, asset=asset, kind=Kind.WALLET)
    keys = list(own.values_list("pk", flat=True))
    into, out_of = Q(credit__in=keys), Q(debit__in=keys)
    rows = Transfer.objects.filter(into & ~out_of | out_of & ~into)
    return rows.annotate(
        change=Case(When(into, then=F("amount")), default=-F("amount")),
        balance_after=Case(When(into, then="credit_balance_after"), default="debit_balance_after"),
    )


def sums(transfers: QuerySet[Transfer]) -> dict[str, int]:
    """Return what came in and what went out, in minor units."""

    def total(condition: Q) -> Coalesce:
        amount = Sum("amount", filter=condition, output_field=BigIntegerField())
        return Coalesce(amount, 0)

    return transfers.aggregate(incoming=total(Q(change__gt=0)), outgoing=total(Q(change__lt=0)))


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a transfer was for: ``kind`` is order, withdrawal, award or other.

    ``id``: the number of the order, or the public id. ``title``: of the product or incentive.
    """

    kind: str
    id: str = ""
    title: str = ""


def purposes(transfers: Iterable[Transfer]) -> Mapping[int, Purpose]:
    """Return what each transfer was for, by its key, in a query for each kind of source."""
    rows = list(transfers)
    commissions = [row.source_id for row in rows if row.source_kind == COMMISSION]
    refunds = [row.source_id for row in rows if row.source_kind == REFUND]
    known: dict[tuple[str, str], Purpose] = {}
    fields = ("line__order__number", "line__product__name")
    for key, number, title in Commission.objects.filter(pk__in=commissions).values_list(
        "pk", *fields
    ):
        known[COMMISSION, str(key)] = Purpose("order", number, title)
    for key, number, title in Refund.objects.filter(public_id__in=refunds).values_list(
        "public_id", *fields
    ):
        known[REFUND, key] = Purpose("order", number, title)
    awards = [row.source_id for row in rows if row.source_kind == AWARD]
    if awards:
        names = Award.objects.filter(public_id__in=awards).values_list("public_id", "version__name")
        known |= {(AWARD, key): Purpose("award", key, name) for key, name in names}
    return {row.pk: _purpose(row, known) for row in rows}


def _purpose(row: Transfer, known: Mapping[tuple[str, str], Purpose]) -> Purpose:
    if row.source_kind == WITHDRAWAL:
        return Purpose("withdrawal", row.source_id)
    return known.get((row.source_kind, row.source_id), Purpose("other"))


def filters(values: Mapping[str, Any]) -> Q:
    """Return the conditions of ``direction`` and ``reason``."""
    condition = Q()
    if direction := values.get("direction"):
        condition &= Q(change__gt=0) if direction == "in" else Q(change__lt=0)
    if reason := values.get("reason"):
        condition &= Q(reason=reason)
    return condition
