"""Every unlawful shape is refused with its article, in Chinese and English; lawful ones pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.utils import translation

from distribution.models import Level
from incentives.compliance import LAWS, objections
from incentives.models import Audience, Metric, PeriodKind, Reward, Version
from promotions.models import Coupon
from tests.incentives.offers import reward
from tests.incentives.unlawful_terms import (
    ARTICLES,
    BOOST,
    COUPON,
    LANGUAGES,
    LEVEL,
    STRUCTURES,
    WORDS,
)

Reach = Version.Reach


def terms(**fields: Any) -> Version:
    return Version(**{
        "name": "活动", "metric": Metric.OWN_ORDERS, "audience": Audience.DISTRIBUTORS,
        "period": PeriodKind.MONTH, "reach": Reach.EACH, **fields,
    })  # fmt: skip


def codes(rewards: Sequence[Reward] = (), **fields: Any) -> list[str]:
    return [row.code for row in objections(terms(**fields), rewards)]


LAWFUL = (
    "邀请好友首次下单，双方得奖", "邀请好友加入并完成首单奖励10元", "首单奖励 10 元",
    "周冲刺 100/80/50",
    "月销满 20 件奖 300", "满 2000 返 100", "推荐 2 位家长购课送课", "业绩升级",
    "无需缴纳入门费，人人可参加",
    "邀请3位好友，完成首单奖10元", "每推荐一位下单好友奖10元", "每邀请一人下单，奖励10元",
    "自购满300元后，得购物金10元", "提交3张照片即可领取优惠券", "成交满99元即可领取奖励",
    "提交照片即可参加", "团队冲刺赛，按本人销售额奖励", "订单支付后，完成7天即可领取奖励",
    "分享商品到朋友圈，好友下单完成后奖励10元", "转发到朋友圈不计奖励",
    "分享到朋友圈时，记得标明“广告”", "无需发朋友圈，即得优惠券", "本活动由集团赞助，首单得礼品",
    "拍一张商品摆放或使用中的照片上传，审核通过即得一张优惠券，无需公开发布。",
    "無需繳納入門費", "推荐好友，值得一试；新人首单有礼",
    "无入门费，无加盟费", "不收入门费、加盟费、代理费", "免收加盟费", "免入门费",
    "并非按人头计酬", "不设人头奖", "不发展下线，不拉人头", "不得发展下线",
    "本人无需购买课程", "不按人头计酬", "禁止刷单", "无需囤货，不能刷单",
    "买 2 件送 1 件", "团队冲刺赛", "三八节奖励", "好友购买后您得积分",
    "Both sides of a first order", "A friend's first completed order brings ¥10",
    "No entry fee and no joining fee", "We pay no bonus for a head count; not a headcount bonus",
    "Upload a photo of the goods and get a coupon",
    "Share to Moments: orders of friends earn ¥10",
    "在小红书分享商品链接，好友下单完成后奖励10元", "无需发小红书，即得优惠券", "发小红书不给奖励",
    "防晒单品满 3 件，送小样", "抖音同款，满 2 件送 1 件", "买发圈送发卡", "晒单不计奖励",
    "助力双十一，首单奖励10元", "关注客户需求，成交即得奖励", "分享给好友，好友下单即得10元",
    "分享给3位好友，他们完成首单后奖励10元", "短视频教程：如何卖出第一单，首单奖励10元",
    "Share on Xiaohongshu: orders of friends earn ¥10", "Posting on Weibo brings no reward",
    "No need to post on Douyin to get the coupon",
    "Share goods with friends and earn when they order",
    "Earn ¥10 for each completed order that your Moments post brings",
    "There is no joining fee", "You need not buy the course yourself",
    "Friends who join and complete an order bring ¥10", "Sell 20 units and get ¥300",
    "Reach gold by own sales", "The likes of it you never saw", "Third week of November",
)  # fmt: skip


@pytest.mark.parametrize(("code", "fields", "given"), STRUCTURES.values(), ids=list(STRUCTURES))
def test_an_unlawful_structure_is_refused(code: str, fields: dict[str, Any], given: Reward) -> None:
    assert codes([given], **fields) == [code]


def test_every_law_has_its_article_in_both_languages() -> None:
    assert ARTICLES.keys() == LAWS.keys()
    for place, language in enumerate(LANGUAGES):
        with translation.override(language):
            articles = {code: str(law.article) for code, law in LAWS.items()}
        assert articles == {code: names[place] for code, names in ARTICLES.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("code", "fields", "given"), STRUCTURES.values(), ids=list(STRUCTURES))
def test_an_objection_to_a_structure_has_its_article(
    code: str, fields: dict[str, Any], given: Reward, language: str
) -> None:
    with translation.override(language):
        [found] = objections(terms(**fields), [given])

    article = ARTICLES[code][LANGUAGES.index(language)]
    assert found.article == article
    assert article in found.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("code", "text"), [(code, texts[0]) for code, texts in WORDS.items()])
def test_an_objection_to_words_has_its_article(code: str, text: str, language: str) -> None:
    with translation.override(language):
        [found] = [row for row in objections(terms(terms=text), [reward()]) if row.code == code]

    assert ARTICLES[code][LANGUAGES.index(language)] in found.text


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in WORDS.items() for text in texts]
)
def test_unlawful_words_are_refused_in_the_name_and_in_the_terms(code: str, text: str) -> None:
    assert code in codes(terms=text)
    assert code in codes(name=text)


@pytest.mark.parametrize("text", LAWFUL)
def test_lawful_words_pass(text: str) -> None:
    assert codes([reward()], name=text[:40], terms=text) == []


@pytest.mark.parametrize(
    "given",
    [
        reward(kind="coupon", coupon=Coupon(name="发展下线券")),
        reward(kind="level", level=Level(rank=1, name="人/头王"), days=90),
    ],
    ids=["a coupon", "a level"],
)
def test_the_name_of_what_is_given_is_read_too(given: Reward) -> None:
    [found] = objections(terms(), [given])

    assert found.code == "headcount"


LAWFUL_STRUCTURES = (
    (Metric.OWN_SALES, reward(**LEVEL)), (Metric.OWN_ORDERS, reward(**LEVEL)),
    (Metric.OWN_SALES, reward(**BOOST)), (Metric.REFERRED_BUYERS, reward()),
    (Metric.NEW_DISTRIBUTORS, reward(asset="store_credit")),
    (Metric.NEW_DISTRIBUTORS, reward(**COUPON)),
    (Metric.OWN_SPEND, reward(asset="points")), (Metric.OWN_SPEND, reward(asset="store_credit")),
    (Metric.OWN_SPEND, reward(**COUPON)),
    (Metric.PROOF, reward(**COUPON)),
    (Metric.PROOF, reward(kind="gift", gift_id=1)),
    (Metric.TEAM_POOL, reward(kind="percent", rate=200)),
)  # fmt: skip


@pytest.mark.parametrize(("metric", "given"), LAWFUL_STRUCTURES)
def test_a_lawful_structure_passes(metric: Metric, given: Reward) -> None:
    assert codes([given], metric=metric, most_per_member=3) == []


@pytest.mark.parametrize("period", ["month", "quarter", "year", "campaign"])
@pytest.mark.parametrize("most", [1, 10])
def test_new_distributors_may_bring_a_few_awards_in_a_long_period(period: str, most: int) -> None:
    given = [reward(asset="store_credit")]

    assert codes(given, metric="new_distributors", period=period, most_per_member=most) == []


def test_every_law_has_a_shape_in_the_tables() -> None:
    assert {code for code, *_ in STRUCTURES.values()} | WORDS.keys() == LAWS.keys()


@pytest.mark.parametrize(
    ("language", "article"), [("en", "article 7 (2)"), ("zh-hans", "第七条第（二）项")]
)
def test_an_objection_names_the_words_the_article_and_what_to_use_instead(
    language: str, article: str
) -> None:
    with translation.override(language):
        [found] = objections(terms(terms="推三返一"), [reward()])

    assert "推三返一" in found.text
    assert article in found.text
    assert article in found.article
    instead = "不要求本人购买" if language == "zh-hans" else "Give a gift"
    assert instead in found.text


def test_every_objection_is_translated() -> None:
    for code, law in LAWS.items():
        with translation.override("en"):
            english = [str(text) for text in law]
        with translation.override("zh-hans"):
            assert not set(map(str, law)) & set(english), code
