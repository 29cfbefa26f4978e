"""Amounts and percentages as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from backoffice.fields import MomentField, parse_percent, parse_yuan


@pytest.mark.parametrize(
    ("text", "basis_points"),
    [
        ("30", 3_000), ("30%", 3_000), ("30 %", 3_000), (" 8.25\u00a0% ", 825), ("０.5％", 50),
        ("１０ ％", 1_000), ("0", 0),
    ],
)  # fmt: skip
def test_a_percentage_may_have_a_space_and_full_width_digits(text: str, basis_points: int) -> None:
    assert parse_percent(text) == basis_points


@pytest.mark.parametrize("text", ["", "%", "30 %%", "8.255", "-1", "1e3", "三十", "٣٠", "9" * 40])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        parse_percent(text)


@pytest.mark.parametrize(
    ("text", "fen"), [("12.30", 1_230), ("¥12.3", 1_230), ("￥１２．３０", 1_230), (" 7 ", 700)]
)
def test_an_amount_may_have_its_sign_and_full_width_digits(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize("text", ["¥", "¥¥1", "1.234", "-1", "1,000", "１e5"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        parse_yuan(text)


def test_a_moment_is_read_in_the_time_of_the_office() -> None:
    assert MomentField().clean("2026-11-27T08:15") == datetime(2026, 11, 27, 0, 15, tzinfo=UTC)
    assert MomentField().clean("") is None
    with pytest.raises(ValidationError):
        MomentField(required=True).clean("")
    with pytest.raises(ValidationError, match="2026-11-26 12:15"):
        MomentField().clean("27/11/2026")
