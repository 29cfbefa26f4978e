"""A close is weighed by what its coupons and gifts are worth, too; what nobody can value waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from catalog.models import Product
from common import clock
from distribution.models import Level
from incentives.models import Reward
from incentives.services.closing import confirm_closing
from tests.backoffice.desks import opened
from tests.cast import give
from tests.incentives.contests.stage import (
    CLOSES,
    close,
    confirmer,
    contest,
    open_stage,
    prize,
    release,
    sell,
    winners,
)
from tests.promotions import coupons
from tests.shop import DAY, sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
WHOLE: dict[str, Any] = {"ties": "each", "budget_awards": 10}
"""The terms of prizes that cannot be split."""


@pytest.fixture(autouse=True)
def stage(db: None) -> None:
    open_stage()


def sold() -> None:
    sell("Lan", 100_000, 100_000)
    sell("Chen", 100_000)
    release()


def coupon(**fields: Any) -> Reward:
    values = {"amount": 12_000, "threshold": 0, "valid_days": 30, "per_member": 60, **fields}
    if values["amount"] is None:
        del values["amount"]
    return place("coupon", coupon=coupons.coupon(**values))


def place(kind: str, **fields: Any) -> Reward:
    return Reward(kind=kind, first_rank=1, last_rank=1, **fields)


def free_product() -> Reward:
    dear = sku("dear", price=12_000)
    Product.objects.filter(pk=dear.product_id).update(status="on_sale")
    return coupon(kind="product", amount=None, scope="products", targets=[dear.product_id])


def level() -> Reward:
    return place("level", days=30, level=Level.objects.create(rank=9, name="金牌"))


THINGS: dict[str, tuple[Callable[[], Reward], int]] = {
    "a coupon takes off its amount": (coupon, 12_000),
    "a percentage takes off its limit": (
        lambda: coupon(kind="percent", amount=None, rate=1_000, most=12_000), 12_000,
    ),
    "a free product is worth its price": (free_product, 12_000),
    "a gift is worth its price": (
        lambda: place("gift", gift=sku("cup", price=12_000, cost=1)), 12_000,
    ),
    "a percentage may take off anything": (
        lambda: coupon(kind="percent", amount=None, rate=1_000), 0,
    ),
    "a level raises commissions": (level, 0),
    "a boost raises commissions": (lambda: place("boost", rate=15_000, days=7), 0),
}  # fmt: skip


@pytest.mark.parametrize("thing", THINGS)
def test_things_wait_for_a_second_person_by_their_worth(thing: str) -> None:
    reward, worth = THINGS[thing]
    contest(reward(), **WHOLE, confirm_above=worth - 1 if worth else 1_000_000)
    sold()
    closing = close()
    assert closing
    assert (closing.status, closing.awards, closing.amount) == ("waiting", 1, worth)
    assert winners() == [("Lan", 1, 1, 0, "waiting")]

    confirm_closing(closing=closing, by=confirmer(), at=CLOSES + DAY)
    close(CLOSES + DAY)
    assert winners() == [("Lan", 1, 1, 1, "granted")]


@pytest.mark.parametrize(
    "reward", [coupon, lambda: place("factor", rate=20_000, days=7)], ids=["coupon", "points"]
)
def test_things_of_little_worth_do_not_wait(reward: Callable[[], Reward]) -> None:
    contest(reward(), **WHOLE, confirm_above=12_000)
    sold()
    closing = close()
    assert closing
    assert closing.status == "final"
    assert winners() == [("Lan", 1, 1, 1, "granted")]


@pytest.mark.usefixtures("no_static_files")
def test_the_desk_says_how_many_awards_nobody_can_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: CLOSES + DAY)
    contest(level(), coupon(), **WHOLE)
    sold()
    close()
    client = Client()
    client.force_login(give(confirmer(), "view_periodclosing"))

    facts = strip_tags(opened(client, "closings"))

    assert "奖励总价值¥120.00" in facts
    assert "无法估值的奖励1" in facts


def test_money_and_things_are_added_up() -> None:
    contest(prize(10_000, 1), coupon(), prize(8_000, 2), **WHOLE, confirm_above=29_999)
    sold()
    closing = close()
    assert closing
    assert (closing.status, closing.awards, closing.amount) == ("waiting", 3, 30_000)
