"""Let higher rooms warn about a plan or forbid its publication."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from commissions.models import Plan, Rule


@dataclass(frozen=True, slots=True)
class Finding:
    """What a person should know before a plan is published; ``forbids``: publication is refused."""

    text: str
    forbids: bool = False


Check = Callable[[Plan, Sequence[Rule], datetime], Iterable[Finding]]
"""Asked with a plan, its rules (neither needs to be saved) and the moment of its start."""
_CHECKS: list[Check] = []


def register(check: Check) -> None:
    """Add a check that every plan passes before it is published."""
    if check not in _CHECKS:
        _CHECKS.append(check)


def findings_of(plan: Plan, rules: Sequence[Rule], *, at: datetime) -> list[Finding]:
    """Return what the checks find about a plan that starts at this moment."""
    return [finding for check in _CHECKS for finding in check(plan, rules, at)]
