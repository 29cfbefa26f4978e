"""The runs of periodic jobs are recorded, and a job that does not finish raises an alarm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import crontab, maybe_schedule

from alarms.models import Alarm, Job
from alarms.services import record_job_finished
from alarms.tasks import remind
from common import clock
from config import jobs
from config.celery import app
from config.job_titles import TITLES
from config.tasks import watch_jobs
from tests.cast import NOON

pytestmark = pytest.mark.django_db

SETTLE = "commissions.tasks.settle"
PROVE = "ledger.tasks.prove"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    moment = [NOON]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    return moment


def state(name: str, at: datetime) -> jobs.JobState:
    return next(state for state in jobs.states(at=at) if state.name == name)


def test_a_run_records_start_and_end(now: list[datetime]) -> None:
    assert remind.apply().successful()

    row = Job.objects.get(name="alarms.tasks.remind")
    assert (row.started_at, row.finished_at, row.failed_at) == (NOON, NOON, None)


def test_a_failed_run_records_the_error_without_its_text(
    now: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*, at: datetime) -> None:
        raise ValueError("of Lan, 13800000000")

    monkeypatch.setattr("alarms.tasks.services.remind", fail)
    assert remind.apply().failed()

    row = Job.objects.get(name="alarms.tasks.remind")
    assert (row.started_at, row.finished_at, row.failed_at) == (NOON, None, NOON)
    assert row.error == "ValueError"


def test_a_task_outside_the_schedule_is_not_recorded(now: list[datetime]) -> None:
    @app.task(name="tests.other")
    def other() -> None:
        pass

    other.apply()

    assert not Job.objects.exists()


def test_every_scheduled_task_exists_once() -> None:
    tasks = [entry["task"] for entry in app.conf.beat_schedule.values()]

    app.loader.import_default_modules()
    assert len(set(tasks)) == len(tasks)
    assert set(tasks) <= set(app.tasks)
    assert set(tasks) >= jobs.STOPS_MONEY


def test_a_job_is_late_a_quarter_of_an_hour_after_its_turn(db: None) -> None:
    record_job_finished(SETTLE, at=NOON)

    due = NOON + timedelta(minutes=1) + jobs.GRACE
    assert not state(SETTLE, due).is_late
    assert state(SETTLE, due + timedelta(seconds=1)).is_late
    assert state(SETTLE, due + timedelta(seconds=1)).stops_money


@pytest.mark.parametrize(
    ("timetable", "after", "due"),
    [
        (5.0, NOON, NOON + timedelta(seconds=5)),
        # Noon in Shanghai; the hours of the schedule are Shanghai's.
        (crontab(hour=3, minute=30), NOON, datetime(2026, 11, 1, 19, 30, tzinfo=UTC)),
        (crontab(minute=40), NOON, NOON + timedelta(minutes=40)),
        (crontab(minute=40), NOON + timedelta(minutes=41), NOON + timedelta(minutes=100)),
    ],
)
def test_when_a_job_is_due_next(timetable: object, after: datetime, due: datetime) -> None:
    timetable = maybe_schedule(timetable)
    if isinstance(timetable, crontab):
        timetable.app = app
    assert jobs.next_run(timetable, after) == due


def test_a_nightly_job_is_late_only_after_its_night(db: None) -> None:
    record_job_finished(PROVE, at=NOON)

    assert not state(PROVE, NOON + timedelta(hours=15)).is_late
    assert state(PROVE, NOON + timedelta(hours=16)).is_late
    assert not state(PROVE, NOON + timedelta(hours=16)).stops_money


def test_a_job_that_moves_money_and_never_ran_is_late_at_once(db: None) -> None:
    late = {state.name for state in jobs.states(at=NOON) if state.is_late}

    assert late == jobs.STOPS_MONEY


def test_silence_raises_an_alarm_for_each_job_that_ends_with_the_next_run(
    now: list[datetime],
) -> None:
    watch_jobs()
    assert not Alarm.objects.exists()
    now[0] = NOON + timedelta(minutes=20)
    for name in (SETTLE, watch_jobs.name):
        record_job_finished(name, at=now[0])

    watch_jobs()

    late = set(Alarm.objects.unclosed().values_list("subject_id", flat=True))
    assert SETTLE not in late
    assert {"events.tasks.deliver", "withdrawals.tasks.pay"} <= late
    assert PROVE not in late  # its night has not come

    record_job_finished("withdrawals.tasks.pay", at=now[0])
    watch_jobs()
    assert Alarm.objects.get(subject_id="withdrawals.tasks.pay").status == "closed"


def test_after_a_pause_of_everything_the_jobs_get_a_minute(now: list[datetime]) -> None:
    watch_jobs.apply()
    now[0] = NOON + timedelta(hours=3)

    watch_jobs.apply()
    assert not Alarm.objects.exists()

    now[0] += timedelta(minutes=1)
    watch_jobs.apply()
    assert Alarm.objects.filter(subject_id=SETTLE, status="open").exists()


def test_every_job_has_a_title() -> None:
    assert set(jobs.schedule()) - set(TITLES) == set()
