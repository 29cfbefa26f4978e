"""Which level is reached, and when one is lost, in plain numbers."""

from __future__ import annotations

from datetime import date

import pytest

from incentives.ladder.rules import (
    NO_RANK,
    Figures,
    Rung,
    Step,
    highest,
    last_day_of_grace,
    missing,
    next_step,
)
from incentives.ladder.windows import Span, spans_of
from tests.cast import NOON
from tests.shop import DAY

TODAY = date(2026, 11, 17)
SILVER = Rung(level=1, rank=1, window="month", sales=10_000)
GOLD = Rung(level=2, rank=2, window="month", sales=30_000, orders=3)
NOVEMBER, OCTOBER = spans_of("month", TODAY)


@pytest.mark.parametrize(
    ("window", "running", "before"),
    [
        ("month", ("2026-11-01", "2026-12-01"), ("2026-10-01", "2026-11-01")),
        ("quarter", ("2026-10-01", "2027-01-01"), ("2026-07-01", "2026-10-01")),
        ("year", ("2026-01-01", "2027-01-01"), ("2025-01-01", "2026-01-01")),
    ],
)
def test_a_calendar_window_is_the_running_period_and_the_one_before(
    window: str, running: tuple[str, str], before: tuple[str, str]
) -> None:
    spans = spans_of(window, TODAY)

    assert [(str(span.start), str(span.end)) for span in spans] == [running, before]
    assert all(span.by_payment for span in spans)


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 1, 31), date(2026, 2, 1)),
        (date(2026, 2, 28), date(2026, 3, 1)),
        (date(2028, 2, 29), date(2028, 3, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_a_month_ends_with_its_last_day(day: date, end: date) -> None:
    running, before = spans_of("month", day)

    assert (running.start, running.end, before.end) == (day.replace(day=1), end, running.start)


@pytest.mark.parametrize(("window", "first"), [("days_30", 19), ("days_90", 20)])
def test_the_last_days_count_by_completion_and_include_today(window: str, first: int) -> None:
    (span,) = spans_of(window, TODAY)

    assert (span.last_day, span.by_payment) == (TODAY, False)
    assert (span.end - span.start).days == int(window.removeprefix("days_"))
    assert span.start.day == first


def test_everything_that_a_level_asks_for_must_be_reached() -> None:
    enough = Figures(sales=30_000, orders=3)
    for short in (Figures(29_999, 3), Figures(30_000, 2)):
        assert reached(short) == 1
    assert reached(enough) == 2
    assert reached(Figures(9_999, 99)) is None


def test_a_month_that_was_reached_counts_through_the_next_one() -> None:
    assert reached(Figures(), october=Figures(30_000, 3)) == 2
    # Two half months are not one.
    assert reached(Figures(5_000, 1), october=Figures(5_000, 1)) is None


def reached(november: Figures, october: Figures | None = None) -> int | None:
    figures = {NOVEMBER: november, OCTOBER: october or Figures()}
    found = highest([SILVER, GOLD], figures, TODAY)
    return found.rung.level if found else None


def test_a_higher_level_does_not_need_the_lower_one() -> None:
    by_orders = Rung(level=3, rank=3, window="days_30", orders=1)
    (span,) = spans_of("days_30", TODAY)

    found = highest([SILVER, by_orders], {span: Figures(1, 1)}, TODAY)

    assert found
    assert (found.rung, found.span) == (by_orders, span)


def test_what_is_missing_is_never_negative() -> None:
    assert missing(GOLD, Figures(50_000, 1, 9)) == Figures(0, 2, 0)


AT = NOON
LATER = NOON + DAY


@pytest.mark.parametrize(
    ("rank", "on_ladder", "reached", "falls_at", "step"),
    [
        (NO_RANK, False, NO_RANK, None, Step.STAY),
        (NO_RANK, False, 1, None, Step.RISE),
        (1, True, 2, None, Step.RISE),
        (1, True, 2, LATER, Step.RISE),
        (2, True, 2, None, Step.STAY),
        (2, True, 2, LATER, Step.KEEP),
        (2, True, 1, None, Step.WARN),
        (2, True, NO_RANK, None, Step.WARN),
        (2, True, 1, LATER, Step.STAY),
        (2, True, 1, AT, Step.FALL),
        (2, True, NO_RANK, AT, Step.FALL),
        # A level without a condition is given by hand, and never lost by figures.
        (2, False, 1, None, Step.STAY),
        (2, False, 1, AT, Step.KEEP),
    ],
)
def test_up_at_once_and_down_after_the_days_of_grace(
    rank: int, on_ladder: bool, reached: int, falls_at: object, step: Step
) -> None:
    found = next_step(
        rank=rank, is_on_ladder=on_ladder, reached=reached, falls_at=falls_at, at=AT,
    )  # fmt: skip

    assert found == step


def test_the_last_day_of_grace_is_a_whole_day() -> None:
    assert last_day_of_grace(TODAY, GOLD) == date(2026, 12, 17)


def test_a_span_names_its_last_day() -> None:
    assert Span(date(2026, 2, 1), date(2026, 3, 1), True).last_day == date(2026, 2, 28)
