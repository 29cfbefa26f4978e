"""Build the data that the form of a plan posts."""

from __future__ import annotations

from typing import Any

from commissions.models import Plan


def form(plan: Plan | None = None, **changes: Any) -> dict[str, Any]:
    rules = list(plan.rules.order_by("pk")) if plan else []
    data: dict[str, Any] = {
        "name": "双十一", "layers": "product,category,store", "combine": "first", "cap": "50",
        "rules-TOTAL_FORMS": len(rules), "rules-INITIAL_FORMS": len(rules),
    }  # fmt: skip
    for index, saved_rule in enumerate(rules):
        data |= row(index, id=saved_rule.pk, plan=saved_rule.plan_id)
    return data | changes


def row(index: int, **changes: Any) -> dict[str, Any]:
    fields = {
        "layer": "store", "priority": "0", "basis": "paid", "tier1": "10", "tier2": "8.25",
        "audience": "", "asset": "cash", **changes,
    }  # fmt: skip
    return {f"rules-{index}-{name}": value for name, value in fields.items()}
