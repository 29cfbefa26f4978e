"""What the form of a plan sends."""

from __future__ import annotations

from typing import Any

from commissions.models import Plan


def form(made: Plan | None = None, **changes: Any) -> dict[str, Any]:
    rules = list(made.rules.order_by("pk")) if made else []
    given: dict[str, Any] = {
        "name": "双十一", "layers": "product,category,store", "combine": "first", "cap": "50",
        "rules-TOTAL_FORMS": len(rules), "rules-INITIAL_FORMS": len(rules),
    }  # fmt: skip
    for place, one in enumerate(rules):
        given |= row(place, id=one.pk, plan=one.plan_id)
    return given | changes


def row(place: int, **changes: Any) -> dict[str, Any]:
    fields = {
        "layer": "store", "priority": "0", "kind": "percent", "tier1": "10", "tier2": "8.25",
        "base": "paid", "asset": "cash", **changes,
    }  # fmt: skip
    return {f"rules-{place}-{name}": value for name, value in fields.items()}
