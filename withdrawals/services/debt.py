"""Who owes after a refund is not paid, except what was already under way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from events.models import Reference
from ledger.chart import Asset, Kind
from ledger.models import Account
from withdrawals.models import Withdrawal
from withdrawals.services.cash_accounts import CashAccounts, lock_cash_accounts
from withdrawals.services.request import close_unpaid


@transaction.atomic(savepoint=False)
def cancel_for_debt(commissions: Iterable[Reference], *, at: datetime) -> None:
    """Cancel open withdrawals of members who owe, unless they are being paid.

    The held money goes back to the wallet, and pays the debt off first. It runs in the transaction
    that has taken money back, with the members' accounts locked.

    :param commissions: from which something was taken back
    """
    keys = [int(each.id) for each in commissions]
    owing = Account.objects.filter(
        kind=Kind.OWED, asset=Asset.CASH, balance__gt=0,
        member__distributor__commissions__in=keys,
    )  # fmt: skip
    members = set(owing.values_list("member", flat=True))
    if not members:
        return
    open_ones = Withdrawal.objects.filter(
        member__in=members, status__in=Withdrawal.BEFORE_PAYING
    ).select_related("member")
    for withdrawal in open_ones.order_by("member"):
        cash = lock_cash_accounts(withdrawal.member)
        withdrawal.refresh_from_db()
        if withdrawal.status in Withdrawal.BEFORE_PAYING:
            cancel_if_in_debt(withdrawal, cash, at=at)


def cancel_if_in_debt(withdrawal: Withdrawal, cash: CashAccounts, *, at: datetime) -> None:
    """Nothing is under way: who owes gets the money back, and pays with it."""
    if cash.owed.balance:
        close_unpaid(
            withdrawal,
            cash,
            to=Withdrawal.Status.CANCELLED,
            end_reason=Withdrawal.EndReason.DEBT,
            at=at,
        )
