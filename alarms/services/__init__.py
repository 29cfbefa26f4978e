"""Raise and close alarms, and record the runs of periodic jobs."""

from alarms.services.alarms import (
    AlarmClosed,
    close_alarm,
    dismiss,
    mark_seen,
    raise_alarm,
    remind,
    sync_alarms,
)
from alarms.services.deliveries import alarm_stuck_deliveries
from alarms.services.digests import save_digest, send_digests, stop_digest
from alarms.services.jobs import (
    expect_jobs,
    record_job_failed,
    record_job_finished,
    record_job_started,
)
