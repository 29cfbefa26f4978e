"""What was approved has changed: it is reviewed anew, by both."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from common import status
from events.models import Reference
from events.services import record
from risk import services as risk
from withdrawals.events import WITHDRAWALS_REVIEW_RESTARTED
from withdrawals.models import Withdrawal
from withdrawals.services.errors import Blocked, Blocker
from withdrawals.services.quote import current_price, requires_second_finance, risk_evidence

CLEARED_REVIEW = {
    f"{who}_{what}": "" if what == "content_hash" else None
    for who in ("ops", "finance", "second")
    for what in ("reviewer", "reviewer_member", "reviewed_at", "content_hash")
}


def restart_review(withdrawal: Withdrawal, *, at: datetime, reason: str) -> None:
    """Bring a withdrawal that is not being paid back to requested, with what is true of it now.

    The member's cash is locked.

    :param why: payee, tax, or changed
    :raises Blocked: fee and tax would leave nothing
    """
    price = current_price(withdrawal, at=at)
    if price.net <= 0:
        raise Blocked([Blocker("net_too_small", _("Fee and tax would leave nothing to pay."))])
    before = status.move(
        withdrawal,
        to=Withdrawal.Status.REQUESTED,
        payee=price.payee,
        fee=price.fee,
        tax=price.tax,
        net=price.net,
        content_hash=price.content_hash,
        needs_second_finance=withdrawal.needs_second_finance
        or requires_second_finance(withdrawal.gross),
        ready_at=None,
        **CLEARED_REVIEW,
    )
    if price.payee:
        risk.assess_withdrawal(
            subject=Reference.to(withdrawal), amount=withdrawal.gross, at=at,
            **risk_evidence(withdrawal.member, price.payee),
        )  # fmt: skip
    record(
        WITHDRAWALS_REVIEW_RESTARTED, withdrawal, at=at,
        before={"status": before}, after={"status": withdrawal.status}, reason=reason,
    )  # fmt: skip
