"""What a coupon takes off, to the fen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from promotions.rules import CouponTerms, discount_of, most_off, validity
from tests.cast import NOON

FIFTY_FROM_199 = CouponTerms("n", amount=5_000, threshold=19_900)
FIFTH = CouponTerms("n", kind="percent", rate=2_000)
FIFTH_UP_TO_30 = CouponTerms("n", kind="percent", rate=2_000, most=3_000)
FREE = CouponTerms("n", kind="product", scope="products", targets=[1])


@pytest.mark.parametrize(
    ("terms", "in_scope", "off"),
    [
        (FIFTY_FROM_199, 19_899, 0),
        (FIFTY_FROM_199, 19_900, 5_000),
        (FIFTY_FROM_199, 100_000, 5_000),
        (CouponTerms("n", amount=5_000), 3_000, 3_000),
        (CouponTerms("n", amount=5_000), 0, 0),
        (FIFTH, 9_999, 1_999),
        (FIFTH, 1, 0),
        (FIFTH_UP_TO_30, 14_999, 2_999),
        (FIFTH_UP_TO_30, 15_000, 3_000),
        (FIFTH_UP_TO_30, 1_000_000, 3_000),
        (CouponTerms("n", kind="percent", rate=10_000), 777, 777),
    ],
)
def test_a_coupon_takes_off_what_it_says(terms: CouponTerms, in_scope: int, off: int) -> None:
    assert discount_of(terms, in_scope=in_scope) == off


def test_a_free_product_takes_off_one_unit() -> None:
    assert discount_of(FREE, in_scope=21_980, unit_price=10_990) == 10_990
    assert discount_of(FREE, in_scope=0, unit_price=10_990) == 0


def test_the_most_that_one_coupon_costs() -> None:
    assert most_off(FIFTY_FROM_199) == 5_000
    assert most_off(FIFTH_UP_TO_30) == 3_000
    assert most_off(FIFTH) is None
    assert most_off(FREE, unit_price=10_990) == 10_990


def test_days_count_from_the_grant_and_dates_stay() -> None:
    week = timedelta(days=7)
    dates = CouponTerms("n", amount=1, valid_from=NOON, valid_until=NOON + week)

    assert validity(CouponTerms("n", amount=1, valid_days=7), NOON) == (NOON, NOON + week)
    assert validity(dates, NOON + timedelta(days=3)) == (NOON, NOON + week)
