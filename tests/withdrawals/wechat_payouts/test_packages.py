"""The phone gets the package that opens WeChat's page, however often it asks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.wechatpay import ReplyLost, Server
from tests.withdrawals.factories import NOW
from tests.withdrawals.wechat_payouts import agrees, settle_down
from withdrawals.models import Attempt, Withdrawal
from withdrawals.services import collect, process_due_attempts

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MINUTE = timedelta(minutes=1)


def test_a_second_tap_opens_the_page_again(ready: Withdrawal, server: Server) -> None:
    collect(withdrawal=ready, by=ready.member, at=NOW)
    server.pass_time(minutes=1)
    process_due_attempts(at=NOW + MINUTE)

    again = collect(withdrawal=ready, by=ready.member, at=NOW + MINUTE)

    assert (again.state, bool(again.package_info)) == ("wait_user_confirm", True)
    settle_down(server)
    agrees(server, ready, paid=True)


def test_a_lost_package_is_asked_for_again(ready: Withdrawal, server: Server) -> None:
    server.script(on="send", faults=[ReplyLost()])
    collect(withdrawal=ready, by=ready.member, at=NOW)
    server.pass_time(minutes=1)

    again = collect(withdrawal=ready, by=ready.member, at=NOW + MINUTE)

    assert (again.state, bool(again.package_info)) == ("wait_user_confirm", True)
    assert Attempt.objects.get().send_count == 2
    settle_down(server)
    agrees(server, ready, paid=True)
