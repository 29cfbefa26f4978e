"""How an account is recognised without being opened."""

from __future__ import annotations

import unicodedata

from common import encryption
from withdrawals.models import Payee


def normalize_account(channel: str, account: str) -> str:
    """One account, one spelling: cards without the spaces between their digits."""
    account = unicodedata.normalize("NFKC", account).strip()
    if channel == Payee.Channel.BANK:
        return "".join(letter for letter in account if letter.isalnum())
    return account


def account_fingerprint(channel: str, account: str) -> str:
    """Equal for one account, however it is written and whatever its bank is called."""
    plain = normalize_account(channel, account)
    if channel != Payee.Channel.WECHAT:  # an openid's case is part of it
        plain = plain.casefold()
    return encryption.fingerprint(f"{channel}:{plain}")
