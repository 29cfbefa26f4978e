"""Authorizations of transfers without confirmation, and their changes over time."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.wechatpay.bills import DAY, Refusal, moment

CONFIRMED = "MCHTRANSFER.AUTHORIZATION.CONFIRMED"
CLOSED = "MCHTRANSFER.AUTHORIZATION.CLOSED"


@dataclass
class Authorization:
    content: Mapping[str, Any]
    """As it was asked for."""
    created: datetime
    state: str = "WAIT_USER_CONFIRM"
    since: datetime = field(init=False)
    authorization_id: str = field(default_factory=lambda: f"2012{secrets.randbelow(10**23):023}")
    close_reason: str = ""

    def __post_init__(self) -> None:
        self.since = self.created

    @property
    def number(self) -> str:
        return str(self.content["out_authorization_no"])

    @property
    def openid(self) -> str:
        return str(self.content["openid"])

    @property
    def is_in_effect(self) -> bool:
        return self.state == "TAKING_EFFECT"

    def advance(self, *, to: datetime) -> None:
        """Close it if the member has not confirmed it within a day."""
        if self.state == "WAIT_USER_CONFIRM" and to >= self.created + DAY:
            self.close("USER_OVERDUE_UNCONFIRMED", at=self.created + DAY)

    def confirm(self, *, at: datetime) -> None:
        self.state, self.since = "TAKING_EFFECT", at

    def close(self, reason: str, *, at: datetime) -> None:
        if self.state != "CLOSED":
            self.state, self.since, self.close_reason = "CLOSED", at, reason

    def request_payload(self) -> dict[str, Any]:
        return {
            "out_authorization_no": self.number,
            "state": self.state,
            "create_time": moment(self.created),
        } | self._package()

    def query_payload(self, *, with_package: bool = False) -> dict[str, Any]:
        names = ("appid", "openid", "transfer_scene_id", "user_display_name")
        payload = {name: self.content[name] for name in names} | {
            "out_authorization_no": self.number,
            "state": self.state,
            "create_time": moment(self.created),
        }
        if self.is_in_effect:
            payload |= {
                "authorization_id": self.authorization_id, "authorize_time": moment(self.since),
            }  # fmt: skip
        if self.close_reason:
            closed = {"close_reason": self.close_reason, "close_time": moment(self.since)}
            payload["close_info"] = closed
        return payload | (self._package() if with_package else {})

    def notification_payload(self, merchant: str) -> dict[str, Any]:
        return {"mchid": merchant} | self.query_payload()

    def _package(self) -> dict[str, Any]:
        if self.state != "WAIT_USER_CONFIRM":
            return {}
        return {"package_info": secrets.token_urlsafe(48)}


def check(asked: Mapping[str, Any], *, apps: set[str]) -> None:
    """Refuse a request as WeChat Pay would.

    :raises Refusal: with the error code of WeChat Pay
    """
    number, name = str(asked.get("out_authorization_no") or ""), asked.get("user_display_name")
    wrong = {
        "appid": asked.get("appid") not in apps,
        "out_authorization_no": not (number.isalnum() and number.isascii() and len(number) <= 32),
        "openid": not asked.get("openid"),
        "transfer_scene_id": asked.get("transfer_scene_id") != "1005",
        "user_display_name": not isinstance(name, str) or not 1 <= len(name) <= 32,
        "authorization_notify_url": "?" in str(asked.get("authorization_notify_url") or "?"),
    }
    for field_name, is_wrong in wrong.items():
        if is_wrong:
            raise Refusal(400, "PARAM_ERROR", field_name)
