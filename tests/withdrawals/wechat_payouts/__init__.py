"""Payouts through WeChat Pay: a bill is paid at most once and both ledgers agree.

Both sides use the clock of the test. ``settle_down`` polls until no payment is open and confirms
for the member as soon as possible.
"""

from __future__ import annotations

from datetime import timedelta

from ledger import proof
from tests.wechatpay import Paid, Server
from tests.withdrawals.factories import NOW, YUAN, cash
from withdrawals.models import Attempt, Withdrawal
from withdrawals.services import collect, process_due_attempts

STEP = timedelta(minutes=10)
AMOUNT = 300 * YUAN


def collected(withdrawal: Withdrawal) -> Attempt:
    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW)
    return Attempt.objects.get()


def settle_down(server: Server, *, steps: int = 12, confirming: bool = True) -> None:
    for step in range(1, steps):
        server.pass_time(seconds=STEP.total_seconds())
        for number in list(server.bills):
            if confirming:
                server.confirm(number)
        process_due_attempts(at=NOW + step * STEP)


def agrees(server: Server, withdrawal: Withdrawal, *, paid: bool) -> None:
    """Check that both ledgers show one payment, or none."""
    withdrawal.refresh_from_db()
    received = server.paid_to("openid-of-lan")
    assert received == (Paid(times=1, amount=AMOUNT) if paid else Paid(times=0, amount=0))
    assert (withdrawal.status == "paid") is paid
    assert cash(withdrawal.member)[1] == (0 if withdrawal.ended_at else AMOUNT)
    assert cash(withdrawal.member)[0] == 1_000 * YUAN - (
        AMOUNT if paid or not withdrawal.ended_at else 0
    )
    assert proof.differences() == []
