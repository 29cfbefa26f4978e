"""Guard imports of a mall: their life, and who prepared and started them."""

from django.db import migrations

from common import guards

GUARDS = [
    guards.transitions(
        "integration_mallimport",
        statuses=[
            "draft", "checking", "faulty", "ready", "running", "stopped", "done", "discarded",
        ],
        comes_from={
            "draft": ["faulty", "ready", "stopped"],
            "checking": ["draft", "faulty", "ready", "stopped"],
            "faulty": ["checking"],
            "ready": ["checking"],
            "running": ["ready", "stopped"],
            "stopped": ["running"],
            "done": ["running"],
            "discarded": ["draft", "faulty", "ready", "stopped"],
        },
        constraint="mallimport_status_moves",
    ),
    guards.immutable("integration_mallimport", "by_id", "by_member", "at"),
    guards.no_early_review("integration_mallimport", "starter_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("integration", "0001_initial"), ("events", "0002_guards"), ("members", "0002_guards"),
    ]

    operations = [
        guards.install(*GUARDS),
    ]
