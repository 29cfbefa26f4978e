"""Payroll: bonuses of a month are handed over once, to be paid with the wages."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from closing.events import CLOSING_BONUSES_HANDED_OVER
from closing.models import Payroll
from common.clock import business_day
from common.errors import TwotierError
from common.locks import advisory_lock, lock_rows
from common.requirements import require_permission
from distribution.models import Distributor
from events.models import Reference
from events.services import record
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account
from ledger.services import Posting, platform_account, transfer_many
from members.models import User

EXPORT_PERMISSION = "closing.export_payroll"


class PayrollMonthNotStarted(TwotierError):
    code = "payroll_month_not_started"
    message = _("%(month)s has not started yet. Nothing was handed over.")
    status = 400


@transaction.atomic
def hand_over_bonuses(*, month: date, by: User, at: datetime) -> list[Payroll]:
    """Move the balance of every bonus wallet to payroll, once a month and member. Idempotent.

    The wallets of frozen distributors stay untouched.

    :param month: its first day
    :returns: all rows of the month, including earlier ones
    :raises PermissionMissing: ``by`` may not hand bonuses over
    :raises PayrollMonthNotStarted: the month is in the future
    """
    require_permission(by, EXPORT_PERMISSION)
    if month > business_day(at):
        raise PayrollMonthNotStarted(month=f"{month:%Y-%m}")
    advisory_lock("closing.payroll")
    paid = Payroll.objects.filter(month=month).values("member")
    frozen = Distributor.objects.filter(status=Distributor.Status.FROZEN).values("member")
    wallets = (
        Account.objects.filter(asset=Asset.BONUS, kind=Kind.WALLET, balance__gt=0)
        .exclude(member__in=paid)
        .exclude(member__in=frozen)
        .order_by("pk")
    )
    lock_rows(wallets)
    amounts = {row.member_id: row.balance or 0 for row in wallets if row.member_id}
    if amounts:
        payroll = platform_account(Kind.PAYROLL, Asset.BONUS)
        transfer_many(
            Posting(
                key=f"payroll:{month:%Y%m}:{wallet.member_id}", debit_id=wallet.pk,
                credit_id=payroll.pk, amount=wallet.balance or 0, reason=Reason.PAYROLL,
                source_kind="closing.payroll", source_id=f"{month:%Y%m}", effective_at=at,
            )
            for wallet in wallets
        )  # fmt: skip
        Payroll.objects.bulk_create(
            Payroll(month=month, member_id=member, amount=amount, by=by, at=at)
            for member, amount in amounts.items()
        )
    record(
        CLOSING_BONUSES_HANDED_OVER, Reference("closing.payroll", f"{month:%Y%m}"), at=at, by=by,
        members=len(amounts), amount=sum(amounts.values()),
    )  # fmt: skip
    return list(Payroll.objects.filter(month=month).select_related("member").order_by("pk"))
