"""A notice changes only when it is read."""

from django.db import migrations

from common import guards

GUARDS = [
    guards.immutable(
        "notices_notice",
        "id", "public_id", "member_id", "event_id", "kind", "data", "target", "target_id", "at",
        "created_at",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [guards.install(*GUARDS)]
