"""Parts of statements that name all figures of a table."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str]) -> str:
    """Return ``a, b``."""
    return ", ".join(names)


def summed(names: Sequence[str]) -> str:
    """Return ``sum(a) AS a, sum(b) AS b``."""
    return ", ".join(f"sum({name}) AS {name}" for name in names)


def added_up(names: Sequence[str]) -> str:
    """Return ``a = figures.a + excluded.a, …``: adds new rows to those of a table ``figures``."""
    return ", ".join(f"{name} = figures.{name} + excluded.{name}" for name in names)


def differing(names: Sequence[str]) -> str:
    """Return the condition that a figure of ``expected`` and ``stored`` differs; no row means 0."""
    return " OR ".join(
        f"coalesce(expected.{name}, 0) <> coalesce(stored.{name}, 0)" for name in names
    )
