"""The fund flow bill (资金账单) of a day: asked for, downloaded, and believed by its hash."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from wechatpayv3 import WeChatPay

from common.errors import TwotierError
from withdrawals.gateways.wechat_transport import WeChatResponse

ACCOUNT = "OPERATION"
OK = 200


class StatementUnavailable(TwotierError):
    """The bill cannot be had now; ``data["reason"]``: STATEMENT_CREATING, timeout, http_500 …"""

    code = "statement_unavailable"
    message = "WeChat Pay's bill of %(day)s cannot be had now: %(reason)s."
    status = 503


class NoStatement(StatementUnavailable):
    """There is none: nothing has moved on that day."""

    code = "no_statement"
    message = "WeChat Pay has no bill of %(day)s: nothing has moved."
    status = 404


class StatementCorrupted(TwotierError):
    """What was downloaded is not what the hash promises; nothing of it may be used."""

    code = "statement_corrupted"
    message = "WeChat Pay's bill of %(day)s is damaged: %(reason)s."
    status = 502


def fetch(library: WeChatPay, day: date) -> bytes:
    """The plain file, as it is to be kept for ever.

    :raises NoStatement: nothing has moved
    :raises StatementNotHad: try again later
    :raises StatementDamaged: its hash is another
    """
    promise = _parse_response(library.fundflow_bill(day.isoformat(), account_type=ACCOUNT), day)
    kind, promised = promise.get("hash_type"), str(promise.get("hash_value"))
    if kind != "SHA1":
        raise StatementCorrupted(day=day, reason=f"hash_type {kind}")
    # Only its path: our signature goes to the host that we know, whatever is written there.
    url = urlsplit(str(promise.get("download_url")))
    file = library.download_bill(f"{url.path}?{url.query}")
    if file.fault or file.status != OK:
        raise StatementUnavailable(day=day, reason=file.fault or f"http_{file.status}")
    try:
        plain = gzip.decompress(file.body)
    except (OSError, EOFError, zlib.error):
        raise StatementCorrupted(day=day, reason="not gzip") from None
    found = hashlib.sha1(plain, usedforsecurity=False).hexdigest()
    if found != promised.lower():
        raise StatementCorrupted(day=day, reason=f"SHA1 {found} instead of {promised}")
    return plain


def _parse_response(reply: WeChatResponse, day: date) -> dict[str, Any]:
    said = reply.json()
    if reply.fault or said is None:
        status = f"http_{reply.status}"
        raise StatementUnavailable(day=day, reason=reply.fault or status)
    if reply.status == OK:
        return said
    code = str(said.get("code"))
    if code == "NO_STATEMENT_EXIST":
        raise NoStatement(day=day, reason=code)
    raise StatementUnavailable(day=day, reason=code)
