"""The signature of the mall's requests: HMAC-SHA256 over the bytes that are sent.

The vectors in ``docs/signatures.md`` are for those who write a client.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

VERSION = "v1"
NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


def text_to_sign(
    *, timestamp: str, nonce: str, method: str, path: str, query: str, body: bytes
) -> str:
    """Return the text that a signature covers.

    :param path: percent-decoded, because some servers do not pass on how it was sent
    :param query: as sent, without the question mark
    """
    target = f"{path}?{query}" if query else path
    body_hash = hashlib.sha256(body).hexdigest()
    return "\n".join((VERSION, timestamp, nonce, method, target, body_hash))


def sign(secret: str, text: str) -> str:
    """Return the value of ``X-Twotier-Signature``."""
    return f"{VERSION}={hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}"


def is_signed(signature: str, text: str, secrets: Iterable[str]) -> bool:
    """Return whether one of the secrets made the signature."""
    given = signature.encode()
    return any(hmac.compare_digest(given, sign(secret, text).encode()) for secret in secrets)
