"""Guard exports, imports, notes and assignments.

* What was exported or imported, by whom and from which file, never changes.
* Notes and assignments are append-only.
"""

from django.db import migrations

from common import guards

GUARDS = [
    guards.immutable(
        "backoffice_export", "id", "public_id", "by_id", "at", "label", "query", "columns",
        "format", "language",
    ),
    guards.never_deleted("backoffice_export"),
    guards.transitions(
        "backoffice_export",
        statuses=["waiting", "running", "done", "failed", "removed"],
        comes_from={
            "waiting": ["running"],
            "running": ["waiting"],
            "done": ["running"],
            "failed": ["waiting", "running"],
            "removed": ["done"],
        },
        constraint="export_status_transitions",
    ),
    guards.append_only("backoffice_note"),
    guards.append_only("backoffice_assignment"),
    guards.immutable(
        "backoffice_import", "id", "public_id", "kind", "by_id", "at", "file_name", "sha256",
        "columns", "ignored", "rows",
    ),
    guards.never_deleted("backoffice_import"),
    guards.immutable("backoffice_importrow", "id", "of_id", "line"),
    guards.transitions(
        "backoffice_import",
        statuses=[
            "waiting", "checking", "checked", "confirmed", "applying", "stopped", "done",
            "failed", "discarded",
        ],
        comes_from={
            "waiting": ["checking"],
            "checking": ["waiting"],
            "checked": ["checking", "applying"],
            "confirmed": ["checked", "applying", "stopped"],
            "applying": ["confirmed"],
            "stopped": ["applying"],
            "done": ["applying"],
            "failed": ["checking", "applying"],
            "discarded": ["waiting", "checked", "stopped"],
        },
        constraint="import_status_transitions",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
    ]
