"""Recognise an account without decrypting it."""

from __future__ import annotations

import unicodedata

from common import encryption
from withdrawals.models import Payee


def normalize_account(channel: str, account: str) -> str:
    """Return the canonical spelling: card numbers without spaces between the digits."""
    account = unicodedata.normalize("NFKC", account).strip()
    if channel == Payee.Channel.BANK:
        return "".join(letter for letter in account if letter.isalnum())
    return account


def account_fingerprint(channel: str, account: str) -> str:
    """Return a fingerprint that is equal for every spelling of an account."""
    account = normalize_account(channel, account)
    if channel != Payee.Channel.WECHAT:  # an openid's case is part of it
        account = account.casefold()
    return encryption.fingerprint(f"{channel}:{account}")
