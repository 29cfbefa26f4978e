"""Rates of reports, in basis points."""

from __future__ import annotations

from common.money import BASIS_POINTS


def rate(part: int, whole: int) -> int:
    """Return a part in basis points, rounded down; 0 of nothing."""
    return part * BASIS_POINTS // whole if whole > 0 else 0


def percent(basis_points: int) -> str:
    """Return ``12.3%``: a report needs no hundredths."""
    return f"{basis_points / 100:.1f}%"
