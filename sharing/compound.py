"""Encode and decode codes of shares without a row, for cards that are ready before the first tap.

Such a code is one AES block of 128 bits: member, target, kind of target, channel, the week of the
card and 27 zero bits. Encryption hides the primary keys, and without the server's key a guess finds
a block that ends in these zeros once in 2²⁷; it would then also need the keys of a member and a
target that exist. The row comes with the first visit.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from sharing.models.shares import ALPHABET, Share

LENGTH = 22  # 128 bits in base 58
KINDS = (Share.Target.PRODUCT, Share.Target.HOME, Share.Target.RECRUIT)
CHANNELS = (
    Share.Channel.CHAT, Share.Channel.MOMENTS, Share.Channel.GROUP, Share.Channel.QQ,
    Share.Channel.WEIBO, Share.Channel.DOUYIN, Share.Channel.XIAOHONGSHU, Share.Channel.OTHER,
)  # fmt: skip
"""Their order is part of the codes: add to the end."""
KEY_BITS = 40
WEEK_BITS = 13  # until 2126
ZERO_BITS = 27
MAX_KEY = 2**KEY_BITS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Parts:
    """The content of a compound code; ``member`` and ``target`` are primary keys."""

    member: int
    kind: str
    target: int
    """The key of the product; 0 for other kinds, whose target follows from the member."""
    channel: str
    week: int
    """That in which the card was made, counted from 1970."""


def week_of(at: datetime) -> int:
    """Return the week of a moment as codes count it."""
    return (at - EPOCH) // WEEK


def end_of_week(week: int) -> datetime:
    """Return the moment until which cards of a week are made."""
    return EPOCH + (week + 1) * WEEK


def seal(parts: Parts) -> str:
    """Return the code; the same parts give the same code.

    :raises ValueError: the kind or the channel has no compound codes
    """
    head = KINDS.index(parts.kind) << 4 | CHANNELS.index(parts.channel)
    number = ((parts.member << KEY_BITS) | parts.target) << 8 | head
    number = number << WEEK_BITS | parts.week
    block = (number << ZERO_BITS).to_bytes(16, "big")
    return _base58(int.from_bytes(_cipher().encryptor().update(block), "big"))


def unseal(code: str) -> Parts | None:
    """Return what a code stands for; ``None`` if it is none of ours."""
    number = _from_base58(code)
    if number is None:
        return None
    block = _cipher().decryptor().update(number.to_bytes(16, "big"))
    content = int.from_bytes(block, "big")
    if content % 2**ZERO_BITS:
        return None
    content >>= ZERO_BITS
    week = content % 2**WEEK_BITS
    content >>= WEEK_BITS
    kind, channel = content >> 4 & 15, content & 15
    if kind >= len(KINDS) or channel >= len(CHANNELS):
        return None
    content >>= 8
    return Parts(content >> KEY_BITS, KINDS[kind], content % MAX_KEY, CHANNELS[channel], week)


def _cipher() -> Cipher[modes.ECB]:
    # One block of a keyed permutation: there is no second block that ECB could betray. The key is
    # that which never changes, because cards stay in chats for years.
    key = hmac.new(settings.FINGERPRINT_KEY.encode(), b"sharing.compound", hashlib.sha256).digest()
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305


def _base58(number: int) -> str:
    digits = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def _from_base58(code: str) -> int | None:
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        return None
    number = 0
    for character in code:
        number = number * len(ALPHABET) + ALPHABET.index(character)
    return number if number < 2**128 else None
