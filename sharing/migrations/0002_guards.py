"""Guard shares and visits, and insert the policy.

* What a share is for never changes; only its label, its expiry and whether it is on.
* A visit belongs to one member, once; an anonymous visitor to the first who signs in.
"""

from django.db import migrations

from common import guards
from common.base_models import insert_singleton

GUARDS = [
    guards.immutable(
        "sharing_share", "id", "code", "member_id", "target_kind", "target_id", "channel",
        "template", "created_at",
    ),
    guards.never_deleted("sharing_share"),
    guards.immutable("sharing_visit", "id", "public_id", "share_id", "visitor", "day", "at"),
    guards.set_once(
        "sharing_visit", "member_id", "joined_at", name="joined_once",
        constraint="visit_joined_once", message="a visit belongs to one member",
    ),
    guards.never_deleted("sharing_visit"),
    guards.append_only("sharing_visitorclaim"),
]


class Migration(migrations.Migration):
    dependencies = [("sharing", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(
            insert_singleton("sharing", "SharingPolicy"), migrations.RunPython.noop
        ),
        migrations.RunPython(insert_singleton("sharing", "CodeFetching"), migrations.RunPython.noop),
    ]
