"""What a change of the payout policy touches is counted before it is saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backoffice import impacts
from backoffice.settings_index import Change
from members.models import Member
from tests.cast import staff
from tests.withdrawals.factories import NOW, YUAN, approved, asked, finance, operations, ready
from withdrawals.models import Policy, Withdrawal

pytestmark = pytest.mark.django_db


@pytest.fixture
def requested(mei: Member) -> Withdrawal:
    """Mei asks for 300 yuan."""
    return asked(ready(mei, 1_000 * YUAN), 300 * YUAN)


def effects(field: str, before: Any, after: Any, *, at: Any = NOW) -> list[tuple[str, str]]:
    change = Change(Policy.current(), field, before, after)
    found = impacts.effects(f"withdrawals.policy.{field}", change, at=at)
    return [(effect.figure, str(effect.text)) for effect in found]


def figures(field: str, before: Any, after: Any, *, at: Any = NOW) -> list[str]:
    return [figure for figure, _text in effects(field, before, after, at=at)]


def test_limits_say_what_they_would_have_refused(requested: Withdrawal) -> None:
    assert effects("min_amount", 100, 301 * YUAN) == [
        ("1 笔提现", "（近 30 天，共 ¥300.00）按新设置将不能申请。")
    ]
    assert figures("min_amount", 100, 300 * YUAN) == ["0 笔提现"]
    assert figures("max_amount", 20_000 * YUAN, 299 * YUAN) == ["1 笔提现"]
    for field in ("max_per_day", "max_per_month"):
        assert figures(field, 20_000 * YUAN, 299 * YUAN) == ["1 位会员"]
        assert figures(field, 20_000 * YUAN, 300 * YUAN) == ["0 位会员"]


def test_a_fee_is_computed_for_the_last_month(requested: Withdrawal) -> None:
    assert effects("fee", 0, 60) == [
        ("¥1.80", "是近 30 天的提现按新设置的手续费，实际收取 ¥0.00。"),
        ("1 笔提现", "处理中，共 ¥300.00，手续费按申请时的不变。"),
    ]
    later = NOW + timedelta(days=40)
    assert figures("fee", 0, 60, at=later)[0] == "¥0.00"


def test_requests_in_review_that_need_two_reviewers(requested: Withdrawal) -> None:
    field = "second_finance_threshold"
    assert figures(field, None, 300 * YUAN) == ["1 笔提现"]
    assert figures(field, None, 301 * YUAN) == ["0 笔提现"]
    Withdrawal.objects.update(needs_second_finance=True)
    assert figures(field, 300 * YUAN, None) == ["1 笔提现"]  # it keeps its two reviewers


def test_the_limit_of_reviews_compares_new_and_old(requested: Withdrawal) -> None:
    at = NOW + timedelta(hours=10)
    assert effects("review_hours", 24, 8, at=at) == [("1 笔提现", "将显示为超时（目前 0）。")]


def test_what_is_not_collected_in_time_ends_at_once(mei: Member) -> None:
    ready(mei, 1_000 * YUAN)
    withdrawal = approved(mei, 300 * YUAN, operations(staff("Qian")), finance(staff("Feng")))
    Withdrawal.objects.filter(pk=withdrawal.pk, status="ready_to_collect").update(ready_at=NOW)
    is_ready = Withdrawal.objects.filter(status="ready_to_collect").count()
    at = NOW + timedelta(days=10)

    assert figures("ready_days", 30, 7, at=at) == [f"{is_ready} 笔提现"]
    assert figures("ready_days", 30, 20, at=at) == ["0 笔提现"]


def test_another_tax_starts_reviews_again(requested: Withdrawal) -> None:
    assert figures("regime", "none", "labor_per_payment") == ["1 笔提现"]
