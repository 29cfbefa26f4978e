"""Verify and decrypt what WeChat sends to us: events of the mini-program and the official account.

Only encrypted messages are accepted: the signature of a plain one does not cover its body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import xmltodict
from wechatpy.crypto import PrpCrypto

MAX_AGE = timedelta(minutes=5)


class InvalidMessage(Exception):
    """The message is not from WeChat or not for us; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class WeChatEvent:
    key: str
    """The same in every repetition of the message."""
    app_id: str
    name: str
    """Lower case, such as ``user_authorization_revoke``; empty if it is no event."""
    openid: str
    content: Mapping[str, Any]


def check_echo(*, token: str, query: Mapping[str, str], at: datetime) -> str:
    """Return what WeChat wants to read when the merchant enters our address.

    :raises InvalidMessage: not_signed, stale
    """
    _check_signature(token, query, query.get("signature", ""), at)
    return query.get("echostr", "")


def read_event(
    *, token: str, key: str, app_ids: Sequence[str], query: Mapping[str, str], body: bytes,
    at: datetime,
) -> WeChatEvent:  # fmt: skip
    """Verify and decrypt a message that WeChat signed within five minutes of ``at``.

    :param key: the 43 characters of EncodingAESKey; ``app_ids``: those of our apps
    :raises InvalidMessage: not_encrypted, not_signed, stale, malformed, other_app
    """
    encrypted = _parse(body).get("Encrypt")
    if not encrypted or not isinstance(encrypted, str):
        raise InvalidMessage("not_encrypted")
    _check_signature(token, query, query.get("msg_signature", ""), at, encrypted)
    app_id, text = _decrypt(encrypted, key, app_ids)
    content = _parse(text)
    return WeChatEvent(
        key=hashlib.sha256(f"{app_id}:{text}".encode()).hexdigest(),
        app_id=app_id,
        name=str(content.get("Event") or "").lower(),
        openid=str(content.get("OpenID") or content.get("FromUserName") or ""),
        content=content,
    )


def _check_signature(
    token: str, query: Mapping[str, str], signature: str, at: datetime, *more: str
) -> None:
    stamp = query.get("timestamp", "")
    text = "".join(sorted((token, stamp, query.get("nonce", ""), *more)))
    expected = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise InvalidMessage("not_signed")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= len("1234567890")):
        raise InvalidMessage("stale")
    if abs(at - datetime.fromtimestamp(int(stamp), UTC)) > MAX_AGE:
        raise InvalidMessage("stale")


def _decrypt(encrypted: str, key: str, app_ids: Sequence[str]) -> tuple[str, str]:
    crypto = PrpCrypto(base64.b64decode(f"{key}="))
    for app_id in app_ids:
        try:
            return app_id, str(crypto.decrypt(encrypted, app_id))
        except Exception:  # noqa: BLE001, S112 - the library raises no narrower class
            continue
    raise InvalidMessage("other_app")


def _parse(text: str | bytes) -> dict[str, Any]:
    """Read a message, which is JSON or XML as the merchant chose."""
    try:
        if text[:1] in ("{", b"{"):
            content = json.loads(text)
        else:
            content = (xmltodict.parse(text) or {}).get("xml")
    except Exception:  # noqa: BLE001 - expat and the decoders raise many
        raise InvalidMessage("malformed") from None
    if not isinstance(content, dict):
        raise InvalidMessage("malformed")
    return content
