"""Compute the periods of incentives: spans of days in Shanghai's calendar, by ``paid_at``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from common.clock import business_day, day_start
from incentives.models import Version
from incentives.models.incentive import PeriodKind

DAY = timedelta(days=1)
MONTHS_OF = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a period: from ``start`` until the day before ``end``; no end: still open."""

    start: date
    end: date | None


def span_of(version: Version, paid_at: datetime) -> Span:
    """Return the period in which an order counts that was paid at this moment.

    A campaign is one period from the version's start to its end, or to the day of its stop.
    """
    return span_starting(version, first_day(version, paid_at))


def span_starting(version: Version, start: date) -> Span:
    """Return the period that starts on this day."""
    match version.period:
        case PeriodKind.EACH | PeriodKind.DAY:
            return Span(start, start + DAY)
        case PeriodKind.WEEK:
            return Span(start, start + 7 * DAY)
        case PeriodKind.CAMPAIGN:
            return Span(start, _end_of_campaign(version))
        case _:
            return Span(start, _months_later(start, MONTHS_OF[PeriodKind(version.period)]))


def first_day(version: Version, paid_at: datetime) -> date:
    """Return the first day of the period of an order that was paid at this moment."""
    day = business_day(paid_at)
    match version.period:
        case PeriodKind.EACH | PeriodKind.DAY:
            return day
        case PeriodKind.WEEK:
            return day - day.weekday() * DAY
        case PeriodKind.CAMPAIGN:
            return business_day(start_of(version))
        case _:
            months = MONTHS_OF[PeriodKind(version.period)]
            return day.replace(month=day.month - (day.month - 1) % months, day=1)


def start_of(version: Version) -> datetime:
    """Return from when a published version is in force."""
    assert version.starts_at, "only versions with a start are published"
    return version.starts_at


def closes_at(version: Version, span: Span) -> datetime | None:
    """Return the moment from which refunds of the period's orders change nothing.

    :returns: None: the campaign has no end yet
    """
    return day_start(span.end + version.close_days * DAY) if span.end else None


def closes_as_a_whole(version: Version) -> bool:
    """Return whether the periods are closed; awards of each order have no period to close."""
    return version.period != PeriodKind.EACH


def counting_version(versions: Sequence[Version], paid_at: datetime) -> Version | None:
    """Return the version of an incentive that an order counts by, which was paid at this moment.

    It is the version of the order's period; see ``period_version``.

    :param versions: all published versions of one incentive
    :returns: None: the incentive did not run then
    """
    in_order = _in_order(versions)
    running = _newest(in_order, paid_at)
    if running is None or running.has_ended(paid_at):
        return None
    if running.period == PeriodKind.EACH:
        return running
    return period_version(in_order, first_day(in_order[0], paid_at))


def period_version(versions: Sequence[Version], start: date) -> Version | None:
    """Return the version that counts in the whole period that starts on this day.

    It is the one in force when the period starts, or else the first that starts within it.

    :param versions: all published versions of one incentive, whose periods are of one kind
    :returns: None: the incentive did not run in the period
    """
    in_order = _in_order(versions)
    span = span_starting(in_order[0], start)
    starts = [start_of(row) for row in in_order if _starts_within(row, span)]
    for moment in (day_start(span.start), *starts):
        version = _newest(in_order, moment)
        if version and not version.has_ended(moment):
            return version
    return None


def _in_order(versions: Sequence[Version]) -> list[Version]:
    return sorted(versions, key=lambda row: (start_of(row), row.number or 0))


def _starts_within(version: Version, span: Span) -> bool:
    start = start_of(version)
    return day_start(span.start) <= start and (span.end is None or start < day_start(span.end))


def _newest(in_order: Sequence[Version], at: datetime) -> Version | None:
    started = [row for row in in_order if start_of(row) <= at]
    return started[-1] if started else None


def _end_of_campaign(version: Version) -> date | None:
    """Return the first day after a campaign; other periods end as always if they are stopped."""
    end = _day_after(version.ends_at)
    # A version that is only tried out has no incentive.
    stopped_at = version.incentive.stopped_at if version.incentive_id else None
    if stopped_at is None:
        return end
    after_stop = business_day(stopped_at) + DAY
    return after_stop if end is None else min(end, after_stop)


def _day_after(moment: datetime | None) -> date | None:
    """Return the first day that begins at this moment or later."""
    if moment is None:
        return None
    day = business_day(moment)
    return day if day_start(day) == moment else day + DAY


def _months_later(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, 1)
