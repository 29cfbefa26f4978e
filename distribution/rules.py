"""Masks for members whose identity must stay hidden."""

from __future__ import annotations

MASK = "**"
VISIBLE_CHARACTERS = 3


def masked_name(name: str) -> str:
    """Mask a name: ``张三丰`` → ``张**``. Every mask has the same length."""
    return name.strip()[:1] + MASK


def masked_id(public_id: str) -> str:
    """Mask an id: enough to distinguish rows of a list, too little to look up a member."""
    return public_id[:VISIBLE_CHARACTERS] + MASK
