"""What was approved has changed: it is reviewed anew, by both."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from common import status
from events.models import Reference
from events.services import happened
from risk import services as risk
from withdrawals.models import Withdrawal
from withdrawals.services.quoting import evidence, needs_two, price_of
from withdrawals.services.refusals import Blocked, Blocker

NOT_REVIEWED = {
    f"{who}_{what}": "" if what == "content" else None
    for who in ("ops", "finance", "second")
    for what in ("reviewer", "member", "at", "content")
}


def send_back(withdrawal: Withdrawal, *, at: datetime, why: str) -> None:
    """Bring a withdrawal that is not being paid back to requested, with what is true of it now.

    The member's cash is locked.

    :param why: payee, tax, or changed
    :raises Blocked: fee and tax would leave nothing
    """
    price = price_of(withdrawal, at=at)
    if price.net <= 0:
        raise Blocked([Blocker("net_too_small", _("Fee and tax would leave nothing to pay."))])
    before = status.move(
        withdrawal,
        to=Withdrawal.Status.REQUESTED,
        payee=price.payee,
        fee=price.fee,
        tax=price.tax,
        net=price.net,
        content=price.content,
        two_finance=withdrawal.two_finance or needs_two(withdrawal.gross),
        ready_at=None,
        **NOT_REVIEWED,
    )
    if price.payee:
        risk.assess_withdrawal(
            subject=Reference.to(withdrawal), amount=withdrawal.gross, at=at,
            **evidence(withdrawal.member, price.payee),
        )  # fmt: skip
    happened(
        "withdrawals.sent_back", withdrawal, at=at,
        before={"status": before}, after={"status": withdrawal.status}, why=why,
    )  # fmt: skip
