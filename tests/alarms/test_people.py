"""Staff take note of alarms and close them, through the service and through the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from alarms.kinds import CHANNEL_PAUSED
from alarms.models import Alarm
from alarms.services import AlarmClosed, close_alarm, dismiss, mark_seen, raise_alarm
from common.errors import PermissionMissing, ReasonRequired
from events.models import Event, Reference
from members.models import User
from tests.cast import NOON

pytestmark = pytest.mark.django_db

LIST = "admin:alarms_alarm_changelist"


@pytest.fixture
def alarm(db: None) -> Alarm:
    return raise_alarm(CHANNEL_PAUSED, Reference("withdrawals.channel", "all"), at=NOON)


@pytest.fixture
def may_change(qian: User) -> User:
    qian.user_permissions.set(Permission.objects.filter(content_type__app_label="alarms"))
    return User.objects.get(pk=qian.pk)


def test_a_person_takes_note_once(alarm: Alarm, may_change: User) -> None:
    for _ in range(2):
        mark_seen(alarm=alarm, by=may_change, at=NOON)

    alarm.refresh_from_db()
    assert (alarm.status, alarm.seen_by, alarm.seen_at) == ("seen", "qian", NOON)
    assert Event.objects.filter(name="alarms.seen").count() == 1


def test_a_person_closes_with_a_reason(alarm: Alarm, may_change: User) -> None:
    dismiss(alarm=alarm, reason=" stocktaking  done", by=may_change, at=NOON)

    alarm.refresh_from_db()
    assert (alarm.status, alarm.closed_by) == ("closed", "qian")
    assert alarm.close_reason == "stocktaking done"
    (event,) = Event.objects.filter(name="alarms.closed")
    assert event.data["reason"] == "stocktaking done"


def test_nothing_moves_without_permission_reason_or_open_alarm(
    alarm: Alarm, qian: User, may_change: User
) -> None:
    stranger = User.objects.create_user("stranger", is_staff=True)
    with pytest.raises(PermissionMissing):
        mark_seen(alarm=alarm, by=stranger, at=NOON)
    with pytest.raises(PermissionMissing):
        dismiss(alarm=alarm, reason="x", by=stranger, at=NOON)
    with pytest.raises(ReasonRequired):
        dismiss(alarm=alarm, reason=" ", by=may_change, at=NOON)
    alarm.refresh_from_db()
    assert alarm.status == "open"

    close_alarm(CHANNEL_PAUSED, alarm.subject, at=NOON)
    with pytest.raises(AlarmClosed):
        mark_seen(alarm=alarm, by=may_change, at=NOON)
    with pytest.raises(AlarmClosed):
        dismiss(alarm=alarm, reason="x", by=may_change, at=NOON)


def press(client: Client, button: str, alarm: Alarm, **given: str) -> int:
    url = reverse(f"admin:alarms_alarm_{button}", args=[alarm.pk])
    return client.post(url, {**given, "_form_submitted": "True"}).status_code


def test_the_buttons_of_the_admin(as_boss: Client, alarm: Alarm) -> None:
    assert press(as_boss, "mark_seen", alarm) == 200
    alarm.refresh_from_db()
    assert (alarm.status, alarm.seen_by) == ("seen", "boss")

    assert press(as_boss, "close", alarm, reason="done") == 200
    alarm.refresh_from_db()
    assert (alarm.status, alarm.closed_by, alarm.close_reason) == ("closed", "boss", "done")


def test_staff_who_may_only_look_have_no_buttons(as_qian: Client, qian: User, alarm: Alarm) -> None:
    qian.user_permissions.set(Permission.objects.filter(codename="view_alarm"))

    page = as_qian.get(reverse("admin:alarms_alarm_change", args=[alarm.pk])).content.decode()

    assert "付款已暂停" in page
    assert "alarms/alarm/mark_seen" not in page
    assert press(as_qian, "mark_seen", alarm) == 403
    assert press(as_qian, "close", alarm, reason="x") == 403
    alarm.refresh_from_db()
    assert alarm.status == "open"


@pytest.mark.parametrize("page", ["admin:index", "admin:members_member_changelist", LIST])
def test_every_page_of_staff_shows_the_number(as_boss: Client, page: str) -> None:
    assert "告警：" not in as_boss.get(reverse(page)).content.decode()
    raise_alarm(CHANNEL_PAUSED, Reference("withdrawals.channel", "all"), at=NOON)

    html = as_boss.get(reverse(page)).content.decode()

    assert "告警：1" in html
    assert f'<a href="{reverse(LIST)}" class="fr-notice' in html


def test_a_seen_alarm_stays_on_every_page_and_a_closed_one_does_not(
    as_boss: Client, alarm: Alarm, may_change: User
) -> None:
    mark_seen(alarm=alarm, by=may_change, at=NOON)
    assert "告警：1" in as_boss.get(reverse("admin:index")).content.decode()

    close_alarm(CHANNEL_PAUSED, alarm.subject, at=NOON)
    assert "告警：" not in as_boss.get(reverse("admin:index")).content.decode()


def test_staff_without_permission_see_the_number_without_a_link(
    as_qian: Client, alarm: Alarm
) -> None:
    html = as_qian.get(reverse("admin:index")).content.decode()

    assert "告警：1" in html
    assert f'href="{reverse(LIST)}" class="fr-notice' not in html
    assert as_qian.get(reverse(LIST)).status_code == 403


def test_anonymous_people_see_no_number(client: Client, alarm: Alarm) -> None:
    assert "告警：" not in client.get(reverse("admin:login")).content.decode()
