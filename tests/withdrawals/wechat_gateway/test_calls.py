"""Send, query and cancel transfers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.wechatpay import BeforeReply, NotFound, OverrideFields, Pace, Paid, ReplyLost, Server
from tests.withdrawals.wechat import gateway_of
from tests.withdrawals.wechat_gateway import bill
from withdrawals.gateways.base import ReplyKind, State
from withdrawals.gateways.wechat import WeChatGateway


class TestSend:
    def test_a_bill_waits_for_confirmation_with_its_package(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        answer = gateway.send(bill())
        assert (answer.kind, answer.state) == (ReplyKind.STATUS, State.WAIT_USER_CONFIRM)
        assert answer.package_info
        assert answer.provider_no == server.bills["W1"].transfer_bill_no
        content = server.bills["W1"].content
        assert content["transfer_scene_report_infos"] == [
            {"info_type": "岗位类型", "info_content": "分销员"},
            {"info_type": "报酬说明", "info_content": "商品推广佣金"},
        ]
        assert content["notify_url"] == "https://shop.example/payouts/wechat"

    def test_a_repeated_bill_is_the_same_payment(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        first = gateway.send(bill())
        server.confirm("W1")
        second = gateway.send(bill())
        assert second.state is State.SUCCESS
        assert (second.provider_no, second.package_info) == (first.provider_no, "")
        assert server.paid("W1") == Paid(1, 1000)

    def test_different_content_under_the_same_number_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        gateway.send(bill())
        answer = gateway.send(bill(amount=1001))
        assert (answer.kind, answer.code) == (ReplyKind.REFUSED, "INVALID_REQUEST")
        assert server.bills["W1"].amount == 1000

    @pytest.mark.parametrize(("amount", "named"), [(29, False), (30, True), (1000, True)])
    def test_the_name_is_sent_from_30_fen(
        self, server: Server, gateway: WeChatGateway, amount: int, named: bool
    ) -> None:
        assert gateway.send(bill(amount=amount)).kind is ReplyKind.STATUS
        assert server.bills["W1"].content.get("user_name") == ("王兰" if named else None)

    def test_the_bill_uses_the_app_of_its_instruction(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        gateway.send(bill(app="wxformer"))
        assert "W1" not in server.bills  # the fake server knows only the other app

    @pytest.mark.parametrize(
        ("other", "code"),
        [
            ({"amount": 200_000, "name": ""}, "name_missing"),
            ({"name": "王" * 64}, "name_too_long"),
            ({"remark": "佣" * 33}, "remark_length"),
            ({"remark": ""}, "remark_length"),
            ({"amount": 9}, "amount_too_small"),
            ({"account": ""}, "account_missing"),
            ({"merchant": "1900000002"}, "other_merchant"),
            ({"out_bill_no": "W-1"}, "number_malformed"),
            ({"out_bill_no": "W" * 33}, "number_malformed"),
            ({"out_bill_no": "Ｗ１"}, "number_malformed"),
        ],
    )
    def test_an_invalid_bill_is_not_sent(
        self, server: Server, gateway: WeChatGateway, other: dict[str, Any], code: str
    ) -> None:
        answer = gateway.send(bill(**other))
        assert (answer.kind, answer.code) == (ReplyKind.REFUSED, code)
        assert server.calls == []

    def test_a_remark_of_32_characters_fits(self, server: Server, gateway: WeChatGateway) -> None:
        assert gateway.send(bill(remark="佣" * 32)).kind is ReplyKind.STATUS

    def test_a_wrong_name_fails_later(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill(name="王蓝"))
        answer = gateway.query("W1")
        assert (answer.state, answer.fail_reason) == (State.FAIL, "NAME_NOT_CORRECT")


class TestAuthorizedBills:
    def test_an_authorized_bill_is_paid_at_once(self, server: Server) -> None:
        gateway = gateway_of(server, confirmed=False)
        answer = gateway.send(bill(authorization=server.authorize("oLan")))
        assert (answer.kind, answer.state) == (ReplyKind.STATUS, State.SUCCESS)
        assert (answer.account, answer.amount) == ("oLan", 1000)
        assert (answer.merchant, answer.app) == (server.merchant, server.app)
        assert server.bills["W1"].content["user_name"] == "王兰"
        assert server.paid("W1") == Paid(1, 1000)

    def test_the_name_is_sent_from_30_fen(self, server: Server, gateway: WeChatGateway) -> None:
        small = bill(amount=29, authorization=server.authorize("oLan"))
        assert gateway.send(small).state is State.SUCCESS

    def test_an_authorization_of_another_member_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        answer = gateway.send(bill(authorization=server.authorize("oBo")))
        assert (answer.kind, answer.code) == (ReplyKind.REFUSED, "NO_AUTH")

    def test_a_bill_without_authorization_is_not_sent(self, server: Server) -> None:
        gateway = gateway_of(server, confirmed=False)
        answer = gateway.send(bill())
        assert (answer.kind, answer.code) == (ReplyKind.REFUSED, "authorization_missing")
        assert server.calls == []

    def test_the_instruction_determines_the_collection_mode(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        authorized = bill(authorization=server.authorize("oLan"))
        server.script(on="send", faults=[ReplyLost()])
        gateway_of(server, confirmed=False).send(authorized)
        # The mode was switched in between, but the retry is still the same request.
        assert gateway.send(authorized).state is State.SUCCESS
        assert server.paid_to("oLan") == Paid(1, 1000)


class TestQuery:
    def test_the_reply_names_the_payee(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill())
        server.confirm("W1")
        answer = gateway.query("W1")
        assert (answer.kind, answer.state) == (ReplyKind.STATUS, State.SUCCESS)
        assert (answer.merchant, answer.app) == (server.merchant, server.app)
        assert (answer.out_bill_no, answer.account, answer.amount) == ("W1", "oLan", 1000)

    def test_a_missing_bill_is_reported_as_not_found(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        assert gateway.query("W1").kind is ReplyKind.NOT_FOUND
        gateway.send(bill())
        server.script(on="query", faults=[NotFound()] * 2)
        kinds = [gateway.query("W1").kind for _ in range(3)]
        assert kinds == [ReplyKind.NOT_FOUND, ReplyKind.NOT_FOUND, ReplyKind.STATUS]

    def test_an_uncollected_bill_has_failed(self, server: Server, gateway: WeChatGateway) -> None:
        server.pace = Pace(closing=timedelta(hours=1))
        gateway.send(bill())
        server.pass_time(hours=24)
        assert gateway.query("W1").state is State.WAIT_USER_CONFIRM
        server.pass_time(hours=1)
        answer = gateway.query("W1")
        assert (answer.state, answer.fail_reason) == (State.FAIL, "OVERDUE_CLOSE")

    def test_the_reply_contains_the_fields_of_the_bill(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        gateway.send(bill())
        server.script(
            on="query",
            faults=[OverrideFields(mch_id="2", appid="wx2", openid="o2", transfer_amount=2)],
        )
        answer = gateway.query("W1")
        fields = (answer.merchant, answer.app, answer.account, answer.amount)
        assert fields == ("2", "wx2", "o2", 2)

    def test_a_number_cannot_change_the_path(self, server: Server, gateway: WeChatGateway) -> None:
        with pytest.raises(ValueError, match="no number"):
            gateway.query("W1/cancel")
        assert server.calls == []


class TestCancel:
    def test_a_cancellation_is_only_accepted(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill())
        assert gateway.cancel("W1").state is State.CANCELING
        assert gateway.query("W1").state is State.CANCELLED

    def test_a_cancellation_can_be_too_late(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill())
        server.confirm("W1")
        assert gateway.cancel("W1").kind is ReplyKind.REFUSED
        assert gateway.query("W1").state is State.SUCCESS

    def test_cancelling_a_missing_bill(self, gateway: WeChatGateway) -> None:
        assert gateway.cancel("W1").kind is ReplyKind.NOT_FOUND

    def test_a_cancellation_races_with_the_member(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        server.pace = Pace(canceling=timedelta(minutes=1))
        gateway.send(bill())
        tapped: list[bool] = []
        server.script(
            on="cancel", faults=[BeforeReply(lambda: tapped.append(server.confirm("W1")))]
        )
        assert gateway.cancel("W1").state is State.CANCELING
        assert tapped == [False]
