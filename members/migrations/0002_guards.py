"""Guard the member of a staff user: it is set once."""

from django.db import migrations

from common import guards

GUARDS = [
    guards.set_once(
        "members_user", "member_id", name="member_set_once",
        constraint="staff_member_set_once",
        message="the member of a staff user does not change",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
    ]
