"""Personal data at rest: encrypted with keys that can be rotated, and found again by a keyed hash.

Tokens are Fernet's (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec), its key the
SHA-256 of a long random text. The first text in
``settings.FIELD_ENCRYPTION_KEYS`` seals; all of them open, so that a new one can be put in front at any time,
and ``./manage.py rotate_encryption`` brings every token to it. The hash has a key of its own, which stays.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError

VISIBLE_DIGITS = 4


class DecryptionFailed(TwotierError):
    code = "decryption_failed"
    message = _(
        "None of the keys in FIELD_ENCRYPTION_KEYS opens this. Put the key back that sealed it."
    )
    status = 500


def encrypt(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """:raises CannotOpen: it was sealed by a key that is not there any more"""
    try:
        return _box().decrypt(token.encode()).decode()
    except InvalidToken:
        raise DecryptionFailed from None


def decrypt_or_blank(token: str) -> str:
    return decrypt(token) if token else ""


def rotate_encryption(token: str) -> str:
    """The same under the first key. Its time stays: it says when the data was first sealed."""
    try:
        return _box().rotate(token.encode()).decode()
    except InvalidToken:
        raise DecryptionFailed from None


def fingerprint(text: str) -> str:
    """Equal for equal texts, and of no use without the key: 64 hexadecimal digits."""
    return hmac.new(settings.FINGERPRINT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def masked_name(name: str) -> str:
    """欧阳修 → 欧**, Mei → M**."""
    return name[:1] + "*" * max(1, len(name) - 1)


def masked_number(number: str) -> str:
    """The last four digits; nothing of what is shorter than eight."""
    return "*" * 4 + (number[-VISIBLE_DIGITS:] if len(number) >= 2 * VISIBLE_DIGITS else "")


def _box() -> MultiFernet:
    return MultiFernet([_fernet(text) for text in settings.FIELD_ENCRYPTION_KEYS])


@cache
def _fernet(text: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()))
