"""Fetch the fund flow statement (资金账单) of a day and verify it by its hash."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from wechatpayv3 import WeChatPay

from common.errors import TwotierError
from wechatpay.transport import WeChatResponse

ACCOUNT = "OPERATION"
OK = 200


class StatementUnavailable(TwotierError):
    """The statement is not available yet; ``data["reason"]``: STATEMENT_CREATING, timeout …"""

    code = "statement_unavailable"
    message = "WeChat Pay's statement of %(day)s is not available: %(reason)s. Try again later."
    status = 503


class NoStatement(StatementUnavailable):
    """There is no statement: no money moved on that day."""

    code = "no_statement"
    message = "WeChat Pay has no statement of %(day)s: no money moved."
    status = 404


class StatementCorrupted(TwotierError):
    """The download does not match its hash; none of it may be used."""

    code = "statement_corrupted"
    message = "WeChat Pay's statement of %(day)s is corrupted: %(reason)s."
    status = 502


def fetch(library: WeChatPay, day: date) -> bytes:
    """Return the decompressed file, to be saved as it is.

    :raises NoStatement: no money moved
    :raises StatementUnavailable: try again later
    :raises StatementCorrupted: the hash does not match
    """
    announced = _parse_response(library.fundflow_bill(day.isoformat(), account_type=ACCOUNT), day)
    kind, expected = announced.get("hash_type"), str(announced.get("hash_value"))
    if kind != "SHA1":
        raise StatementCorrupted(day=day, reason=f"hash_type {kind}")
    # Use only the path: our signature must go to the configured host.
    url = urlsplit(str(announced.get("download_url")))
    file = library.download_bill(f"{url.path}?{url.query}")
    if file.fault or file.status != OK:
        raise StatementUnavailable(day=day, reason=file.fault or f"http_{file.status}")
    try:
        plain = gzip.decompress(file.body)
    except (OSError, EOFError, zlib.error):
        raise StatementCorrupted(day=day, reason="not gzip") from None
    actual = hashlib.sha1(plain, usedforsecurity=False).hexdigest()
    if actual != expected.lower():
        raise StatementCorrupted(day=day, reason=f"SHA1 {actual} instead of {expected}")
    return plain


def _parse_response(reply: WeChatResponse, day: date) -> dict[str, Any]:
    content = reply.json()
    if reply.fault or content is None:
        status = f"http_{reply.status}"
        raise StatementUnavailable(day=day, reason=reply.fault or status)
    if reply.status == OK:
        return content
    code = str(content.get("code"))
    if code == "NO_STATEMENT_EXIST":
        raise NoStatement(day=day, reason=code)
    raise StatementUnavailable(day=day, reason=code)
