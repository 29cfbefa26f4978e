"""One alarm that is not closed a kind and subject; raised again, it counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from alarms.kinds import CHANNEL_PAUSED, JOB_LATE
from alarms.models import Alarm
from alarms.services import close_alarm, raise_alarm, remind, sync_alarms
from events.models import Delivery, Event, Reference
from tests.cast import NOON

pytestmark = pytest.mark.django_db

WECHAT = Reference("withdrawals.channel", "wechat")
MANUAL = Reference("withdrawals.channel", "manual")
LATER = NOON + timedelta(hours=1)
DAY = timedelta(days=1)


def events(name: str) -> int:
    return Event.objects.filter(name=name).count()


def test_the_first_call_opens_an_alarm_and_notifies() -> None:
    alarm = raise_alarm(CHANNEL_PAUSED, WECHAT, at=NOON, reason="stocktaking")

    assert (alarm.status, alarm.count, alarm.subject) == ("open", 1, WECHAT)
    assert alarm.first_seen == alarm.last_seen == alarm.notified_at == NOON
    assert alarm.detail == {"reason": "stocktaking"}
    assert events("alarms.raised") == 1
    assert Delivery.objects.filter(event__name="alarms.raised").count() == 3


def test_another_call_counts_and_stores_the_latest_detail() -> None:
    first = raise_alarm(CHANNEL_PAUSED, WECHAT, at=NOON, reason="stocktaking")

    again = raise_alarm(CHANNEL_PAUSED, WECHAT, at=LATER, reason="other")

    again.refresh_from_db()
    assert again == first
    assert (again.count, again.first_seen, again.last_seen) == (2, NOON, LATER)
    assert (again.notified_at, again.detail) == (NOON, {"reason": "other"})
    raise_alarm(CHANNEL_PAUSED, WECHAT, at=NOON, reason="of an hour ago")
    again.refresh_from_db()
    assert (again.count, again.last_seen, again.detail) == (3, LATER, {"reason": "other"})
    assert events("alarms.raised") == 1


def test_subjects_and_kinds_have_alarms_of_their_own() -> None:
    raise_alarm(CHANNEL_PAUSED, WECHAT, at=NOON)
    raise_alarm(CHANNEL_PAUSED, MANUAL, at=NOON)
    raise_alarm(JOB_LATE, Reference("alarms.job", "wechat"), at=NOON)

    assert Alarm.objects.count() == 3


def test_after_the_cause_is_gone_the_next_call_opens_another() -> None:
    first = raise_alarm(CHANNEL_PAUSED, WECHAT, at=NOON)

    assert close_alarm(CHANNEL_PAUSED, WECHAT, at=LATER)
    assert not close_alarm(CHANNEL_PAUSED, WECHAT, at=LATER)
    second = raise_alarm(CHANNEL_PAUSED, WECHAT, at=LATER)

    first.refresh_from_db()
    assert (first.status, first.closed_at, first.closed_by) == ("closed", LATER, "")
    assert second != first
    assert (events("alarms.raised"), events("alarms.closed")) == (2, 1)


def test_a_subject_of_another_kind_is_a_fault() -> None:
    with pytest.raises(RuntimeError, match=r"about withdrawals\.channel"):
        raise_alarm(CHANNEL_PAUSED, Reference("orders.order", "1"), at=NOON)

    assert not Alarm.objects.exists()


def test_alarms_follow_their_causes() -> None:
    raise_alarm(CHANNEL_PAUSED, WECHAT, at=NOON)
    raise_alarm(JOB_LATE, Reference("alarms.job", "a"), at=NOON)

    sync_alarms(CHANNEL_PAUSED, {MANUAL: {"reason": "x"}}, at=LATER)

    states = Alarm.objects.values_list("kind", "subject_id", "status")
    assert set(states) == {
        ("channel_paused", "wechat", "closed"),
        ("channel_paused", "manual", "open"),
        ("job_late", "a", "open"),
    }


def test_an_open_alarm_is_sent_again_every_day_until_a_person_has_seen_it() -> None:
    alarm = raise_alarm(CHANNEL_PAUSED, WECHAT, at=NOON)

    assert remind(at=NOON + DAY - timedelta(seconds=1)) == 0
    assert remind(at=NOON + DAY) == 1
    assert remind(at=NOON + DAY) == 0
    assert remind(at=NOON + 2 * DAY) == 1
    Alarm.objects.filter(pk=alarm.pk).update(status="seen", seen_by="qian", seen_at=NOON)
    assert remind(at=NOON + 9 * DAY) == 0
    assert events("alarms.reminded") == 2


def test_the_database_refuses_a_second_alarm_that_is_not_closed() -> None:
    raise_alarm(CHANNEL_PAUSED, WECHAT, at=NOON)

    with pytest.raises(IntegrityError, match="alarm_unclosed_unique"), transaction.atomic():
        Alarm.objects.create(
            kind="channel_paused", subject_kind=WECHAT.kind, subject_id=WECHAT.id,
            first_seen=NOON, last_seen=NOON, notified_at=NOON,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": "closed"}, "alarm_closed_has_reason"),
        ({"status": "seen"}, "alarm_seen_by_somebody"),
        ({"count": 0}, "alarm_count_valid"),
        ({"last_seen": NOON - DAY}, "alarm_count_valid"),
        ({"subject_id": "manual"}, "append-only"),
    ],
)
def test_the_database_refuses_an_impossible_alarm(changes: dict[str, object], refusal: str) -> None:
    raise_alarm(CHANNEL_PAUSED, WECHAT, at=NOON)

    with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        Alarm.objects.update(**changes)


def test_a_closed_alarm_does_not_change() -> None:
    raise_alarm(CHANNEL_PAUSED, WECHAT, at=NOON)
    close_alarm(CHANNEL_PAUSED, WECHAT, at=NOON)

    with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
        Alarm.objects.update(count=2)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Alarm.objects.all()._raw_delete("default")
