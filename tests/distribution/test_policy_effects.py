"""What a change of the distribution policy touches is counted before it is saved."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice import impacts
from backoffice.settings_index import Change
from distribution.models import Policy
from distribution.services import Purchase, apply, record_purchases
from members.models import Member
from tests.cast import NOON
from tests.shop import DAY, distributor, make_referral

pytestmark = pytest.mark.django_db


def figures(field: str, before: Any, after: Any, *, at: Any = NOON) -> list[str]:
    change = Change(Policy.current(), field, before, after)
    return [
        str(row.figure) for row in impacts.effects(f"distribution.policy.{field}", change, at=at)
    ]


def test_applications_that_wait_stay_in_the_queue(mei: Member, lan: Member) -> None:
    apply(member=mei, at=NOON)

    assert figures("applications", "review", "open") == ["1 份申请", "1 份申请"]
    assert figures("applications", "review", "open", at=NOON + 40 * DAY) == [
        "1 份申请", "0 份申请",
    ]  # fmt: skip


def test_members_on_the_fast_track_are_counted(mei: Member, lan: Member, bo: Member) -> None:
    distributor(mei)
    make_referral(mei, lan)
    make_referral(lan, bo)
    record_purchases([
        Purchase(who.pk, spend=10_000, orders=1, ordered_at=NOON) for who in (mei, lan, bo)
    ])  # fmt: skip

    assert figures("fast_track_spend", None, 10_000) == ["2 人"]  # Mei is a distributor already
    assert figures("fast_track_spend", None, 10_001) == ["0 人"]
    assert figures("fast_track_buyers", None, 1) == ["1 人"]
    assert figures("fast_track_buyers", None, 2) == ["0 人"]
    assert figures("fast_track_buyers", 2, None) == []


def test_referred_members_without_a_binding_are_counted(mei: Member, lan: Member) -> None:
    make_referral(mei, lan)  # Mei is no distributor

    assert figures("binding_trigger", "first_visit", "first_order") == ["1 人"]


def test_bindings_keep_their_end(mei: Member, lan: Member, bo: Member) -> None:
    distributor(mei)
    make_referral(mei, lan)
    make_referral(mei, bo, at=NOON + 35 * DAY)

    assert figures("binding_days", None, 90, at=NOON + 40 * DAY) == ["2 个绑定", "1 个绑定"]


def test_idle_bindings_are_open_to_others_at_once(mei: Member, lan: Member, bo: Member) -> None:
    distributor(mei)
    make_referral(mei, lan)
    make_referral(mei, bo)
    record_purchases([Purchase(bo.pk, orders=1, ordered_at=NOON + 35 * DAY)])

    assert figures("poach_after_days", None, 30, at=NOON + 40 * DAY) == ["1 个绑定"]
    assert figures("poach_after_days", 30, None, at=NOON + 40 * DAY) == ["1 个绑定", "0 个绑定"]
