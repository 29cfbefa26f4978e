"""Guard the terms of incentives.

* A version that is published or handed over is immutable, and so are its rewards.
* Its editors may not publish it.
* All versions of an incentive count the same over the same span.
* A stopped incentive stays stopped.
"""

from django.db import migrations

from common import guards

GUARDS = [
    guards.read(__file__, "versions"),
    guards.transitions(
        "incentives_version",
        statuses=["draft", "submitted", "published"],
        comes_from={
            "submitted": ["draft"],
            "draft": ["submitted"],
            "published": ["draft", "submitted"],
        },
        editable_in=["draft"],
        constraint="version_fixed",
    ),
    guards.row_guard(
        "incentives_version", on="DELETE", name="only_drafts_deleted",
        when="OLD.status <> 'draft'", constraint="version_fixed",
        message="only a draft is deleted",
    ),
    guards.row_guard(
        "incentives_version", name="editors_append_only", when="NOT OLD.editors <@ NEW.editors",
        constraint="version_editors_append_only",
        message="the editors of a version are append-only",
    ),
    guards.row_guard(
        "incentives_version", name="same_incentive",
        when="NEW.incentive_id <> OLD.incentive_id OR NEW.public_id <> OLD.public_id",
        constraint="version_same_incentive",
        message="a version stays with its incentive",
    ),
    guards.statement_guard("incentives_version", name="no_truncate", on="TRUNCATE"),
    guards.statement_guard("incentives_reward", name="no_truncate", on="TRUNCATE"),
    guards.immutable(
        "incentives_incentive", "id", "public_id", "created_at", "created_by_id"
    ),
    guards.row_guard(
        "incentives_incentive", name="stopped_once",
        when="""OLD.stopped_at IS NOT NULL AND (
        NEW.stopped_at IS DISTINCT FROM OLD.stopped_at
        OR NEW.stopped_by_id IS DISTINCT FROM OLD.stopped_by_id
        OR NEW.stop_reason <> OLD.stop_reason
    )""",
        constraint="incentive_stopped_once", message="a stopped incentive stays stopped",
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0002_initial"),
        ("events", "0002_guards"),
        ("members", "0002_guards"),
    ]

    operations = [guards.install(*GUARDS)]
