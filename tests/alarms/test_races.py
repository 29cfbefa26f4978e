"""Two workers raise the same alarm at once."""

from __future__ import annotations

from alarms.kinds import CHANNEL_PAUSED
from alarms.models import Alarm
from alarms.services import raise_alarm
from events.models import Event, Reference
from tests.cast import NOON
from tests.concurrency import run_concurrently


def test_two_first_calls_open_one_alarm(committed: str) -> None:
    subject = Reference("withdrawals.channel", "all")

    ends = run_concurrently(*[lambda: raise_alarm(CHANNEL_PAUSED, subject, at=NOON)] * 6)

    assert len({alarm.pk for alarm in ends}) == 1

    assert [alarm.count for alarm in Alarm.objects.all()] == [6]
    assert Event.objects.filter(name="alarms.raised").count() == 1
