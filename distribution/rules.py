"""What of a person is shown to those who may not know who it is."""

from __future__ import annotations

MASK = "**"
VISIBLE_CHARACTERS = 3


def masked_name(name: str) -> str:
    """``张三丰`` → ``张**``: as many stars for every name, so that its length says nothing."""
    return name.strip()[:1] + MASK


def masked_id(public_id: str) -> str:
    """Enough to tell two rows of a list apart, too little to look anybody up."""
    return public_id[:VISIBLE_CHARACTERS] + MASK
