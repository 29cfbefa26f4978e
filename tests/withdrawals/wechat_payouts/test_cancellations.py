"""Cancelling at the provider while the member may confirm."""

from __future__ import annotations

import pytest

from common.errors import PermissionMissing
from members.models import User
from tests.wechatpay import BeforeReply, Server
from tests.withdrawals.factories import NOW
from tests.withdrawals.wechat_payouts import agrees, collected, settle_down
from withdrawals.errors import NoPaymentInProgress
from withdrawals.models import Withdrawal
from withdrawals.services import cancel_at_provider

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize("confirmed", ["before", "between", "not at all"])
def test_a_cancellation_races_with_the_confirmation(
    ready: Withdrawal, server: Server, feng: User, confirmed: str
) -> None:
    attempt = collected(ready)
    if confirmed == "before":
        server.confirm(attempt.out_bill_no)
    elif confirmed == "between":
        server.script(
            on="cancel", faults=[BeforeReply(lambda: server.confirm(attempt.out_bill_no))]
        )

    cancel_at_provider(withdrawal=ready, by=feng, at=NOW)
    settle_down(server, confirming=False)

    # The first call to reach the provider wins, and our books follow it.
    ready.refresh_from_db()
    paid = server.paid(attempt.out_bill_no).times == 1
    assert paid is (confirmed == "before")
    assert ready.status == ("paid" if paid else "ready_to_collect")
    agrees(server, ready, paid=paid)


def test_only_finance_cancels_and_only_payments_in_progress(
    ready: Withdrawal, qian: User, feng: User
) -> None:
    with pytest.raises(PermissionMissing):
        cancel_at_provider(withdrawal=ready, by=qian, at=NOW)
    with pytest.raises(NoPaymentInProgress):
        cancel_at_provider(withdrawal=ready, by=feng, at=NOW)
