"""Compare two versions of a plan, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from commissions.models import Plan, Rule

TERMS = ("layers", "combine", "cap")
TARGET = ("layer", "product_id", "category_id", "level_id", "segment_id", "priority")
VALUES = (
    "kind", "tier1", "tier2", "base", "asset", "starts_at", "ends_at", "boost", "boost_from",
    "boost_until",
)  # fmt: skip

_target = attrgetter(*TARGET)
_values = attrgetter(*VALUES)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule in both versions; one of them is ``None`` if it was added or removed.

    ``changed``: the names of the fields that differ.
    """

    old: Rule | None
    new: Rule | None
    changed: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """Return ``added``, ``removed``, ``changed`` or ``same``."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "changed" if self.changed else "same"

    @property
    def rule(self) -> Rule:
        rule = self.new or self.old
        assert rule is not None, "a change has a rule"
        return rule


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """What a plan changes of another. ``terms``: (field, old, new) of each one that differs."""

    old: Plan
    new: Plan
    terms: list[tuple[str, Any, Any]]
    rules: list[RuleChange]

    @property
    def changed_rules(self) -> list[RuleChange]:
        return [change for change in self.rules if change.kind != "same"]

    @property
    def count(self) -> int:
        return len(self.terms) + len(self.changed_rules)


def compare_plans(old: Plan, new: Plan) -> PlanChanges:
    """Compare two plans; rules for the same goods, audience and priority are the same rule."""
    terms = [
        (name, getattr(old, name), getattr(new, name))
        for name in TERMS
        if getattr(old, name) != getattr(new, name)
    ]
    return PlanChanges(old, new, terms, list(_rule_changes(_rules(old), _rules(new))))


def _rules(plan: Plan) -> dict[tuple[Any, ...], Rule]:
    rows = plan.rules.select_related("product", "category", "level", "segment").order_by("pk")
    return {_target(rule): rule for rule in rows}


def _rule_changes(
    old: dict[tuple[Any, ...], Rule], new: dict[tuple[Any, ...], Rule]
) -> Iterable[RuleChange]:
    for key, rule in new.items():
        before = old.get(key)
        yield RuleChange(before, rule, _changed(before, rule) if before else frozenset())
    yield from (RuleChange(rule, None) for key, rule in old.items() if key not in new)


def _changed(old: Rule, new: Rule) -> frozenset[str]:
    pairs = zip(VALUES, _values(old), _values(new), strict=True)
    return frozenset(name for name, before, after in pairs if before != after)
