"""Encrypt personal data at rest with keys that can be rotated; find it again by a keyed hash.

Tokens are Fernet's (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec); each key is the
SHA-256 of a long random text. The first text of ``settings.FIELD_ENCRYPTION_KEYS`` encrypts and all
of them decrypt, so a new key is put in front and ``./manage.py rotate_encryption`` re-encrypts
every token with it. The hash has a key of its own that is never rotated.
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
        "No key in FIELD_ENCRYPTION_KEYS decrypts this. Put back the key that encrypted it."
    )
    status = 500


def encrypt(text: str) -> str:
    """Encrypt a text with the first key."""
    return _fernets().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Decrypt a token with whichever key fits.

    :raises DecryptionFailed: no key fits
    """
    try:
        return _fernets().decrypt(token.encode()).decode()
    except InvalidToken:
        raise DecryptionFailed from None


def decrypt_or_blank(token: str) -> str:
    """Decrypt a token, or return an empty text for an empty one."""
    return decrypt(token) if token else ""


def rotate_encryption(token: str) -> str:
    """Re-encrypt a token with the first key; its timestamp stays that of the first encryption.

    :raises DecryptionFailed: no key fits
    """
    try:
        return _fernets().rotate(token.encode()).decode()
    except InvalidToken:
        raise DecryptionFailed from None


def fingerprint(text: str) -> str:
    """Return 64 hexadecimal digits, equal for equal texts and useless without the key."""
    return hmac.new(settings.FINGERPRINT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def masked_name(name: str) -> str:
    """Mask all but the first character: 欧阳修 → 欧**, Mei → M**."""
    return name[:1] + "*" * max(1, len(name) - 1)


def masked_number(number: str) -> str:
    """Mask all but the last four digits, and everything if there are fewer than eight."""
    return "*" * 4 + (number[-VISIBLE_DIGITS:] if len(number) >= 2 * VISIBLE_DIGITS else "")


def _fernets() -> MultiFernet:
    return MultiFernet([_fernet(text) for text in settings.FIELD_ENCRYPTION_KEYS])


@cache
def _fernet(text: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()))
