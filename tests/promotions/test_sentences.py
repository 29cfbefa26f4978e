"""A coupon says the same in every place, as people of each language write it."""

from __future__ import annotations

import pytest
from django.utils import translation

from promotions.rules import CouponTerms
from promotions.sentences import condition, coupon_sentence, face
from tests.cast import NOON
from tests.promotions.coupons import DAY

WEEK = {"valid_days": 7}
DATES = {"valid_from": NOON, "valid_until": NOON + DAY}


@pytest.mark.parametrize(
    ("terms", "english", "chinese"),
    [
        (
            CouponTerms("n", amount=5_000, threshold=19_900, **WEEK),
            "¥50 off from ¥199 · all goods · 7 days from the grant",
            "满 ¥199 减 ¥50 · 全部商品 · 领取后 7 天内有效",
        ),
        (
            CouponTerms("n", amount=990, **DATES),
            "¥9.90 off · all goods · 2026-11-01 12:00 to 2026-11-02 12:00",
            "减 ¥9.90 · 全部商品 · 2026-11-01 12:00 至 2026-11-02 12:00",
        ),
        (
            CouponTerms("n", kind="percent", rate=2_000, scope="categories", targets=[1], **WEEK),
            "20% off · in the categories: tea · 7 days from the grant",
            "打 8 折 · 限类目：tea · 领取后 7 天内有效",
        ),
        (
            CouponTerms("n", kind="percent", rate=1_250, most=3_000, **WEEK),
            "12.5% off, at most ¥30 · all goods · 7 days from the grant",
            "打 8.75 折，最高减 ¥30 · 全部商品 · 领取后 7 天内有效",
        ),
        (
            CouponTerms("n", kind="percent", rate=10_000, **WEEK),
            "100% off · all goods · 7 days from the grant",
            "减 100% · 全部商品 · 领取后 7 天内有效",
        ),
        (
            CouponTerms("n", kind="product", scope="products", targets=[1], **WEEK),
            "one product free · on: tea · 7 days from the grant",
            "免费得一件商品 · 限商品：tea · 领取后 7 天内有效",
        ),
    ],
)
def test_a_coupon_in_one_line(terms: CouponTerms, english: str, chinese: str) -> None:
    said = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said[language] = coupon_sentence(terms, ["tea"])

    assert said == {"en": english, "zh-hans": chinese}


def test_many_goods_are_counted() -> None:
    terms = CouponTerms("n", amount=1, scope="products", targets=[1, 2, 3, 4, 5], **WEEK)

    with translation.override("zh-hans"):
        said = coupon_sentence(terms, ["甲", "乙", "丙", "丁", "戊"])

    assert "甲，乙，丙，另有 2 种" in said


def test_the_face_of_a_coupon() -> None:
    percent = CouponTerms("n", kind="percent", rate=2_000, most=3_000, threshold=10_000)

    with translation.override("zh-hans"):
        assert (face(percent), condition(percent)) == ("打 8 折", "满 ¥100 可用，最高减 ¥30")
        assert condition(CouponTerms("n", amount=100)) == "无门槛"
        assert face(CouponTerms("n", kind="product")) == "免费"
