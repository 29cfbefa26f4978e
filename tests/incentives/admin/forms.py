"""Build the data that the form of a draft posts."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from incentives.models import Version


def url(version: Version, page: str = "change") -> str:
    return reverse(f"admin:incentives_version_{page}", args=[version.pk])


def incentive_url(version: Version, page: str = "change") -> str:
    return reverse(f"admin:incentives_incentive_{page}", args=[version.incentive_id])


def form(*rows: dict[str, Any], version: Version | None = None, **changes: Any) -> dict[str, Any]:
    """Return a sprint of a month in steps: ¥10 from ¥1,000 on, unless rows are given.

    :param version: whose rewards are replaced by the rows
    """
    saved = list(version.rewards.order_by("pk")) if version else []
    rewards = rows or (row(),)
    data: dict[str, Any] = {
        "name": "月度冲刺", "terms": "", "metric": "own_sales", "period": "month",
        "starts_at": "", "ends_at": "", "min_amount": "", "friend_days": "30",
        "audience": "distributors", "reach": "steps", "ties": "split", "budget_amount": "",
        "budget_awards": "", "most_per_member": "", "confirm_above": "", "close_days": "15",
        "rewards-TOTAL_FORMS": len(saved) + len(rewards), "rewards-INITIAL_FORMS": len(saved),
    }  # fmt: skip
    for place, reward in enumerate(saved):
        data |= {f"rewards-{place}-{name}": value for name, value in row().items()}
        data |= {
            f"rewards-{place}-id": reward.pk, f"rewards-{place}-version": reward.version_id,
            f"rewards-{place}-DELETE": "on",
        }  # fmt: skip
    for place, values in enumerate(rewards, len(saved)):
        data |= {f"rewards-{place}-{name}": value for name, value in values.items()}
    return data | changes


def row(**changes: Any) -> dict[str, Any]:
    """Return a row of rewards."""
    return {
        "side": "earner", "threshold_text": "1000", "first_rank": "", "last_rank": "",
        "kind": "amount", "value": "10", "asset": "cash", "most": "", "coupon": "", "gift": "",
        "level": "", "days": "", **changes,
    }  # fmt: skip
