"""How amounts read on pages, in files and in the terminal."""

from __future__ import annotations


def amount(minor: int | None) -> str:
    """Minor units as they are: a control compares fen, points and counts."""
    return "–" if minor is None else f"{minor:,}"
