"""WeChat Pay's notices. Each is a hint to ask, no more; and a stranger's is not even heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from common.errors import TwotierError
from withdrawals.gateways.base import State
from withdrawals.gateways.wechat_transport import SIGNATURE_HEADERS, Transport

FINISHED = "MCHTRANSFER.BILL.FINISHED"
MAX_AGE = timedelta(minutes=5)
PROBE_PREFIX = "WECHATPAY/SIGNTEST/"
MAX_BODY_LENGTH = 65_536


class InvalidNotification(TwotierError):
    """Not WeChat Pay's word to us; ``data["reason"]`` says what is wrong with it."""

    code = "invalid_notification"
    message = "This notice is not WeChat Pay's: %(reason)s."
    status = 401


@dataclass(frozen=True, slots=True)
class Notification:
    """What a genuine notice says. The same ``id`` is the same notice, however often it comes."""

    id: str
    event: str
    out_bill_no: str
    provider_no: str
    state: State | None
    """``None``: a word that we do not know."""
    account: str
    amount: int | None
    """Fen."""
    raw: Mapping[str, Any]
    """The opened notice, to be kept."""


def parse_notification(
    transport: Transport, *, mchid: str, headers: Mapping[str, str], body: bytes, at: datetime
) -> Notification:
    """What was handed in, if WeChat Pay has signed it within five minutes of ``at``.

    :raises NotGenuine: not_signed, unknown_serial, probe, stale, bad_signature, malformed,
        other_merchant, other_event
    """
    _check_headers(signed := _signature_headers(headers), transport, at)
    if len(body) > MAX_BODY_LENGTH:
        raise InvalidNotification(reason="malformed")
    if fault := transport.signature_error(signed, body):
        raise InvalidNotification(reason=fault)
    said = _decrypt(transport, signed, body)
    resource = said["resource"]
    if said.get("event_type") != FINISHED:
        raise InvalidNotification(reason="other_event")
    if resource.get("mch_id") != mchid:
        raise InvalidNotification(reason="other_merchant")
    amount = resource.get("transfer_amount")
    return Notification(
        id=_text(said, "id"),
        event=FINISHED,
        out_bill_no=_text(resource, "out_bill_no"),
        provider_no=str(resource.get("transfer_bill_no") or ""),
        state=_state(resource.get("state")),
        account=str(resource.get("openid") or ""),
        amount=amount if type(amount) is int else None,
        raw=said,
    )


def _signature_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The five headers, as Django's ``request.headers`` and ``request.META`` both have them."""
    found = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in headers.items()
        if isinstance(value, str)
    }
    return {name: found.get(name.lower(), "") for name in SIGNATURE_HEADERS}


def _check_headers(signed: Mapping[str, str], transport: Transport, at: datetime) -> None:
    """All that is seen without the key: this door is open to everyone, so it must be cheap."""
    if not all(signed.values()):
        raise InvalidNotification(reason="not_signed")
    if signed["Wechatpay-Serial"] != transport.serial:
        raise InvalidNotification(reason="unknown_serial")
    if signed["Wechatpay-Signature"].startswith(PROBE_PREFIX):
        raise InvalidNotification(reason="probe")
    stamp = signed["Wechatpay-Timestamp"]
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= len("1234567890")):
        raise InvalidNotification(reason="stale")
    if abs(at - datetime.fromtimestamp(int(stamp), UTC)) > MAX_AGE:
        raise InvalidNotification(reason="stale")


def _decrypt(transport: Transport, signed: Mapping[str, str], body: bytes) -> dict[str, Any]:
    try:
        said = transport.callback(dict(signed), body)
    except Exception as unreadable:
        raise InvalidNotification(reason="malformed") from unreadable
    # It answers with nothing where the API v3 key does not fit.
    if not isinstance(said, dict) or not isinstance(said.get("resource"), dict):
        raise InvalidNotification(reason="malformed")
    return said


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if not found or not isinstance(found, str):
        raise InvalidNotification(reason="malformed")
    return found


def _state(word: object) -> State | None:
    try:
        return State(str(word).lower())
    except ValueError:
        return None
