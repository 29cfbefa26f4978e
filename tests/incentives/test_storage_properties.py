"""What the checks of storage accept, the database stores: no draft fails with a database error."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from distribution.models import Level
from incentives.models import Audience, Metric, PeriodKind, Reward, Version
from incentives.services.drafts import create_draft, edit
from incentives.services.versions import IncentiveInvalid
from ledger.chart import Asset
from tests.cast import NOON, staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NUMBERS = st.sampled_from(
    [None, -1, 0, 1, 2, 99, 366, 367, 10_000, 10_001, 100_000, 100_001, 10**10, 10**10 + 1, 2**40]
)
POSITIVE = st.sampled_from([-1, 0, 1, 14, 366, 367, 40_000, 10**10, 10**10 + 1])
MOMENTS = st.sampled_from([None, NOON, NOON + timedelta(seconds=1), NOON - timedelta(days=1)])


def changes(**values: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Change at most two fields of something valid: more would nearly always be refused."""
    pairs = [st.tuples(st.just(name), options) for name, options in values.items()]
    return st.lists(st.one_of(pairs), max_size=2).map(dict)


COUNTS = dict.fromkeys(("threshold", "first_rank", "last_rank", "amount", "rate", "days"), NUMBERS)
LIMITS = dict.fromkeys(
    ("most_per_member", "budget_awards", "budget_amount", "confirm_above"), NUMBERS
)
REWARDS = changes(
    **COUNTS,
    most=NUMBERS,
    kind=st.sampled_from([*Reward.Kind.values, "house", ""]),
    side=st.sampled_from([*Reward.Side.values, "", "boss"]),
    asset=st.sampled_from([*Asset.values, "", "gold"]),
    level=st.just("a level"),
)
TERMS = changes(
    **LIMITS,
    name=st.sampled_from(["", "活动", "长" * 40, "长" * 41]),
    terms=st.sampled_from(["", "长" * 1_000, "长" * 1_001]),
    metric=st.sampled_from(Metric.values),
    audience=st.sampled_from([*Audience.values, "nobody"]),
    period=st.sampled_from([*PeriodKind.values, "hour"]),
    reach=st.sampled_from([*Version.Reach.values, "draw"]),
    ties=st.sampled_from([*Version.Ties.values, "draw"]),
    channels=st.sampled_from([[], ["chat"], ["poster", "moments"], ["tv"], ["频道" * 9]]),
    min_amount=POSITIVE,
    friend_days=POSITIVE,
    close_days=POSITIVE,
    starts_at=MOMENTS,
    ends_at=MOMENTS,
    levels=st.sampled_from([[], [1]]),
)
VALID = {"kind": "amount", "asset": "cash", "amount": 1_000, "rate": 500, "days": 30}


def test_a_draft_is_saved_or_refused_by_field(db: None) -> None:
    qian, level = staff("Qian"), Level.objects.create(rank=1, name="金牌")
    saved = 0

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(terms=TERMS, rewards=st.lists(REWARDS, max_size=2))
    def save(terms: dict[str, Any], rewards: list[dict[str, Any]]) -> None:
        nonlocal saved
        rows = [{**VALID, **values} for values in rewards]
        for row in rows:
            row["level"] = level if "level" in row else None
        with transaction.atomic():
            version = create_draft(by=qian, at=NOON)
            with contextlib.suppress(IncentiveInvalid):
                edit(
                    version=version, by=qian, at=NOON, rewards=[Reward(**row) for row in rows],
                    **terms,
                )  # fmt: skip
                saved += 1
            transaction.set_rollback(True)

    save()

    assert saved > 40, "too few of these drafts are valid to prove anything"
