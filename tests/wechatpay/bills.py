"""Transfer bills: their validation and their state changes over time."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.wechatpay.ledger import Ledger

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(hours=24)
FINAL = {"SUCCESS", "FAIL", "CANCELLED"}
REPORT_INFO_TYPES = ["岗位类型", "报酬说明"]
"""What scene 1005 (commissions) wants to be told, and nothing else."""
NAME_ALLOWED_FROM, NAME_REQUIRED_FROM, LEAST = 30, 200_000, 10


class Refusal(Exception):
    """An error of the API: status, code and text."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Pace:
    """How long a bill stays in each state that ends by itself; no time by default."""

    accepted: timedelta = timedelta(0)
    processing: timedelta = timedelta(0)
    transferring: timedelta = timedelta(0)
    canceling: timedelta = timedelta(0)
    closing: timedelta = timedelta(0)
    """After the member's 24 hours, until the bill says that it has failed."""


@dataclass
class TransferBill:
    content: Mapping[str, Any]
    """As it was asked for, the name in the clear."""
    created: datetime
    authorized: bool
    planned_failure: str = ""
    """Why it will fail once it is looked at."""
    state: str = "ACCEPTED"
    since: datetime = field(init=False)
    fail_reason: str = ""
    transfer_bill_no: str = field(default_factory=lambda: f"13300{secrets.randbelow(10**31):031}")

    def __post_init__(self) -> None:
        self.since = self.created

    @property
    def out_bill_no(self) -> str:
        return str(self.content["out_bill_no"])

    @property
    def openid(self) -> str:
        return str(self.content["openid"])

    @property
    def amount(self) -> int:
        return int(self.content["transfer_amount"])

    def enter(self, state: str, *, at: datetime, ledger: Ledger, reason: str = "") -> None:
        remark = self.content["transfer_remark"]
        about = {"transfer_bill_no": self.transfer_bill_no, "remark": remark}
        if state == "SUCCESS":
            ledger.pay(out_bill_no=self.out_bill_no, openid=self.openid, at=at, **about)
        elif state in FINAL:
            ledger.release(out_bill_no=self.out_bill_no, at=at, **about)
        self.state, self.since, self.fail_reason = state, at, reason

    def advance(self, *, to: datetime, pace: Pace, ledger: Ledger) -> None:
        """Apply every state change that is due."""
        while (step := self._next(pace)) and step[0] <= to:
            due, state, reason = step
            self.enter(state, at=due, ledger=ledger, reason=reason)

    def _next(self, pace: Pace) -> tuple[datetime, str, str] | None:
        """Return when the bill leaves its state by itself, the next state and the reason."""
        if self.state == "ACCEPTED":
            return self.since + pace.accepted, "PROCESSING", ""
        if self.state == "PROCESSING":
            after = "TRANSFERING" if self.authorized else "WAIT_USER_CONFIRM"
            return (
                self.since + pace.processing,
                "FAIL" if self.planned_failure else after,
                self.planned_failure,
            )
        if self.state == "WAIT_USER_CONFIRM":
            return self.created + DAY + pace.closing, "FAIL", "OVERDUE_CLOSE"
        if self.state == "TRANSFERING":
            return self.since + pace.transferring, "SUCCESS", ""
        if self.state == "CANCELING":
            return self.since + pace.canceling, "CANCELLED", ""
        return None

    # --- payloads --------------------------------------------------------------------------

    def send_payload(self) -> dict[str, Any]:
        """Return the reply to the send request."""
        payload = self._named() | {"create_time": moment(self.created)}
        if self.state == "WAIT_USER_CONFIRM":
            # Every reply has a new package; only the last one reliably opens the page.
            payload["package_info"] = secrets.token_urlsafe(48)
        return payload

    def query_payload(self, merchant: str) -> dict[str, Any]:
        copied = ("appid", "openid", "transfer_amount", "transfer_remark")
        return (
            self._named()
            | {name: self.content[name] for name in copied}
            | {"mch_id": merchant, "create_time": moment(self.created)}
            | {"update_time": moment(self.since)}
        )

    def notification_payload(self, merchant: str) -> dict[str, Any]:
        payload = self.query_payload(merchant)
        return {name: payload[name] for name in payload.keys() - {"appid", "transfer_remark"}}

    def cancel_payload(self) -> dict[str, Any]:
        return self._named() | {"update_time": moment(self.since)}

    def _named(self) -> dict[str, Any]:
        payload = {
            "out_bill_no": self.out_bill_no,
            "transfer_bill_no": self.transfer_bill_no,
            "state": self.state,
        }
        return payload | ({"fail_reason": self.fail_reason} if self.fail_reason else {})


def check(asked: Mapping[str, Any], *, apps: set[str], authorized: bool) -> None:
    """Refuse a request as WeChat Pay would.

    :raises Refusal: with the error code of WeChat Pay
    """
    text = {name: str(asked.get(name) or "") for name in ("out_bill_no", "openid")}
    amount, remark = asked.get("transfer_amount"), asked.get("transfer_remark")
    infos = asked.get("transfer_scene_report_infos") or []
    wrong = {
        "appid": asked.get("appid") not in apps,
        "out_bill_no": not re.fullmatch(r"[0-9A-Za-z]{1,32}", text["out_bill_no"]),
        "openid": not text["openid"],
        "transfer_amount": type(amount) is not int or amount < LEAST,
        "transfer_remark": not isinstance(remark, str) or not 1 <= len(remark) <= 32,
        "transfer_scene_id": asked.get("transfer_scene_id") != "1005",
        "transfer_scene_report_infos": [info.get("info_type") for info in infos]
        != REPORT_INFO_TYPES
        or any(not 1 <= len(info.get("info_content", "")) <= 32 for info in infos),
        "notify_url": "?" in str(asked.get("notify_url", "")),
        "authorization_id": authorized != bool(asked.get("authorization_id")),
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise Refusal(400, "PARAM_ERROR", name)
    _check_name(str(asked.get("user_name") or ""), int(amount or 0))


def _check_name(name: str, amount: int) -> None:
    if name and amount < NAME_ALLOWED_FROM:
        raise Refusal(400, "PARAM_ERROR", "user_name below 0.30 yuan")
    if not name and amount >= NAME_REQUIRED_FROM:
        raise Refusal(400, "PARAM_ERROR", "user_name from 2,000 yuan")


def moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")
