"""Mask personal data in what was sent to a system and in what it answered."""

from __future__ import annotations

import json
import re
from typing import Any

PERSONAL = frozenset({
    "phone", "mobile", "tel", "email", "name", "real_name", "nickname", "receiver", "address",
    "id_number", "id_card", "identity_number", "bank_account", "account_number", "openid",
    "unionid", "avatar",
})  # fmt: skip
"""Names of fields whose values are masked, in whatever case and with whatever prefix."""
PHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)", re.ASCII)
ID_CARD = re.compile(
    r"(?<![0-9A-Za-z])(\d{2})\d{4}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    r"(?![0-9A-Za-z])",
    re.ASCII,
)
EMAIL = re.compile(r"([\w.+-])[\w.+-]*@([\w-]+\.[\w.-]+)", re.ASCII)
FIELD = re.compile(
    rf'("[\w-]*(?:{"|".join(sorted(PERSONAL))})"\s*:\s*)"(?:[^"\\]|\\.)*"?', re.IGNORECASE
)
MASK = "***"


def masked_text(text: str) -> str:
    """Return a text without phone numbers, numbers of identity cards, and mail addresses.

    What looks like a field of JSON with a personal name is masked, too, as an answer may be cut.
    """
    text = FIELD.sub(rf'\1"{MASK}"', text)
    text = ID_CARD.sub(r"\1****************", text)
    text = PHONE.sub(r"\1****\2", text)
    return EMAIL.sub(rf"\1{MASK}@\2", text)


def masked_body(body: bytes) -> str:
    """Return a JSON body to be read, with personal values masked."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return masked_text(body.decode(errors="replace"))
    return json.dumps(_masked(value), ensure_ascii=False, indent=2)


def _masked(value: Any, *, is_personal: bool = False) -> Any:
    if isinstance(value, dict):
        return {
            key: _masked(part, is_personal=is_personal or _is_personal(key))
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_masked(part, is_personal=is_personal) for part in value]
    if is_personal and value is not None:
        return MASK
    return masked_text(value) if isinstance(value, str) else value


def _is_personal(key: str) -> bool:
    lower = key.lower()
    return any(lower == name or lower.endswith(f"_{name}") for name in PERSONAL)
