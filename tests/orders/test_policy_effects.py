"""What a change of the order policy touches is counted before it is saved."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice import impacts
from backoffice.settings_index import Change
from members.models import Member
from orders.models import Policy
from tests.shop import DAY, PLACED, ingest, open_shop, order, refund, with_refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


def effects(field: str, before: Any, after: Any, *, at: Any = PLACED) -> list[tuple[str, str]]:
    change = Change(Policy.current(), field, before, after)
    found = impacts.effects(f"orders.policy.{field}", change, at=at)
    return [(effect.figure, str(effect.text)) for effect in found]


def test_longer_protection_counts_for_what_is_not_received(bo: Member) -> None:
    ingest(order(bo), order(bo, number="O-2"), order(bo, number="O-3", received=True),
           at=PLACED + 4 * DAY)  # fmt: skip

    assert effects("protection_days", 7, 10, at=PLACED + 4 * DAY) == [
        ("4 笔佣金", "共 ¥32.96，订单尚未收货，将晚 3 天可用。"),
        ("1 单", "正在保护期内，到期时间不变。"),
    ]


def test_shorter_protection_says_which_refunds_would_have_been_late(bo: Member) -> None:
    received = PLACED + 3 * DAY
    ingest(
        with_refund(order(bo, received=True), refund(100, at=received + 2 * DAY)),
        with_refund(order(bo, number="O-2", received=True),
                    refund(100, number="R-2", at=received + 5 * DAY)),
        at=received + 6 * DAY,
    )  # fmt: skip
    found = effects("protection_days", 7, 3, at=received + 6 * DAY)

    assert found[-1][0] == "1 笔售后"
    assert "3 天之后才提出" in found[-1][1]
    assert "0 笔" in found[-1][1]


def test_orders_of_distributors_themselves_are_counted(bo: Member) -> None:
    lan = Member.objects.get(nickname="Lan")
    ingest(order(bo), order(lan, number="O-2"))

    assert effects("self_purchase", "upline", "self")[0][0] == "1 单"
    assert effects("self_purchase", "upline", "self", at=PLACED + 40 * DAY)[0][0] == "0 单"


def test_days_until_an_order_counts_as_received(bo: Member) -> None:
    shipped = {"shipped_at": PLACED + DAY}
    ingest(order(bo, **shipped), order(bo, number="O-2"), at=PLACED + 2 * DAY)
    at = PLACED + 12 * DAY

    assert effects("assumed_receipt_days", None, 10, at=at)[0][0] == "1 单"
    assert effects("assumed_receipt_days", None, 20, at=at)[0][0] == "0 单"
    assert effects("assumed_receipt_days", 10, None, at=at) == [
        ("1 单", "已发货，将一直等到商城上报收货。")
    ]


def test_alarms_compare_the_new_number_with_the_old_one(bo: Member) -> None:
    ingest(order(bo, shipped_at=PLACED + DAY), at=PLACED + 2 * DAY)
    at = PLACED + 12 * DAY

    assert effects("receipt_alarm_days", 30, 10, at=at) == [
        ("1 单", "将被视为超期并告警（目前 0）。")
    ]
    assert effects("receipt_alarm_days", 10, 30, at=at) == [
        ("0 单", "将被视为超期并告警（目前 1）。")
    ]


def test_a_preview_changes_nothing(bo: Member) -> None:
    ingest(order(bo))
    before = list(Policy.objects.values())
    effects("protection_days", 7, 300)

    assert list(Policy.objects.values()) == before
