"""The types that the checks of terms share."""

from __future__ import annotations

from collections.abc import Iterator

from incentives.models import Reward

Found = Iterator[tuple[str, str]]
"""What is wrong: the field of ``Version``, or of a reward by its index, and a text."""
Indexed = list[tuple[int, Reward]]
"""Rewards with their index among those of the version."""
