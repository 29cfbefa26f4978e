"""Record the runs of periodic jobs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from alarms.models import Job

MAX_ERROR_LENGTH = 200


def expect_jobs(names: Iterable[str], *, at: datetime) -> None:
    """Remember jobs that have never run, so that their silence can be measured."""
    Job.objects.bulk_create([Job(name=name, since=at) for name in names], ignore_conflicts=True)


def record_job_started(name: str, *, at: datetime) -> None:
    _record(name, at=at, started_at=at)


def record_job_finished(name: str, *, at: datetime) -> None:
    _record(name, at=at, finished_at=at)


def record_job_failed(name: str, *, at: datetime, error: str) -> None:
    """Record a failed run.

    :param error: the class of the exception; its text might contain personal data
    """
    _record(name, at=at, failed_at=at, error=error[:MAX_ERROR_LENGTH])


def _record(name: str, *, at: datetime, **changes: Any) -> None:
    Job.objects.bulk_create(
        [Job(name=name, since=at, **changes)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=list(changes),
    )
