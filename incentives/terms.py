"""The terms of a version as values: to edit, to copy, to compare and to seal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from incentives.models import Reward, Version

VERSION_FIELDS = (
    "name", "terms", "metric", "products", "categories", "channels", "min_amount", "friend_days",
    "audience", "levels", "segments", "period", "starts_at", "ends_at", "close_days",
    "takes_back_after_close", "reach", "sums_steps", "ties", "most_per_member", "budget_awards",
    "budget_amount", "confirm_above",
)  # fmt: skip
"""What people edit in a draft."""

REWARD_FIELDS = (
    "side", "threshold", "first_rank", "last_rank", "kind", "asset", "amount", "rate", "most",
    "coupon_id", "gift_id", "level_id", "days",
)  # fmt: skip

USED_BY_KIND: dict[str, frozenset[str]] = {
    Reward.Kind.AMOUNT: frozenset({"asset", "amount"}),
    Reward.Kind.PERCENT: frozenset({"asset", "rate", "most"}),
    Reward.Kind.COUPON: frozenset({"coupon_id"}),
    Reward.Kind.GIFT: frozenset({"gift_id"}),
    Reward.Kind.LEVEL: frozenset({"level_id", "days"}),
    Reward.Kind.BOOST: frozenset({"rate", "days"}),
    Reward.Kind.FACTOR: frozenset({"rate", "days"}),
}
"""The fields that say what a reward of each kind gives; the others stay empty."""

FIXED_AFTER_PUBLICATION = ("metric", "period")
"""Equal in all versions: awards and progress of an incentive are unique by member and period."""


def copy_terms(version: Version) -> dict[str, Any]:
    """Return the terms of a version, to give them to another one."""
    return {name: getattr(version, name) for name in VERSION_FIELDS}


def copy_rewards(rewards: Iterable[Reward]) -> list[Reward]:
    """Return unsaved copies of rewards, of no version yet."""
    return [Reward(**{name: getattr(row, name) for name in REWARD_FIELDS}) for row in rewards]


def tidy_reward(reward: Reward, *, reach: str) -> Reward:
    """Return a copy without the values that its kind and the reach do not use.

    A form keeps such values when a person changes the kind; the database refuses them.
    """
    [row] = copy_rewards([reward])
    unused = frozenset().union(*USED_BY_KIND.values()) - USED_BY_KIND.get(row.kind, frozenset())
    for name in unused:
        setattr(row, name, "" if name == "asset" else None)
    if reach == Version.Reach.RANK:
        row.threshold = None
        row.last_rank = row.first_rank if row.last_rank is None else row.last_rank
    else:
        row.first_rank = row.last_rank = None
    if reach == Version.Reach.EACH:
        row.threshold = 1
    return row


def as_json(version: Version, rewards: Sequence[Reward]) -> dict[str, Any]:
    """Return terms and rewards as values of JSON, for events, seals and comparisons."""
    terms = {name: _value(getattr(version, name)) for name in VERSION_FIELDS}
    rows = [{name: getattr(row, name) for name in REWARD_FIELDS} for row in rewards]
    return {**terms, "rewards": rows}


def seal_of(version: Version, rewards: Sequence[Reward] | None = None) -> str:
    """Return a hash of the terms and rewards that a person has read."""
    rows = list(version.rewards.all()) if rewards is None else rewards
    return sha256(json.dumps(as_json(version, rows), sort_keys=True).encode()).hexdigest()


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return what differs between two results of ``as_json``: the old values and the new ones."""
    changed = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in changed}, {name: after[name] for name in changed}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, list) else value
