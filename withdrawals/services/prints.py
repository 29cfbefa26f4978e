"""How an account is recognised without being opened."""

from __future__ import annotations

from common import sealing


def account_print(channel: str, bank: str, account: str) -> str:
    return sealing.fingerprint(f"{channel}:{bank}:{account}")
