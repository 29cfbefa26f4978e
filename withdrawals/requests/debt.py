"""Cancel withdrawals of members who owe money after a refund."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from events.models import Reference
from ledger.chart import Asset, Kind
from ledger.models import Account
from withdrawals import lifecycle
from withdrawals.cash_accounts import lock_cash_accounts
from withdrawals.models import Withdrawal


@transaction.atomic(savepoint=False)
def cancel_for_debt(commissions: Iterable[Reference], *, at: datetime) -> None:
    """Cancel open withdrawals of members who owe money, unless the payment has started.

    The held money returns to the wallet and repays the debt first. The caller runs this in the
    transaction of the clawback, with the members' accounts locked.

    :param commissions: the commissions that were clawed back
    """
    keys = [int(commission.id) for commission in commissions]
    owing = Account.objects.filter(
        kind=Kind.OWED, asset=Asset.CASH, balance__gt=0,
        member__distributor__commissions__in=keys,
    )  # fmt: skip
    members = set(owing.values_list("member", flat=True))
    if not members:
        return
    withdrawals = Withdrawal.objects.filter(
        member__in=members, status__in=Withdrawal.BEFORE_PAYING
    ).select_related("member")
    for withdrawal in withdrawals.order_by("member"):
        cash = lock_cash_accounts(withdrawal.member)
        withdrawal.refresh_from_db()
        if withdrawal.status in Withdrawal.BEFORE_PAYING:
            lifecycle.cancel_if_in_debt(withdrawal, cash, at=at)
