"""A mall reads what it must honour for a member: coupons, gifts, factors of points, the level."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category
from common import clock
from distribution.models import Level
from incentives.models import Metric, PeriodKind, Version
from incentives.services.gifts import send_gift
from integration.clients import create_client
from integration.models import SCOPES
from members.models import Member
from tests.api.mall import Mall
from tests.api.phone import outcome
from tests.cast import NOON, give, staff
from tests.incentives.offers import reward
from tests.incentives.present import DAY, campaign, completed, now, open_shop, put
from tests.promotions.coupons import coupon, grant, product, use
from tests.shop import sku

pytestmark = pytest.mark.django_db


@pytest.fixture
def mall(db: None) -> Mall:
    client, secret = create_client(name="mall", scopes=list(SCOPES), at=NOON)
    return Mall(client.key, secret)


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


def benefits(mall: Mall, external_id: str = "bo") -> Any:
    response = mall.get(f"/members/{external_id}/benefits")
    assert response.status_code == 200, response.content
    return response.json()


def given(*rewards: object, **terms: Any) -> Version:
    """Publish rewards for each order that a member buys, or that a distributor sells."""
    return campaign(
        metric=Metric.OWN_ORDERS, period=PeriodKind.EACH, reach=Version.Reach.EACH,
        rewards=list(rewards), **terms,
    )  # fmt: skip


def test_who_has_nothing_gets_points_as_they_are(mall: Mall, bo: Member) -> None:
    assert benefits(mall) == {
        "member": bo.public_id, "coupons": [], "points_rate": 10_000, "points_factors": [],
        "gifts": [],
    }  # fmt: skip


def test_a_coupon_says_what_it_takes_off_and_for_which_goods(mall: Mall, bo: Member) -> None:
    tea = product("tea")
    kind = coupon(
        at=now() - DAY, kind="percent", rate=1_000, most=2_000, scope="products", targets=[tea.pk]
    )
    held = grant(kind, bo, at=now() - DAY)

    (row,) = benefits(mall)["coupons"]

    assert (row["id"], row["coupon"]) == (held.public_id, kind.public_id)
    assert (row["kind"], row["rate"], row["most"]) == ("percent", 1_000, 2_000)
    assert (row["scope"], row["skus"], row["categories"]) == ("products", ["tea"], [])
    assert "amount" not in row
    assert clock.parse(row["valid_until"]) == held.valid_until


def test_a_coupon_of_categories_names_their_codes(mall: Mall, bo: Member) -> None:
    beauty = Category.objects.get(code="beauty")
    kind = coupon(at=now() - DAY, scope="categories", targets=[beauty.pk])
    grant(kind, bo, at=now() - DAY)

    (row,) = benefits(mall)["coupons"]

    assert (row["skus"], row["categories"]) == ([], ["beauty"])


def test_used_and_expired_coupons_are_none(mall: Mall, bo: Member) -> None:
    kind = coupon(at=now() - 20 * DAY, per_member=3)
    grant(kind, bo, key="award:a1:1", at=now() - 19 * DAY)  # valid for seven days
    used = grant(kind, bo, key="award:a2:1", at=now() - DAY)
    usable = grant(kind, bo, key="award:a3:1", at=now() - DAY)
    use(used, at=now())

    assert [row["id"] for row in benefits(mall)["coupons"]] == [usable.public_id]


def test_the_highest_factor_of_points_counts(mall: Mall, bo: Member) -> None:
    given(reward(kind="factor", rate=15_000, days=60), name="Half more")
    given(reward(kind="factor", rate=20_000, days=60), name="Double")
    put(completed(bo))

    answer = benefits(mall, "lan")

    assert answer["points_rate"] == 20_000
    assert {row["incentive"]: row["rate"] for row in answer["points_factors"]} == {
        "Half more": 15_000, "Double": 20_000,
    }  # fmt: skip
    assert benefits(mall)["points_rate"] == 10_000


def test_a_gift_is_to_be_sent_and_then_was_sent(mall: Mall, bo: Member) -> None:
    gift = sku("tea", price=500, cost=200)
    version = given(reward(kind="gift", gift=gift))
    put(completed(bo))

    (row,) = benefits(mall, "lan")["gifts"]
    assert (row["sku"], row["name"], row["status"], row["note"]) == ("tea", "tea", "open", "")
    assert "sent_at" not in row

    task = version.incentive.awards.get().gift_task
    send_gift(
        task=task, note="SF1234567890", by=give(staff("Qian"), "change_gifttask"), at=now()
    )  # fmt: skip

    (row,) = benefits(mall, "lan")["gifts"]
    assert (row["status"], row["note"]) == ("sent", "SF1234567890")
    assert row["sent_at"]


def test_a_level_is_named_and_when_an_award_ends_it(mall: Mall, bo: Member) -> None:
    gold = Level.objects.create(rank=2, name="Gold")
    given(reward(kind="level", level=gold, days=90))
    put(completed(bo))

    level = benefits(mall, "lan")["level"]

    assert (level["name"], level["rank"]) == ("Gold", 2)
    assert level["ends_at"] > now().isoformat()
    assert "level" not in benefits(mall), "Bo is no distributor"


def test_nobody_else_has_them(mall: Mall, bo: Member, chen: Member) -> None:
    grant(coupon(at=now() - DAY), bo, at=now() - DAY)

    assert benefits(mall, "chen")["coupons"] == []


def test_an_unknown_member_is_not_found(mall: Mall) -> None:
    assert outcome(mall.get("/members/nobody/benefits")) == (404, "not_found")


@pytest.mark.slow
def test_the_answer_takes_the_same_number_of_queries(mall: Mall, bo: Member) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            mall.get("/members/bo/benefits")
        return len(captured)

    kind = coupon(at=now() - DAY, per_member=9)
    grant(kind, bo, at=now() - DAY)
    queries()  # the first call of a client looks it up
    before = queries()
    for number in range(5):
        grant(kind, bo, key=f"award:b{number}:1", at=now() - DAY)

    assert queries() == before
    assert len(benefits(mall)["coupons"]) == 6
