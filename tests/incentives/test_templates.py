"""Each template is one click to a draft that can be handed over, in plain words."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from catalog.models import Product
from distribution.models import Level
from incentives.checks import errors_of
from incentives.compliance import objections
from incentives.models import Reward, Version
from incentives.sentences import conditions, sentence
from incentives.services.drafts import create_draft
from incentives.services.publication import publish, submit
from incentives.templates import TEMPLATES
from members.models import User
from promotions.models import Coupon
from tests.cast import NOON, staff
from tests.shop import DAY, plan, sku

pytestmark = pytest.mark.django_db

NAMES = {
    "new_buyers": "新人首单双向奖励", "first_sale": "首单奖励 10 元",
    "week_sprint": "周冲刺 100/80/50",
    "month_units": "月销满 20 件奖 300", "invite": "邀请有礼", "spend": "满 2000 返 100",
    "parents": "推荐 2 位家长购课送课", "upgrade": "业绩升级",
}  # fmt: skip

SENTENCES = {
    "new_buyers": (
        "全体会员：每位在 30 天内下单的好友奖励现金 ¥10.00、30 天内 2 倍积分，"
        "好友得优惠券“新人券”。"
    ),
    "first_sale": "全体分销员：首单奖励现金 ¥10.00。",
    "week_sprint": (
        "全体分销员：每周按直推销售额排名，第 1 名得现金 ¥100.00；"
        "第 2 名得现金 ¥80.00；第 3 名得现金 ¥50.00。"
    ),
    "month_units": "全体分销员：每月达到直推件数 20 件奖励现金 ¥300.00。",
    "invite": "全体会员：每位在 30 天内下单的好友奖励现金 ¥10.00。",
    "spend": "全体会员：每月达到本人消费 ¥2,000.00 奖励购物金 ¥100.00。",
    "parents": "全体会员：整个活动期间每满已下单好友 2 位奖励礼品“course”。",
    "upgrade": "全体分销员：每月达到直推销售额 ¥10,000.00 奖励金牌等级 90 天。",
}


@pytest.fixture
def shop(qian: User) -> None:
    """A shop with a plan, a level, a coupon and a course, whose goods cost ¥109.90 each."""
    plan()
    sku()
    course = sku("course", category="courses", price=19_900)
    course.kind = "virtual"
    course.save()
    Product.objects.filter(pk=course.product_id).update(status="on_sale")
    Level.objects.create(rank=1, name="金牌")
    coupon(amount=1_000)


def test_the_templates_are_those_of_the_design() -> None:
    with translation.override("zh-hans"):
        assert {key: str(template.title) for key, template in TEMPLATES.items()} == NAMES


@pytest.mark.slow
@pytest.mark.parametrize("key", TEMPLATES)
def test_a_template_can_be_published_as_it_is(key: str, shop: None, qian: User, feng: User) -> None:
    with translation.override("zh-hans"):
        version = create_draft(by=qian, at=NOON, template=key)
        submit(version=version, by=qian, at=NOON)
        publish(version=version, by=feng, at=NOON)

    assert (version.status, version.name, version.template) == ("published", NAMES[key], key)


@pytest.mark.slow
@pytest.mark.parametrize("key", TEMPLATES)
def test_a_template_reads_as_one_sentence(key: str, shop: None, qian: User) -> None:
    with translation.override("zh-hans"):
        version = create_draft(by=qian, at=NOON, template=key)
        assert sentence(version, list(version.rewards.all())) == SENTENCES[key]


@pytest.mark.slow
@pytest.mark.parametrize("key", TEMPLATES)
def test_a_shop_that_lacks_something_gets_a_draft_that_asks_for_it(key: str, qian: User) -> None:
    version = create_draft(by=qian, at=NOON, template=key)
    rewards = list(version.rewards.all())
    lacks_thing = key in ("parents", "upgrade")

    assert objections(version, rewards) == []
    assert set(errors_of(version, rewards, at=NOON)) == ({"rewards"} if lacks_thing else set())


@pytest.mark.parametrize("key", ["new_buyers", "invite"])
def test_who_brings_a_friend_gets_a_red_packet(key: str, qian: User) -> None:
    version = create_draft(by=qian, at=NOON, template=key)

    first = version.rewards.order_by("pk").first()
    assert first is not None
    assert (first.side, first.asset) == ("earner", "cash")


@pytest.mark.slow
@pytest.mark.parametrize(
    "newer",
    [
        {"kind": "product", "scope": "products", "targets": [1]},
        {"kind": "percent", "rate": 1_000},
        {"amount": 500, "stock": 2, "granted": 2},
        {"amount": 500, "valid_days": None, "valid_from": NOON - 2 * DAY, "valid_until": NOON},
        {"amount": 500, "status": "ended", "ended_at": NOON},
    ],
    ids=["free_product", "percentage", "run_out", "no_longer_valid", "ended"],
)
def test_the_friend_gets_the_newest_coupon_of_an_amount_that_can_be_granted(
    newer: dict[str, Any], qian: User
) -> None:
    coupon(amount=500)
    wanted = coupon(amount=1_000)
    coupon(**newer)

    assert friends_reward(qian).coupon == wanted


def test_without_such_a_coupon_the_friend_gets_store_credit(qian: User) -> None:
    coupon(kind="product", scope="products", targets=[1])

    gives = friends_reward(qian)

    assert (gives.coupon, gives.asset, gives.amount) == (None, "store_credit", 1_000)


def coupon(**fields: Any) -> Coupon:
    """Return a published coupon that is valid for 30 days from the grant, unless fields differ."""
    return Coupon.objects.create(**{
        "name": "新人券", "valid_days": 30, "created_at": NOON, "created_by": staff("Qian"),
        "status": "published", "published_at": NOON, "published_by": staff("Feng"), **fields,
    })  # fmt: skip


def friends_reward(qian: User) -> Reward:
    return create_draft(by=qian, at=NOON, template="new_buyers").rewards.get(side="friend")


def test_a_version_remembers_its_template(qian: User) -> None:
    create_draft(by=qian, at=NOON, template="invite")

    assert Version.objects.get().template == "invite"


def test_refunds_take_back_as_the_words_of_the_template_promise(qian: User) -> None:
    with translation.override("en"):
        version = create_draft(by=qian, at=NOON, template="new_buyers")

        assert "Refunds take the reward back." in version.terms
        assert version.takes_back_after_close
        assert conditions(version)[1:] == [
            "Orders count when they are completed; a refund takes back what it had brought."
        ]


def test_conditions_say_what_members_must_know(qian: User) -> None:
    with translation.override("zh-hans"):
        version = create_draft(by=qian, at=NOON, template="invite")
        assert conditions(version) == [
            "订单满 ¥50.00 才计入。", "订单完成后计入；退款收回相应的奖励。",
            "周期结束 15 天后结算。", "此后不再变动。",
            "每人每月最多奖励：已下单好友 50 位。",
        ]  # fmt: skip
