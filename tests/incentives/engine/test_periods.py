"""Periods are spans of days in Shanghai; the version at their start counts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from incentives.models import Incentive, Version
from incentives.periods import Span, closes_at, counting_version, span_of, span_starting

START = datetime(2026, 1, 15, 2, tzinfo=UTC)


def version(period: str, number: int = 1, **fields: Any) -> Version:
    values = {"starts_at": START, "incentive": Incentive(), "close_days": 15, **fields}
    return Version(period=period, number=number, **values)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("each", date(2026, 5, 14), date(2026, 5, 15)),
        ("day", date(2026, 5, 14), date(2026, 5, 15)),
        ("week", date(2026, 5, 11), date(2026, 5, 18)),
        ("month", date(2026, 5, 1), date(2026, 6, 1)),
        ("quarter", date(2026, 4, 1), date(2026, 7, 1)),
        ("year", date(2026, 1, 1), date(2027, 1, 1)),
        ("campaign", date(2026, 1, 15), None),
    ],
)
def test_an_order_belongs_to_the_span_in_which_it_was_paid(
    period: str, start: date, end: date | None
) -> None:
    thursday = datetime(2026, 5, 14, 4, tzinfo=UTC)

    assert span_of(version(period), thursday) == Span(start, end)
    assert span_starting(version(period), start) == Span(start, end)


def test_the_last_hours_of_a_utc_day_are_the_next_day_in_shanghai() -> None:
    assert span_of(version("month"), datetime(2026, 5, 31, 16, tzinfo=UTC)).start.month == 6
    assert span_of(version("month"), datetime(2026, 5, 31, 15, 59, tzinfo=UTC)).start.month == 5


def test_the_last_month_of_a_year_ends_with_it() -> None:
    december = span_starting(version("month"), date(2026, 12, 1))

    assert december.end == date(2027, 1, 1)


def test_a_campaign_lasts_through_the_day_of_its_end() -> None:
    noon = datetime(2026, 3, 31, 4, tzinfo=UTC)
    midnight = datetime(2026, 3, 31, 16, tzinfo=UTC)

    assert span_of(version("campaign", ends_at=noon), START).end == date(2026, 4, 1)
    assert span_of(version("campaign", ends_at=midnight), START).end == date(2026, 4, 1)


def test_a_period_closes_some_days_after_its_end() -> None:
    row = version("month")

    assert closes_at(row, span_starting(row, date(2026, 5, 1))) == datetime(
        2026, 6, 15, 16, tzinfo=UTC
    )
    endless = version("campaign")
    assert closes_at(endless, span_of(endless, START)) is None


def test_a_new_version_counts_from_the_next_period_on() -> None:
    first = version("month")
    second = version("month", 2, starts_at=datetime(2026, 5, 10, tzinfo=UTC))

    may, june = datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    assert counting_version([second, first], may) is first
    assert counting_version([first, second], june) is second


def test_the_first_version_counts_the_part_of_a_period_in_which_it_began() -> None:
    first = version("year")

    assert counting_version([first], datetime(2026, 2, 1, tzinfo=UTC)) is first
    assert counting_version([first], datetime(2026, 1, 15, 1, tzinfo=UTC)) is None


def test_awards_of_each_order_follow_the_newest_version() -> None:
    first = version("each")
    second = version("each", 2, starts_at=datetime(2026, 5, 10, tzinfo=UTC))

    assert counting_version([first, second], datetime(2026, 5, 9, tzinfo=UTC)) is first
    assert counting_version([first, second], datetime(2026, 5, 10, tzinfo=UTC)) is second


def test_nothing_counts_after_the_end_or_the_stop() -> None:
    may = datetime(2026, 5, 1, tzinfo=UTC)
    ended = version("month", ends_at=may)
    stopped = version("month", incentive=Incentive(stopped_at=may))

    for row in (ended, stopped):
        assert counting_version([row], datetime(2026, 4, 30, tzinfo=UTC)) is row
        assert counting_version([row], may) is None
