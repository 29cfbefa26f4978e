"""A notification is saved once and moves no money: it only schedules a poll."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from config import checks
from tests.wechatpay import Server
from tests.withdrawals.factories import cash, picture
from tests.withdrawals.wechat import configure, paying_through
from tests.withdrawals.wechat_payouts import AMOUNT, agrees, collected, settle_down
from wechatpay.notifications import InvalidNotification
from withdrawals.gateways import _create_gateway
from withdrawals.gateways.base import PayoutInstruction
from withdrawals.models import Evidence, Withdrawal
from withdrawals.services import handle_notification, process_due_attempts

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def receive(server: Server, number: str, **how: object) -> list[bool]:
    return [
        handle_notification(headers=notification.headers, body=notification.body, at=server.at)
        for notification in server.notify(number, **how)  # type: ignore[arg-type]
    ]


def test_fifty_copies_of_a_notification_count_once(ready: Withdrawal, server: Server) -> None:
    attempt = collected(ready)
    server.confirm(attempt.out_bill_no)

    heard = receive(server, attempt.out_bill_no, times=50)
    assert heard == [True] + [False] * 49
    ready.refresh_from_db()
    assert ready.status == "paying", "a notice is a hint"
    process_due_attempts(at=server.at)

    agrees(server, ready, paid=True)
    assert Evidence.objects.filter(kind="notification").count() == 1


def test_a_notification_after_the_end_changes_nothing(ready: Withdrawal, server: Server) -> None:
    attempt = collected(ready)
    settle_down(server)
    before = picture()

    receive(server, attempt.out_bill_no)
    process_due_attempts(at=server.at)

    assert picture() == before
    agrees(server, ready, paid=True)


@pytest.mark.parametrize(
    "lie", [{"transfer_amount": 1}, {"openid": "somebody-else"}, {"state": "FAIL"}], ids=str
)
def test_a_false_notification_moves_nothing(
    ready: Withdrawal, server: Server, lie: dict[str, object]
) -> None:
    attempt = collected(ready)

    receive(server, attempt.out_bill_no, **lie)
    process_due_attempts(at=server.at)

    ready.refresh_from_db()
    assert (ready.status, cash(ready.member)[1]) == ("paying", AMOUNT)


def test_an_old_notification_and_a_probe_are_refused(ready: Withdrawal, server: Server) -> None:
    attempt = collected(ready)
    server.confirm(attempt.out_bill_no)
    [old] = server.notify(attempt.out_bill_no, aged=timedelta(minutes=10))
    [good] = server.notify(attempt.out_bill_no)
    probe = dict(good.headers)
    probe["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + probe["Wechatpay-Signature"]

    for headers, body in ((old.headers, old.body), (probe, good.body), (good.headers, b"{}")):
        with pytest.raises(InvalidNotification):
            handle_notification(headers=headers, body=body, at=server.at)
    assert not Evidence.objects.filter(kind="notification").exists()


def test_the_notification_endpoint(ready: Withdrawal, client: Client) -> None:
    def post(body: bytes, **headers: str) -> int:
        answer = client.post(
            "/payouts/wechat", body, content_type="application/json", headers=headers
        )
        return answer.status_code

    # The endpoint uses the real clock, so the signature must be current.
    with Server() as today, paying_through(today) as gateway:
        gateway.send(
            PayoutInstruction(
                "W1", 1_000, "openid-of-lan", "Lan", "佣金", **gateway.instruction_fields()
            )
        )
        today.confirm("W1")
        [genuine] = today.notify("W1")
        assert post(genuine.body, **genuine.headers) == 204
        assert post(b"{}", **genuine.headers) == 401
        assert post(b"{}") == 401
        assert post(b" " * 70_000, **genuine.headers) == 413
        assert client.get("/payouts/wechat").status_code == 405
    assert Evidence.objects.filter(kind="notification").count() == 1


@pytest.mark.parametrize("missing", ["PRIVATE_KEY", "PUBLIC_KEY", "API_V3_KEY", "MERCHANT"])
@pytest.mark.parametrize("value", ["", "half a key"])
def test_a_half_configured_gateway_refuses_notifications_and_is_named_by_the_check(
    client: Client, settings: Any, caplog: pytest.LogCaptureFixture, missing: str, value: str
) -> None:
    if missing == "MERCHANT" and value:
        return
    with Server() as server:
        configure(settings, server)
        assert checks.wechat_pay_is_complete() == []
        name = f"WECHATPAY_{missing}"
        setattr(settings, name, value)
        settings.PAYOUT_GATEWAY = "wechat"
        _create_gateway.cache_clear()

        answer = client.post("/payouts/wechat", b"{}", content_type="application/json")

    assert answer.status_code == 503
    assert "wechatpay_not_configured" in caplog.text
    assert name in caplog.text
    [error] = checks.wechat_pay_is_complete()
    assert (error.id, name in error.msg) == ("config.E010", True)
    settings.PAYOUT_GATEWAY = "manual"
    [warning] = checks.wechat_pay_is_complete()
    assert (warning.id, name in warning.msg) == ("config.W001", True)
