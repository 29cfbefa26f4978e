from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import money
from common.money import InvalidAmount, format_yuan, parse_yuan, plain_yuan, split


@pytest.mark.parametrize(
    ("text", "fen"),
    [("12.34", 1234), ("0.05", 5), ("7", 700), ("7.5", 750), ("-0.50", -50), (" 3.00 ", 300)],
)
def test_yuan_are_parsed_to_fen(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    ["", "-", "1.234", "1,234.00", "１２", "1e3", "+1", "1.", ".5", "- 1", "NaN", "٣", "9" * 14],
)
def test_an_invalid_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount) as refused:
        parse_yuan(text)
    assert refused.value.code == "invalid_amount"


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456789, "1,234,567.89"), (-100, "-1.00")],
)
def test_fen_are_formatted_as_yuan(fen: int, text: str) -> None:
    assert format_yuan(fen) == text


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_formatting_and_parsing_round_trip(fen: int) -> None:
    assert parse_yuan(plain_yuan(fen)) == fen


@pytest.mark.parametrize(
    ("exact", "down", "nearest"),
    [
        (Fraction(5495, 10), 549, 550),
        (Fraction(1, 3), 0, 0),
        (Fraction(1, 2), 0, 1),
        (Fraction(-1, 2), -1, 0),
        (Fraction(-3, 2), -2, -1),
        (Fraction(7), 7, 7),
    ],
)
def test_fractions_are_rounded_in_two_named_ways(exact: Fraction, down: int, nearest: int) -> None:
    assert money.floor(exact) == down
    assert money.half_up(exact) == nearest


def test_a_total_is_split_by_largest_remainder() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(1000, [3333, 3333, 3334]) == [333, 333, 334]
    assert split(5, [0, 7, 0]) == [0, 5, 0]
    assert split(0, [1, 2]) == [0, 0]


weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=30).filter(any)


@given(st.integers(min_value=0, max_value=10**12), weights)
def test_parts_always_add_up_and_none_is_off_by_a_whole_unit(total: int, by: list[int]) -> None:
    parts = split(total, by)

    assert sum(parts) == total
    for part, weight in zip(parts, by, strict=True):
        assert abs(Fraction(total * weight, sum(by)) - part) < 1


@pytest.mark.parametrize(("total", "by"), [(-1, [1]), (1, []), (1, [0, 0]), (1, [2, -1])])
def test_an_impossible_split_is_an_error(total: int, by: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot split"):
        split(total, by)
