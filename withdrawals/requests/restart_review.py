"""Return a withdrawal to review after its payee, tax or amounts have changed."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from withdrawals import lifecycle
from withdrawals.errors import Blocked, Blocker
from withdrawals.models import Withdrawal
from withdrawals.requests.quote import assess_risk, current_price, requires_second_finance


def restart_review(withdrawal: Withdrawal, *, at: datetime, reason: str) -> None:
    """Return a withdrawal to *requested* with its current price and payee.

    The caller holds the lock of the member's cash accounts.

    :param reason: payee, tax, or changed
    :raises Blocked: fee and tax would leave nothing to pay
    """
    price = current_price(withdrawal, at=at)
    if price.net <= 0:
        raise Blocked([Blocker("net_too_small", _("Fee and tax would leave nothing to pay."))])
    lifecycle.reopen_request(
        withdrawal,
        at=at,
        reason=reason,
        needs_second_finance=withdrawal.needs_second_finance
        or requires_second_finance(withdrawal.gross),
        **price.content(),
    )
    assess_risk(withdrawal, at=at)
