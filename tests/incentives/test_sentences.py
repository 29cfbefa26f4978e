"""An incentive is one readable sentence, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from django.utils import translation

from distribution.models import Level
from incentives.models import Audience, Metric, PeriodKind, Reward, Version
from incentives.sentences import conditions, sentence
from tests.cast import NOON
from tests.incentives.offers import reward
from tests.shop import DAY

pytestmark = pytest.mark.django_db
Reach = Version.Reach


class Case(NamedTuple):
    terms: dict[str, Any]
    rewards: Sequence[Reward]
    english: str
    chinese: str


MONTH = {"period": PeriodKind.MONTH}
CASES = {
    "each": Case(
        {"reach": Reach.EACH}, [reward(500, asset="points"), reward(kind="gift", gift_id=None)],
        "All distributors: each own order gives 500 points, the gift “None”.",
        "全体分销员：每个直推订单奖励500 积分、礼品“None”。",
    ),
    "units are given by the order": Case(
        {"reach": Reach.EACH, "metric": Metric.OWN_UNITS}, [reward(500)],
        "All distributors: each own order gives ¥5.00 in cash.",
        "全体分销员：每个直推订单奖励现金 ¥5.00。",
    ),
    "percent": Case(
        {"reach": Reach.EACH, "metric": Metric.OWN_SALES},
        [reward(kind="percent", rate=550, most=10_000)],
        "All distributors: each own order gives 5.5% of it as cash, at most ¥100.00 in cash.",
        "全体分销员：每个直推订单奖励其 5.5% 的现金（最多 现金 ¥100.00）。",
    ),
    "every": Case(
        {"reach": Reach.EVERY, **MONTH}, [reward(threshold=3)],
        "All distributors, each month: every 3 own orders: ¥10.00 in cash.",
        "全体分销员：每月每满直推订单 3 笔奖励现金 ¥10.00。",
    ),
    "steps": Case(
        {"reach": Reach.STEPS, "period": PeriodKind.QUARTER, "metric": Metric.OWN_SALES},
        [reward(threshold=100_000), reward(kind="boost", rate=15_000, days=7, threshold=100_000),
         reward(5_000, threshold=300_000)],
        "All distributors, each quarter: from own sales of ¥1,000.00: ¥10.00 in cash, 1.5 times"
        " the commission for 7 days; from own sales of ¥3,000.00: ¥50.00 in cash.",
        "全体分销员：每季度达到直推销售额 ¥1,000.00 奖励现金 ¥10.00、7 天内佣金 1.5 倍；"
        "达到直推销售额 ¥3,000.00 奖励现金 ¥50.00。",
    ),
    "places": Case(
        {"reach": Reach.RANK, "period": PeriodKind.WEEK},
        [reward(5_000, first_rank=1, last_rank=1), reward(first_rank=2, last_rank=9)],
        "All distributors, each week: the places by own orders win: place 1 ¥50.00 in cash;"
        " places 2 to 9 ¥10.00 in cash each.",
        "全体分销员：每周按直推订单排名，第 1 名得现金 ¥50.00；第 2 至 9 名各得现金 ¥10.00。",
    ),
    "friends": Case(
        {"reach": Reach.EACH, "metric": Metric.REFERRED_BUYERS, "audience": Audience.EVERYONE},
        [reward(asset="store_credit"), reward(300, asset="store_credit", side="friend")],
        "Every member: each friend who buys within 30 days gives ¥10.00 of store credit, and the"
        " friend gets ¥3.00 of store credit.",
        "全体会员：每位在 30 天内下单的好友奖励购物金 ¥10.00，好友得购物金 ¥3.00。",
    ),
    "nothing": Case(
        {}, [], "All distributors: nothing is given yet.", "全体分销员：尚未设置奖励。"
    ),
}  # fmt: skip


def terms(**fields: Any) -> Version:
    return Version(**{
        "metric": Metric.OWN_ORDERS, "audience": Audience.DISTRIBUTORS,
        "period": PeriodKind.EACH, **fields,
    })  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_terms_are_one_sentence(case: Case) -> None:
    version = terms(**case.terms)
    with translation.override("en"):
        assert sentence(version, case.rewards) == case.english
    with translation.override("zh-hans"):
        assert sentence(version, case.rewards) == case.chinese


def test_a_pool_names_its_levels() -> None:
    gold = Level.objects.create(rank=1, name="金牌")
    version = terms(metric=Metric.TEAM_POOL, levels=[gold.pk], **MONTH)
    with translation.override("zh-hans"):
        assert sentence(version, [reward(kind="percent", rate=200)]) == (
            "金牌等级的分销员：每月从本店已完成的分销销售额中提取 2%，按各人直推销售额分配。"
        )


def test_a_pool_is_final_at_its_close() -> None:
    version = terms(metric=Metric.TEAM_POOL, levels=[1], takes_back_after_close=True, **MONTH)
    with translation.override("en"):
        assert conditions(version)[-1] == "After that nothing changes."


def test_conditions_name_window_limits_and_budget() -> None:
    version = terms(
        starts_at=NOON, ends_at=NOON + DAY, budget_awards=500, budget_amount=100_000,
        reach=Reach.STEPS, sums_steps=True, takes_back_after_close=True, **MONTH,
    )  # fmt: skip
    with translation.override("en"):
        assert conditions(version) == [
            "It counts what was paid from 2026-11-01 12:00 to 2026-11-02 11:59.",
            "Orders count when they are completed; a refund takes back what it had brought.",
            "It closes 15 days after the end.",
            "Refunds after that still take back.",
            "All steps that are reached are given.",
            "There are 500 awards in all.",
            "¥1,000.00 are given in all.",
        ]


def test_conditions_name_the_channels_in_their_order() -> None:
    version = terms(channels=["poster", "chat"])
    with translation.override("en"):
        assert conditions(version)[0] == (
            "Only orders that came by shares in these channels count: WeChat chat, poster."
        )
    with translation.override("zh-hans"):
        assert conditions(version)[0] == "仅计入通过以下渠道的分享而来的订单：微信好友、海报。"


@pytest.mark.parametrize(
    ("fields", "english", "chinese"),
    [
        (
            {"period": PeriodKind.EACH},
            "Per person, each day of payment, this is rewarded at most: 2 own orders.",
            "每人每个付款日最多奖励：直推订单 2 笔。",
        ),
        (
            {"metric": Metric.OWN_SALES, **MONTH},
            "Per person, each month, this is rewarded at most: 2 own orders.",
            "每人每月最多奖励：直推订单 2 笔。",
        ),
        (
            {"metric": Metric.OWN_SPEND, **MONTH},
            "Per person, each month, this is rewarded at most: 2 own purchases.",
            "每人每月最多奖励：本人订单 2 笔。",
        ),
        (
            {"metric": Metric.REFERRED_BUYERS, "period": PeriodKind.CAMPAIGN},
            "Per person, over the whole campaign, this is rewarded at most: 2 friends who bought.",
            "每人整个活动期间最多奖励：已下单好友 2 位。",
        ),
        (
            {"reach": Reach.EVERY, **MONTH},
            "Per person, each month, this is rewarded at most: 2 times.",
            "每人每月最多奖励：2 次。",
        ),
        (
            {"reach": Reach.STEPS, "sums_steps": True, **MONTH},
            "Per person, each month, this is rewarded at most: the first 2 steps.",
            "每人每月最多奖励：前 2 档。",
        ),
    ],
    ids=["day", "sales", "purchases", "friends", "every", "steps"],
)
def test_the_limit_per_member_says_what_it_counts(
    fields: dict[str, Any], english: str, chinese: str
) -> None:
    version = terms(**{"reach": Reach.EACH, "most_per_member": 2, **fields})
    with translation.override("en"):
        assert conditions(version)[-1] == english
    with translation.override("zh-hans"):
        assert conditions(version)[-1] == chinese


def test_awards_of_each_order_say_until_when_refunds_take_back() -> None:
    with translation.override("en"):
        until = (
            "Refunds take back what they had brought if they are done before that, or within 15"
            " days after the day of payment. Later ones change nothing."
        )
        assert conditions(terms(reach=Reach.EACH, close_days=15)) == [
            "Orders count when they are completed.", until,
        ]  # fmt: skip
        assert conditions(terms(reach=Reach.EACH, takes_back_after_close=True)) == [
            "Orders count when they are completed; a refund takes back what it had brought."
        ]
