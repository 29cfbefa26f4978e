"""Webhooks name what a mall acts on: an award, a gift, a coupon to honour; and their end."""

from __future__ import annotations

from typing import Any

import pytest

from common import clock
from incentives.models import Award, GiftTask, Metric, PeriodKind
from members.models import Member
from promotions.models import CouponGrant
from tests.api.mall import Mall
from tests.incentives.engine.story import RELEASED, buy, complete_by, give_back
from tests.incentives.offers import a_coupon, published, reward
from tests.shop import DAY, open_shop, sku
from tests.webhooks.conftest import Shops
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_sending import send

pytestmark = pytest.mark.slow

GIVEN = ("incentives.award_granted", "incentives.gift_opened", "promotions.coupon_granted")
ENDED = ("incentives.award_taken_back", "incentives.gift_cancelled", "promotions.coupon_revoked")


@pytest.fixture
def lan(db: None) -> Member:
    """Return Lan, who gets ¥10, a cup and a coupon for the orders of Bo."""
    open_shop()
    cup = sku("cup", price=500, cost=300)
    coupon = a_coupon()
    terms: dict[str, Any] = {"metric": Metric.OWN_ORDERS, "min_amount": 10_000}
    published(**terms, rewards=[reward(1_000)])
    published(**terms, rewards=[reward(kind="gift", gift=cup)])
    published(
        **terms, rewards=[reward(kind="coupon", coupon=coupon)], period=PeriodKind.CAMPAIGN,
        most_per_member=1,
    )  # fmt: skip
    return Member.objects.get(nickname="Lan")


def told(shop: Receiver, *types: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return type, subject and data of the calls of these types."""
    return [
        (call.body["type"], call.subject, call.body["data"])
        for call in shop.accepted
        if call.body["type"] in types
    ]


def test_the_mall_is_told_of_an_award_a_gift_and_a_coupon(
    shops: Shops, mall: Mall, lan: Member
) -> None:
    shop, _ = shops.open(types=list(GIVEN))
    buy(Member.objects.get(nickname="Bo"))
    complete_by(RELEASED)

    send(clock.now())

    award = Award.objects.get(kind="amount")
    task, grant = GiftTask.objects.get(), CouponGrant.objects.get()
    calls = told(shop, *GIVEN)
    by_subject = {subject: (kind, data) for kind, subject, data in calls}
    assert by_subject[award.public_id] == (
        "incentives.award_granted",
        {"member": lan.public_id, "kind": "amount", "asset": "cash", "amount": 1_000},
    )
    assert by_subject[task.public_id] == (
        "incentives.gift_opened",
        {"member": lan.public_id, "sku": "cup", "award": task.award.public_id},
    )
    kind, data = by_subject[grant.public_id]
    assert kind == "promotions.coupon_granted"
    assert (data["coupon"], data["member"]) == (grant.coupon.public_id, lan.public_id)
    # The gift and the coupon are awards, too.
    kinds = [data["kind"] for kind, _, data in calls if kind == "incentives.award_granted"]
    assert sorted(kinds) == ["amount", "coupon", "gift"]
    fed = {row["id"]: row for row in mall.get("/events").json()["results"]}
    assert all(call.body == fed[call.id] for call in shop.accepted)


def test_the_mall_is_told_when_they_are_taken_back(shops: Shops, lan: Member) -> None:
    shop, _ = shops.open(types=list(ENDED))
    order = buy(Member.objects.get(nickname="Bo"))
    complete_by(RELEASED)
    give_back(order, 10_990, quantity=1, at=RELEASED + DAY)

    send(clock.now())

    award = Award.objects.get(kind="amount")
    task, grant = GiftTask.objects.get(), CouponGrant.objects.get()
    by_subject = {subject: (kind, data) for kind, subject, data in told(shop, *ENDED)}
    assert by_subject[award.public_id] == (
        "incentives.award_taken_back",
        {"member": lan.public_id, "kind": "amount", "asset": "cash", "amount": 1_000},
    )
    assert by_subject[task.public_id] == (
        "incentives.gift_cancelled",
        {"member": lan.public_id, "sku": "cup", "award": task.award.public_id},
    )
    assert by_subject[grant.public_id] == (
        "promotions.coupon_revoked",
        {"coupon": grant.coupon.public_id, "member": lan.public_id},
    )
