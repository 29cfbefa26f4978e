from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from withdrawals.requests.amounts import AmountParts, fee_of, split_gross


@pytest.mark.parametrize(
    ("gross", "fee_bp", "tax", "parts"),
    [
        (10_000, 0, 0, AmountParts(0, 0, 10_000)),
        (100_000, 60, 4_000, AmountParts(600, 4_000, 95_400)),
        (9_999, 60, 0, AmountParts(59, 0, 9_940)),  # 59.994
        (1, 10_000, 0, AmountParts(1, 0, 0)),
        (1, 9_999, 0, AmountParts(0, 0, 1)),
        (100, 10_000, 20, AmountParts(100, 20, -20)),
    ],
)
def test_the_fee_is_rounded_down_and_the_rest_is_net(
    gross: int, fee_bp: int, tax: int, parts: AmountParts
) -> None:
    assert split_gross(gross, fee=fee_of(gross, fee_bp=fee_bp), tax=tax) == parts


@given(
    st.integers(min_value=1, max_value=10**12),
    st.integers(min_value=0, max_value=10_000),
    st.integers(min_value=0, max_value=10**12),
)
def test_parts_add_up_and_the_fee_is_never_above_its_share(
    gross: int, fee_bp: int, tax: int
) -> None:
    parts = split_gross(gross, fee=fee_of(gross, fee_bp=fee_bp), tax=tax)

    assert sum(parts) == gross
    assert 0 <= gross * fee_bp - parts.fee * 10_000 < 10_000


@pytest.mark.parametrize(("gross", "fee_bp"), [(0, 0), (-1, 0), (100, -1), (100, 10_001)])
def test_an_invalid_fee_is_an_error(gross: int, fee_bp: int) -> None:
    with pytest.raises(ValueError, match="invalid fee"):
        fee_of(gross, fee_bp=fee_bp)


@pytest.mark.parametrize(
    ("gross", "fee", "tax"), [(0, 0, 0), (-1, 0, 0), (100, -1, 0), (100, 101, 0), (100, 0, -1)]
)
def test_an_impossible_split_is_an_error(gross: int, fee: int, tax: int) -> None:
    with pytest.raises(ValueError, match="cannot split"):
        split_gross(gross, fee=fee, tax=tax)
