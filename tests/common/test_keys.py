"""A key keeps its characters; what a spreadsheet damaged is recognised."""

from __future__ import annotations

import pytest

from common.keys import clean_key, is_row_key, mangled_key


@pytest.mark.parametrize(
    "text",
    ["A-1", " A-1", "A-1\t", "\r\nA-1 ", "\u3000A-1\u00a0", "\ufeffA-1\u200b", "\x00A-1\x1f"],
)
def test_blanks_and_control_characters_at_either_end_are_removed(text: str) -> None:
    assert clean_key(text) == "A-1"


@pytest.mark.parametrize("text", ["", "A 1", "A\t1", "会员 1", "00123", "\u2060"])
def test_what_stands_between_other_characters_stays(text: str) -> None:
    assert clean_key(text) == text.strip("\u2060")


@pytest.mark.parametrize(
    "text",
    ["2.50105E+17", "2E+15", "2.5e+17", "2,50105E+17", " 2.50105E+17\t", '="0123"', '="', "'0123"],
)
def test_a_damaged_key_is_recognised(text: str) -> None:
    assert mangled_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "34e921803662",
        "250105000000000001",
        "1E5",
        "12E+3",
        "A2.5E+17",
        "2.5E+17A",
        "O'Hara",
        "=1",
        "",
    ],
)
def test_a_key_that_only_resembles_a_damaged_one_is_accepted(text: str) -> None:
    assert not mangled_key(text)


@pytest.mark.parametrize("text", ["0", "7", "9" * 18])
def test_digits_that_a_bigint_holds_can_be_a_row_key(text: str) -> None:
    assert is_row_key(text)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "１", "²", "9" * 19, "9" * 5_000])
def test_other_texts_are_no_row_key(text: str) -> None:
    assert not is_row_key(text)
