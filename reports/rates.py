"""Show rates of reports."""

from __future__ import annotations


def percent(basis_points: int) -> str:
    """Return ``12.3%``: a report needs no hundredths."""
    return f"{basis_points / 100:.1f}%"
