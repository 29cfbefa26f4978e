from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from common import clock


def test_a_day_starts_at_midnight_in_shanghai() -> None:
    assert clock.business_day(datetime(2026, 1, 31, 15, 59, 59, tzinfo=UTC)) == date(2026, 1, 31)
    assert clock.business_day(datetime(2026, 1, 31, 16, 0, tzinfo=UTC)) == date(2026, 2, 1)
    assert clock.day_start(date(2026, 2, 1)) == datetime(2026, 1, 31, 16, 0, tzinfo=UTC)


def test_days_have_no_gap() -> None:
    day = date(2026, 12, 31)
    assert clock.business_day(clock.day_start(day)) == day
    before = clock.day_start(day) - timedelta(microseconds=1)
    assert clock.business_day(before) == date(2026, 12, 30)


def test_now_is_time_zone_aware() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_a_time_needs_an_offset() -> None:
    assert clock.parse("2026-11-01T12:00:00+08:00") == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert [clock.parse(text) for text in ("2026-11-01T12:00:00", "noon", "")] == [None] * 3
