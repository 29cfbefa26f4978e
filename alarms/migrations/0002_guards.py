"""Guard alarms: their life, and that closed ones do not change."""

from django.db import migrations

from common import guards

GUARDS = [
    guards.immutable(
        "alarms_alarm", "id", "public_id", "kind", "subject_kind", "subject_id", "first_seen",
    ),
    guards.never_deleted("alarms_alarm"),
    guards.transitions(
        "alarms_alarm",
        statuses=["open", "seen", "closed"],
        comes_from={"seen": ["open"], "closed": ["open", "seen"]},
        editable_in=["open", "seen"],
        constraint="alarm_status_transitions",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("alarms", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
    ]
