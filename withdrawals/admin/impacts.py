"""Say which money the buttons of a distributor touch: the wallet and open withdrawals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from backoffice.impacts import Effect, register
from common.money import yuan_text
from distribution.models import Distributor
from withdrawals.cash_accounts import read_cash_accounts
from withdrawals.models import Withdrawal
from withdrawals.requests.quote import withdrawable

FREEZE, EXIT = "distribution.distributor.freeze", "distribution.distributor.exit"


@register(FREEZE, order=50)
def blocked_money(row: Distributor, at: datetime) -> Iterator[Effect]:
    yield from _open_withdrawals(row, _("in an open withdrawal: it is not paid while frozen."))
    if free := withdrawable(read_cash_accounts(row.member), at=at):
        yield Effect(yuan_text(free), _("in the wallet cannot be withdrawn while frozen."))


@register(EXIT, order=50)
def paid_money(row: Distributor, at: datetime) -> Iterator[Effect]:
    yield from _open_withdrawals(row, _("in an open withdrawal goes on as usual."))
    if free := withdrawable(read_cash_accounts(row.member), at=at):
        yield Effect(yuan_text(free), _("in the wallet stays theirs to withdraw."))


def _open_withdrawals(row: Distributor, text: str) -> Iterator[Effect]:
    rows = Withdrawal.objects.filter(member=row.member_id, status__in=Withdrawal.OPEN)
    found = rows.aggregate(count=Count("pk"), gross=Sum("gross"))
    if found["count"]:
        yield Effect(yuan_text(found["gross"]), text)
