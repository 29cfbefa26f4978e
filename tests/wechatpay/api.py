"""The API v3 routes that payouts use."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.wechatpay import authorizations, bills, statement
from tests.wechatpay.authorizations import Authorization
from tests.wechatpay.bills import FINAL, Refusal, TransferBill
from tests.wechatpay.faults import Response, json_response
from tests.wechatpay.signing import BadRequestSignature

if TYPE_CHECKING:
    from tests.wechatpay.server import Server

TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills"
AUTHORIZATIONS = "/v3/fund-app/mch-transfer/user-confirm-authorization"
QUERY_WINDOW = timedelta(days=30)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str]
    body: bytes


class Api:
    def __init__(self, server: Server) -> None:
        self.server = server
        self._files: dict[str, bytes] = {}

    def answer(self, request: Request) -> Response | None:
        """Return the response, or ``None`` to hang up."""
        server = self.server
        try:
            server.keys.check_request(
                request.method, request.path, request.headers.get("Authorization", ""),
                request.body, merchant=server.merchant,
            )  # fmt: skip
        except BadRequestSignature:
            return json_response(401, {"code": "SIGN_ERROR", "message": "签名错误"}, signed="not")
        on, no, work = self._route(request)
        server.calls.append((on, no))
        fault = server.next_fault(on, no)

        def carry_out() -> Response:
            with server.lock:
                try:
                    return work()
                except Refusal as refusal:
                    error = {"code": refusal.code, "message": refusal.message}
                    return json_response(refusal.status, error)

        server.stopping.wait(server.latency)
        return fault.play(carry_out, server.stopping.wait) if fault else carry_out()

    def _route(self, request: Request) -> tuple[str, str, Callable[[], Response]]:
        """Return the call, its bill number and its handler."""
        url = urlsplit(request.path)
        method, path = request.method, url.path
        if method == "POST" and path in {TRANSFERS, f"{TRANSFERS}/transfer"}:
            content = json.loads(request.body)
            authorized = path.endswith("/transfer")
            return "send", content.get("out_bill_no", ""), lambda: self._send(content, authorized)
        if match := re.fullmatch(rf"{TRANSFERS}/out-bill-no/(\w+)(/cancel)?", path):
            number, cancel = match.groups()
            if method == "POST" and cancel:
                return "cancel", number, lambda: self._cancel(number)
            if method == "GET" and not cancel:
                return "query", number, lambda: self._query(number)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if method == "GET" and path == "/v3/bill/fundflowbill":
            return "statement", "", lambda: self._statement(**query)
        if method == "GET" and path == "/v3/billdownload/file":
            return "download", "", lambda: self._download(query.get("token", ""))
        return self._route_authorization(request)

    def _route_authorization(self, request: Request) -> tuple[str, str, Callable[[], Response]]:
        url = urlsplit(request.path)
        if request.method == "POST" and url.path == AUTHORIZATIONS:
            content = json.loads(request.body)
            number = content.get("out_authorization_no", "")
            return "authorize", number, lambda: self._authorize(content)
        if match := re.fullmatch(
            rf"{AUTHORIZATIONS}/out-authorization-no/(\w+)(/close)?", url.path
        ):
            number, close = match.groups()
            if request.method == "POST" and close:
                return "close_authorization", number, lambda: self._close_authorization(number)
            if request.method == "GET" and not close:
                shown = "is_display_authorization=true" in url.query
                work = lambda: self._query_authorization(number, shown)  # noqa: E731
                return "query_authorization", number, work
        return "nowhere", "", self._unknown_route

    def _authorize(self, content: dict[str, Any]) -> Response:
        server = self.server
        authorizations.check(content, apps=server.apps)
        row = server.find_authorization(content["out_authorization_no"])
        if row is None:
            if server.live_authorization(content["openid"]):
                raise Refusal(400, "INVALID_REQUEST", "用户已授权")
            row = server.add_authorization(content)
        elif row.content != content:
            raise Refusal(400, "INVALID_REQUEST", "单号已存在但信息不一致")
        return json_response(200, row.request_payload())

    def _query_authorization(self, number: str, shown: bool) -> Response:
        row = self._require_authorization(number)
        return json_response(200, row.query_payload(with_package=shown))

    def _close_authorization(self, number: str) -> Response:
        row = self._require_authorization(number)
        row.close("CLOSE_VIA_MCH_API", at=self.server.at)
        return json_response(200, row.query_payload())

    def _require_authorization(self, number: str) -> Authorization:
        row = self.server.find_authorization(number)
        if row is None:
            raise Refusal(404, "NOT_FOUND", "记录不存在")
        return row

    def _send(self, content: dict[str, Any], authorized: bool) -> Response:
        server = self.server
        if content.get("user_name"):
            content = content | {"user_name": server.keys.decrypt_name(content["user_name"])}
        bills.check(content, apps=server.apps, authorized=authorized)
        if authorized and not server.is_authorized(content["authorization_id"], content["openid"]):
            raise Refusal(403, "NO_AUTH", "authorization_id")
        bill = server.find(content["out_bill_no"])
        if bill is None:
            bill = self._accept(content, authorized)
        elif bill.content != content:
            raise Refusal(400, "INVALID_REQUEST", "单号已存在但信息不一致,请查单后比较确认")
        elif server.at > bill.created + QUERY_WINDOW:
            raise Refusal(400, "INVALID_REQUEST", "对应单号已超出重试期")
        return json_response(200, self._in_full(bill) if authorized else bill.send_payload())

    def _accept(self, content: dict[str, Any], authorized: bool) -> TransferBill:
        server = self.server
        openid, name = content["openid"], content.get("user_name")
        planned_failure = server.future_failures.get(openid, "")
        if name and name != server.names.get(openid, name):
            planned_failure = "NAME_NOT_CORRECT"
        bill = TransferBill(
            content=content,
            created=server.at,
            authorized=authorized,
            planned_failure=planned_failure,
        )
        locked = server.ledger.lock(
            out_bill_no=bill.out_bill_no, amount=bill.amount, at=server.at,
            transfer_bill_no=bill.transfer_bill_no, remark=content["transfer_remark"],
        )  # fmt: skip
        if not locked:
            raise Refusal(403, "NOT_ENOUGH", "资金不足")
        server.add(bill)
        return bill

    def _query(self, number: str) -> Response:
        return json_response(200, self._in_full(self._find(number)))

    def _cancel(self, number: str) -> Response:
        bill = self._find(number)
        if bill.state in {"SUCCESS", "FAIL", "TRANSFERING"}:
            raise Refusal(400, "INVALID_REQUEST", "当前状态不可撤销")
        if bill.state not in FINAL | {"CANCELING"}:
            bill.enter("CANCELING", at=self.server.at, ledger=self.server.ledger)
        # The API reports only acceptance, even when the cancellation is immediate.
        return json_response(200, bill.cancel_payload())

    def _find(self, number: str) -> TransferBill:
        bill = self.server.find(number)
        if bill is None or self.server.at > bill.created + QUERY_WINDOW:
            raise Refusal(404, "NOT_FOUND", "记录不存在")
        return bill

    def _in_full(self, bill: TransferBill) -> dict[str, Any]:
        content = bill.query_payload(self.server.merchant)
        if name := bill.content.get("user_name"):
            content["user_name"] = self.server.keys.encrypt_name(name)
        return content

    def _statement(
        self, *, bill_date: str, account_type: str = "BASIC", tar_type: str = ""
    ) -> Response:
        if account_type != "OPERATION":
            raise Refusal(400, "NO_STATEMENT_EXIST")
        plain = self.server.statement(date.fromisoformat(bill_date))
        token = secrets.token_urlsafe(24)
        self._files[token] = statement.gzip_statement(plain) if tar_type == "GZIP" else plain
        return json_response(
            200,
            {
                "hash_type": "SHA1",
                "hash_value": hashlib.sha1(plain).hexdigest(),
                "download_url": f"{self.server.url}/v3/billdownload/file?token={token}",
            },
        )

    def _download(self, token: str) -> Response:
        if token not in self._files:
            raise Refusal(400, "PARAM_ERROR", "token")
        return Response(200, self._files[token], signed="not", kind="application/octet-stream")

    def _unknown_route(self) -> Response:
        raise Refusal(404, "RESOURCE_NOT_EXISTS")
