"""Periods are spans of days in Shanghai; the version at their start counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.models import Incentive, Version
from incentives.periods import (
    Span,
    closes_at,
    counting_version,
    period_version,
    span_of,
    span_starting,
)
from tests.incentives.oracle import version_of
from tests.incentives.oracle_terms import Terms

START = datetime(2026, 1, 15, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


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


def may(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


MAY = date(2026, 5, 1)


def test_a_version_that_ended_before_a_period_does_not_count_in_it() -> None:
    ended = version("month", ends_at=datetime(2026, 4, 20, tzinfo=UTC))
    again = version("month", 2, starts_at=may(10))
    third = version("month", 3, starts_at=may(20))
    rows = [ended, again, third]

    assert counting_version(rows, may(5)) is None
    assert counting_version(rows, may(10)) is again
    assert counting_version(rows, may(25)) is again
    assert period_version(rows, MAY) is again
    assert period_version(rows, date(2026, 4, 1)) is ended
    assert period_version(rows, date(2026, 6, 1)) is third


def test_a_period_between_two_runs_has_no_version() -> None:
    ended = version("month", ends_at=datetime(2026, 3, 20, tzinfo=UTC))
    again = version("month", 2, starts_at=may(10))

    assert period_version([ended, again], date(2026, 4, 1)) is None
    assert period_version([ended, again], MAY) is again


def test_a_stopped_incentive_has_no_version_from_then_on() -> None:
    stopped = Incentive(stopped_at=datetime(2026, 4, 20, tzinfo=UTC))
    first = version("month", incentive=stopped)
    planned = version("month", 2, incentive=stopped, starts_at=may(10))

    assert period_version([first, planned], date(2026, 4, 1)) is first
    assert period_version([first, planned], MAY) is None


def test_a_campaign_ends_with_the_day_of_its_stop_and_others_go_on() -> None:
    stopped = Incentive(pk=1, stopped_at=datetime(2026, 4, 20, 15, tzinfo=UTC))
    endless = version("campaign", incentive=stopped)
    stopped_late = version("campaign", incentive=stopped, ends_at=may(10) - 30 * 24 * HOUR)
    monthly = version("month", incentive=stopped)

    assert span_of(endless, START) == Span(START.date(), date(2026, 4, 21))
    assert closes_at(endless, span_of(endless, START)) == datetime(2026, 5, 5, 16, tzinfo=UTC)
    assert span_of(stopped_late, START).end == date(2026, 4, 11)
    assert span_of(monthly, datetime(2026, 4, 2, tzinfo=UTC)).end == date(2026, 5, 1)


def test_terms_that_were_replaced_before_they_began_never_count() -> None:
    first = version("month", starts_at=may(10))
    corrected = version("month", 2, starts_at=may(10))

    assert counting_version([first, corrected], may(11)) is corrected
    assert period_version([first, corrected], MAY) is corrected


def test_a_day_keeps_its_terms_as_longer_periods_do() -> None:
    first = version("day")
    second = version("day", 2, starts_at=may(10, 2))

    assert counting_version([first, second], may(10, 12)) is first
    assert counting_version([first, second], may(10, 16)) is second  # midnight in Shanghai
    assert period_version([first, second], date(2026, 5, 10)) is first


@st.composite
def histories(draw: Any) -> list[Terms]:
    """Return versions in the order of their starts, often with gaps between them."""
    period = draw(st.sampled_from(["each", "day", "week", "month", "quarter", "year"]))
    starts = sorted(draw(st.lists(st.integers(0, 2_400), min_size=1, max_size=4)))
    ends = [draw(st.none() | st.integers(1, 1_200)) for _ in starts]
    return [
        Terms("own_sales", period, "steps", (), START + HOUR * start,
              ends_at=START + HOUR * (start + end) if end else None)
        for start, end in zip(starts, ends, strict=True)
    ]  # fmt: skip


@given(histories(), st.integers(-100, 4_000).map(lambda hours: START + HOUR * hours))
def test_any_versions_count_as_the_recount_says(history: list[Terms], paid_at: datetime) -> None:
    rows = [
        version(terms.period, number, starts_at=terms.starts_at, ends_at=terms.ends_at)
        for number, terms in enumerate(history, 1)
    ]
    expected = version_of(history, paid_at)

    counting = counting_version(rows, paid_at)

    assert (counting and history[rows.index(counting)]) is expected
    if counting and counting.period != "each":
        assert period_version(rows, span_of(counting, paid_at).start) is counting
