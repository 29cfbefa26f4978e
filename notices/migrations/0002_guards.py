"""Guard notices, their wordings and their messages.

* A notice changes only when it is read. A wording never changes, except in its status.
"""

from django.db import migrations

from common import guards

GUARDS = [
    guards.immutable(
        "notices_notice",
        "id", "public_id", "member_id", "event_id", "kind", "data", "target", "target_id", "at",
        "created_at",
    ),
    guards.immutable(
        "notices_wording",
        "id", "public_id", "kind", "number", "title_zh", "body_zh", "title_en", "body_en",
        "thing", "phrase", "channels", "created_by_id", "created_at",
    ),
    guards.never_deleted("notices_wording"),
    guards.transitions(
        "notices_wording",
        statuses=["draft", "in_force", "replaced"],
        comes_from={"in_force": ["draft", "replaced"], "replaced": ["in_force"]},
        constraint="wording_status_transitions",
    ),
    guards.immutable(
        "notices_notice", "wording_id", "tester_id", name="immutable_wording",
    ),
    guards.transitions(
        "notices_message",
        statuses=["waiting", "claimed", "sent", "refused", "failed", "unknown", "lapsed"],
        comes_from={
            "waiting": ["claimed", "failed", "lapsed"],
            "claimed": ["waiting"],
            "sent": ["claimed"],
            "refused": ["claimed", "sent"],
            "failed": ["claimed", "sent"],
            "unknown": ["claimed"],
            "lapsed": ["waiting"],
        },
        constraint="message_status_transitions",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("events", "0002_guards")]

    operations = [guards.install(*GUARDS)]
