"""Refuse a change of recorded events, and install what all guards call."""

from django.db import migrations

from common import guards

GUARDS = [
    guards.read(__file__, "refusals"),
    guards.append_only("events_event", always=True),
]


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        guards.install(*GUARDS),
    ]
