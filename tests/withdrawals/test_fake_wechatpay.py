"""The fake WeChat Pay server works with a third-party client of the real API."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.type import RequestType

from tests.wechatpay import (
    BadSignature,
    NotFound,
    OverrideFields,
    Pace,
    Paid,
    RateLimited,
    ReplyLost,
    RequestLost,
    Server,
    Status,
)
from tests.wechatpay.api import TRANSFERS
from tests.wechatpay.control import Remote

pytestmark = pytest.mark.slow

INFOS = [
    {"info_type": "岗位类型", "info_content": "分销员"},
    {"info_type": "报酬说明", "info_content": "佣金"},
]
OPENID = "oLan"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(at=datetime(2026, 5, 1, 4, tzinfo=UTC), balance=1_000_00) as server:
        server.set_real_name(OPENID, name="王兰")
        yield server


@cache
def merchant_of(server: Server) -> WeChatPay:
    keys = server.keys
    pay = WeChatPay(
        WeChatPayType.MINIPROG, server.merchant, keys.merchant_pem, keys.merchant_serial,
        server.app, keys.api_v3_key, notify_url="http://127.0.0.1:1/notice", timeout=5,
        public_key=keys.platform_public_pem, public_key_id=keys.platform_serial,
    )  # fmt: skip
    pay._core._gate_way = server.url
    return pay


def send(server: Server, number: str = "W1", **other: Any) -> tuple[int, dict[str, Any]]:
    words = {
        "transfer_scene_id": "1005", "openid": OPENID, "transfer_amount": 1000,
        "transfer_remark": "佣金", "user_name": "王兰", "transfer_scene_report_infos": INFOS,
    } | other  # fmt: skip
    status, body = merchant_of(server).mch_transfer_bills(number, **words)
    return status, json.loads(body)


def query(server: Server, number: str = "W1") -> tuple[int, dict[str, Any]]:
    status, body = merchant_of(server).mch_transfer_bills_query(number)
    return status, json.loads(body)


def cancel(server: Server, number: str = "W1") -> tuple[int, dict[str, Any]]:
    status, body = merchant_of(server).mch_transfer_bills_cancel(number)
    return status, json.loads(body)


def state(server: Server, number: str = "W1") -> str:
    return query(server, number)[1]["state"]


class TestLife:
    def test_a_confirmed_bill_is_paid_once(self, server: Server) -> None:
        status, bill = send(server)
        assert (status, bill["state"]) == (200, "WAIT_USER_CONFIRM")
        assert bill["package_info"]
        assert server.paid("W1") == Paid(0, 0)
        assert server.confirm("W1")
        assert not server.confirm("W1")
        assert server.paid("W1") == server.paid_to(OPENID) == Paid(1, 1000)
        _, bill = query(server)
        assert bill["state"] == "SUCCESS"
        assert (bill["mch_id"], bill["appid"]) == (server.merchant, server.app)
        assert (bill["openid"], bill["transfer_amount"]) == (OPENID, 1000)
        assert server.ledger.balance == 1_000_00 - 1000
        assert server.calls == [("send", "W1"), ("query", "W1")]

    def test_only_the_merchant_can_decrypt_the_returned_name(self, server: Server) -> None:
        send(server)
        assert merchant_of(server).decrypt(query(server)[1]["user_name"]) == "王兰"

    def test_each_state_lasts_its_time(self, server: Server) -> None:
        minute = timedelta(minutes=1)
        server.pace = Pace(accepted=minute, processing=minute, transferring=minute)
        seen = [send(server)[1]["state"]]
        for _ in range(2):
            server.pass_time(minutes=1)
            seen.append(state(server))
        server.confirm("W1")
        seen.append(state(server))
        server.pass_time(minutes=1)
        seen.append(state(server))
        waited = ["ACCEPTED", "PROCESSING", "WAIT_USER_CONFIRM"]
        assert seen == [*waited, "TRANSFERING", "SUCCESS"]

    def test_an_unconfirmed_bill_is_closed_an_hour_late(self, server: Server) -> None:
        server.pace = Pace(closing=timedelta(hours=1))
        send(server)
        server.pass_time(hours=24)
        assert state(server) == "WAIT_USER_CONFIRM"
        assert not server.confirm("W1")
        server.pass_time(hours=1)
        bill = query(server)[1]
        assert (bill["state"], bill["fail_reason"]) == ("FAIL", "OVERDUE_CLOSE")
        assert (server.ledger.available, server.paid("W1").times) == (1_000_00, 0)

    def test_a_cancelled_bill_is_not_confirmed(self, server: Server) -> None:
        server.pace = Pace(canceling=timedelta(minutes=1))
        send(server)
        assert cancel(server)[1]["state"] == "CANCELING"
        assert not server.confirm("W1")
        server.pass_time(minutes=1)
        assert state(server) == "CANCELLED"
        assert (server.ledger.available, server.paid("W1").times) == (1_000_00, 0)

    def test_a_confirmed_bill_is_not_cancelled(self, server: Server) -> None:
        send(server)
        server.confirm("W1")
        status, error = cancel(server)
        assert (status, error["code"]) == (400, "INVALID_REQUEST")
        assert state(server) == "SUCCESS"

    def test_a_wrong_name_fails(self, server: Server) -> None:
        send(server, user_name="王蓝")
        bill = query(server)[1]
        assert (bill["state"], bill["fail_reason"]) == ("FAIL", "NAME_NOT_CORRECT")

    def test_future_bills_of_a_failing_member_are_not_paid(self, server: Server) -> None:
        server.fail_future_bills(OPENID, "ACCOUNT_FROZEN")
        send(server)
        assert query(server)[1]["fail_reason"] == "ACCOUNT_FROZEN"
        assert server.ledger.available == 1_000_00

    def test_a_bill_is_not_found_after_30_days(self, server: Server) -> None:
        send(server)
        server.confirm("W1")
        server.pass_time(days=31)
        assert query(server)[0] == 404
        assert send(server)[1]["code"] == "INVALID_REQUEST"
        assert server.paid("W1").times == 1


class TestNumbers:
    def test_a_repeated_request_is_the_same_bill(self, server: Server) -> None:
        first, second = send(server)[1], send(server)[1]
        assert first["transfer_bill_no"] == second["transfer_bill_no"]
        assert len(server.bills) == 1

    def test_different_content_is_refused(self, server: Server) -> None:
        send(server)
        status, error = send(server, transfer_amount=1001)
        assert (status, error["code"]) == (400, "INVALID_REQUEST")
        assert server.bills["W1"].amount == 1000

    def test_fifty_concurrent_requests_create_one_bill(self, server: Server) -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(lambda _: send(server)[1]["transfer_bill_no"], range(50))
        assert len(set(answers)) == 1
        assert sum(server.ledger.locked.values()) == 1000

    def test_an_amount_above_the_balance_is_refused(self, server: Server) -> None:
        status, error = send(server, transfer_amount=1_000_01)
        assert (status, error["code"]) == (403, "NOT_ENOUGH")
        server.top_up(1)
        assert send(server, transfer_amount=1_000_01)[0] == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "W-1"},
        {"number": "W" * 33},
        {"transfer_amount": 9, "user_name": None},
        {"transfer_amount": 10.5},
        {"transfer_remark": "佣" * 33},
        {"transfer_scene_id": "1000"},
        {"transfer_scene_report_infos": INFOS[:1]},
        {"transfer_scene_report_infos": INFOS[::-1]},
        {"appid": "wxother"},
        {"notify_url": "http://127.0.0.1:1/notice?who=me"},
    ],
    ids=",".join,
)
def test_an_invalid_request_is_refused(server: Server, wrong: dict[str, Any]) -> None:
    status, error = send(server, **wrong)
    assert (status, error["code"]) == (400, "PARAM_ERROR")
    assert server.bills == {}


@pytest.mark.parametrize(("amount", "named"), [(29, True), (200_000, False)])
def test_the_amount_decides_whether_a_name_is_needed(
    server: Server, amount: int, named: bool
) -> None:
    core = merchant_of(server)._core
    name = {"user_name": core.encrypt("王兰")} if named else {}
    asked = {
        "appid": server.app, "out_bill_no": "W1", "openid": OPENID, "transfer_amount": amount,
        "transfer_remark": "佣金", "transfer_scene_id": "1005",
        "transfer_scene_report_infos": INFOS,
    }  # fmt: skip
    # The library would omit the name or refuse the request itself.
    status, error = core.request(TRANSFERS, RequestType.POST, data=asked | name)
    assert (status, json.loads(error)["code"]) == (400, "PARAM_ERROR")


class TestSignatures:
    def test_an_unsigned_request_is_refused(self, server: Server) -> None:
        url = f"{server.url}{TRANSFERS}/out-bill-no/W1"
        refused = requests.get(url, timeout=5)
        assert refused.status_code == 401
        assert "Wechatpay-Signature" not in refused.headers

    def test_a_changed_body_is_refused(self, server: Server) -> None:
        core, signed = merchant_of(server)._core, '{"a": 2}'
        status, _ = core.request(TRANSFERS, RequestType.POST, data={"a": 1}, sign_data=signed)
        assert status == 401

    def test_the_client_refuses_a_bad_signature(self, server: Server) -> None:
        server.script(on="send", faults=[BadSignature()])
        with pytest.raises(Exception, match="failed to verify the signature"):
            send(server)
        assert "W1" in server.bills


class TestFaults:
    def test_a_request_with_a_lost_reply_takes_effect(self, server: Server) -> None:
        server.script(on="send", faults=[RequestLost(), ReplyLost()])
        with pytest.raises(requests.ConnectionError):
            send(server)
        assert server.bills == {}
        with pytest.raises(requests.ConnectionError):
            send(server)
        assert "W1" in server.bills
        assert send(server)[0] == 200

    def test_scripted_errors_are_returned_in_order(self, server: Server) -> None:
        server.script(on="send", faults=[Status(500, done=True), RateLimited()])
        assert [send(server)[0] for _ in range(3)] == [500, 429, 200]

    def test_an_accepted_bill_may_not_be_found_yet(self, server: Server) -> None:
        send(server)
        server.script(on="query", faults=[NotFound()] * 2)
        assert [query(server)[0] for _ in range(3)] == [404, 404, 200]

    def test_a_fault_can_apply_to_one_bill(self, server: Server) -> None:
        server.script(on="send", faults=[Status(500)], no="W2")
        assert [send(server, number)[0] for number in ("W1", "W2", "W2")] == [200, 500, 200]

    def test_a_signed_reply_can_contain_false_fields(self, server: Server) -> None:
        send(server)
        server.script(on="query", faults=[OverrideFields(openid="oBo")])
        assert query(server)[1]["openid"] == "oBo"


class TestNotifications:
    def test_the_library_reads_a_notification(self, server: Server) -> None:
        send(server)
        server.confirm("W1")
        first, second = server.notify("W1", times=2)
        read = [merchant_of(server).callback(*notice) for notice in (first, second)]
        assert read[0]["event_type"] == "MCHTRANSFER.BILL.FINISHED"
        assert read[0]["id"] == read[1]["id"]
        assert first.headers["Wechatpay-Signature"] != second.headers["Wechatpay-Signature"]
        bill = read[0]["resource"]
        assert (bill["out_bill_no"], bill["state"]) == ("W1", "SUCCESS")
        assert (bill["mch_id"], bill["openid"]) == (server.merchant, OPENID)

    def test_a_notification_can_be_old_wrong_or_a_probe(self, server: Server) -> None:
        send(server)
        (wrong,) = server.notify("W1", aged=timedelta(minutes=10), transfer_amount=1)
        then = server.at - timedelta(minutes=10)
        assert wrong.headers["Wechatpay-Timestamp"] == str(int(then.timestamp()))
        assert merchant_of(server).callback(*wrong)["resource"]["transfer_amount"] == 1
        assert merchant_of(server).callback(*server.probe("W1")) is None


class TestStatement:
    def statement(self, server: Server, day: str) -> tuple[int, dict[str, Any]]:
        status, body = merchant_of(server).fundflow_bill(day, account_type="OPERATION")
        return status, json.loads(body)

    def test_the_statement_lists_movements(self, server: Server) -> None:
        for number in ("W1", "W2", "W3"):
            send(server, number)
        server.confirm("W1")
        server.confirm("W2")
        cancel(server, "W3")
        server.top_up(55)
        assert self.statement(server, "2026-05-01")[1]["code"] == "STATEMENT_CREATING"
        server.pass_time(days=1)
        status, statement = self.statement(server, "2026-05-01")
        assert status == 200
        status, gzip_statement = merchant_of(server).download_bill(statement["download_url"])
        plain = gzip.decompress(gzip_statement)
        assert hashlib.sha1(plain).hexdigest() == statement["hash_value"]
        lines = plain.decode("utf-8-sig").splitlines()
        assert [line.split(",")[-1] for line in lines[1:4]] == ["`W1", "`W2", "`"]
        assert lines[1].startswith("`2026-05-01 12:00:00,`13300")
        assert lines[1].split(",")[5:8] == ["`支出", "`10.00", "`990.00"]
        assert lines[-1] == "`3,`1,`0.55,`2,`20.00"

    def test_a_day_without_movements_has_no_statement(self, server: Server) -> None:
        server.pass_time(days=1)
        assert self.statement(server, "2026-05-01")[1]["code"] == "NO_STATEMENT_EXIST"

    def test_a_debit_can_be_booked_with_the_lock(self) -> None:
        with Server(at=datetime(2026, 5, 1, 4, tzinfo=UTC), book_on_lock=True) as server:
            send(server)
            server.expire()
            assert query(server)[1]["state"] == "FAIL"
            kinds = [(row.kind, row.amount) for row in server.ledger.rows]
            assert kinds == [("商家转账", -1000), ("商家转账退回", 1000)]


def test_a_server_process_is_controlled_remotely(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.wechatpay", "--folder", str(tmp_path / "keys")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            config = json.loads(process.stdout.readline())
            pay = WeChatPay(
                WeChatPayType.MINIPROG, config["mchid"],
                Path(config["private_key_file"]).read_text(),
                config["cert_serial"], config["appid"], config["api_v3_key"], timeout=5,
                public_key=Path(config["public_key_file"]).read_text(),
                public_key_id=config["public_key_id"],
            )  # fmt: skip
            pay._core._gate_way = config["base_url"]
            remote = Remote(config["base_url"])
            remote.script(on="send", faults=[{"name": "Status", "status": 500}])
            sent = [
                pay.mch_transfer_bills("W1", "1005", OPENID, 1000, "佣金", "王兰", None, INFOS)[0]
                for _ in range(2)
            ]
            assert sent == [500, 200]
            assert remote.confirm(out_bill_no="W1")
            assert remote.state()["bills"]["W1"]["paid"] == {"times": 1, "amount": 1000}
        finally:
            process.terminate()
    assert process.returncode == 0
