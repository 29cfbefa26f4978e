"""Ranges of days that people ask reports for."""

from __future__ import annotations

from datetime import date

import pytest

from reports.spans import MAX_DAYS, DaysOutOfRange, DaysReversed, Span, TooManyDays

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def test_a_range_is_compared_with_as_many_days_before() -> None:
    span = Span.asked(FIRST, LAST)

    assert (span.days, span.before) == (30, Span(date(2026, 10, 2), date(2026, 10, 31)))
    assert [*Span(FIRST, FIRST)] == [FIRST]


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), (date(2026, 11, 1), date(2026, 11, 1))),
        (date(2026, 11, 2), date(2027, 1, 31), (date(2026, 12, 1), date(2027, 1, 1))),
        (date(2026, 11, 2), date(2026, 12, 30), None),
        (date(2026, 11, 1), date(2026, 11, 29), None),
        (date(2024, 2, 1), date(2024, 2, 29), (date(2024, 2, 1), date(2024, 2, 1))),
        (date(2024, 2, 1), date(2024, 2, 28), None),
    ],
)
def test_whole_months(first: date, last: date, months: object) -> None:
    assert Span(first, last).whole_months() == months


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        (LAST, FIRST, DaysReversed),
        (date(2020, 1, 1), date(2026, 1, 1), TooManyDays),
        (date(1, 1, 1), date(1, 1, 2), DaysOutOfRange),
        (date(9999, 12, 30), date(9999, 12, 31), DaysOutOfRange),
    ],
)
def test_what_is_no_range_is_refused(first: date, last: date, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        Span.asked(first, last)


def test_three_years_are_a_range() -> None:
    assert Span.asked(date(2024, 1, 1), date(2026, 12, 31)).days == MAX_DAYS
