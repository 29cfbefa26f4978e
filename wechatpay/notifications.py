"""Verify and decrypt WeChat Pay's notifications.

A notification is only a hint to ask WeChat Pay; nothing may be believed because of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from common.errors import TwotierError
from wechatpay.transport import SIGNATURE_HEADERS, Transport

MAX_AGE = timedelta(minutes=5)
PROBE_PREFIX = "WECHATPAY/SIGNTEST/"
MAX_BODY_LENGTH = 65_536


class InvalidNotification(TwotierError):
    """The notification is not from WeChat Pay or not for us; ``data["reason"]`` names why."""

    code = "invalid_notification"
    message = "This notification is not from WeChat Pay: %(reason)s."
    status = 401


@dataclass(frozen=True, slots=True)
class SignedNotification:
    """A verified notification. Repeated deliveries have the same ``id``."""

    id: str
    event_type: str
    resource: Mapping[str, Any]
    """The decrypted content."""
    raw: Mapping[str, Any]
    """The whole decrypted notification, to be saved."""

    def text(self, name: str) -> str:
        """Return a required text of the resource.

        :raises InvalidNotification: malformed
        """
        return _text(self.resource, name)


def read_notification(
    transport: Transport, *, mchid: str, headers: Mapping[str, str], body: bytes, at: datetime
) -> SignedNotification:
    """Verify and decrypt a notification that WeChat Pay signed within five minutes of ``at``.

    :raises InvalidNotification: not_signed, unknown_serial, probe, stale, bad_signature,
        malformed, other_merchant
    """
    _check_headers(signed := _signature_headers(headers), transport, at)
    if len(body) > MAX_BODY_LENGTH:
        raise InvalidNotification(reason="malformed")
    if fault := transport.signature_error(signed, body):
        raise InvalidNotification(reason=fault)
    content = _decrypt(transport, signed, body)
    resource = content["resource"]
    if resource.get("mch_id", resource.get("mchid")) != mchid:
        raise InvalidNotification(reason="other_merchant")
    return SignedNotification(
        _text(content, "id"), str(content.get("event_type")), resource, content
    )


def _signature_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the five headers from Django's ``request.headers`` or ``request.META``."""
    values = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in headers.items()
        if isinstance(value, str)
    }
    return {name: values.get(name.lower(), "") for name in SIGNATURE_HEADERS}


def _check_headers(signed: Mapping[str, str], transport: Transport, at: datetime) -> None:
    """Check all that needs no key: the endpoint is public, so rejecting must be cheap."""
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
        content = transport.callback(dict(signed), body)
    except Exception as error:
        raise InvalidNotification(reason="malformed") from error
    # The library returns None if the API v3 key does not fit.
    if not isinstance(content, dict) or not isinstance(content.get("resource"), dict):
        raise InvalidNotification(reason="malformed")
    return content


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not value or not isinstance(value, str):
        raise InvalidNotification(reason="malformed")
    return value
