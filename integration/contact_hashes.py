"""Hash phone numbers and addresses as the mall does, so that equal ones are recognised.

``docs/signatures.md`` says how, for those who write a client.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

CHINESE_MOBILE = re.compile(r"(?:00)?86(1\d{10})", re.ASCII)


def normalised_phone(phone: str) -> str:
    """Return the digits; of a Chinese mobile number without the country code."""
    digits = "".join(
        character for character in unicodedata.normalize("NFKC", phone) if character in "0123456789"
    )
    mobile = CHINESE_MOBILE.fullmatch(digits)
    return mobile[1] if mobile else digits


def normalised_address(address: str) -> str:
    """Return the letters and digits, in lower case."""
    text = unicodedata.normalize("NFKC", address).casefold()
    return "".join(character for character in text if unicodedata.category(character)[0] in "LN")


def contact_hash(key: str, normalised: str) -> str:
    """Return the HMAC-SHA256 in hex; without the shop's key, numbers could be found by trying."""
    return hmac.new(key.encode(), normalised.encode(), hashlib.sha256).hexdigest()
