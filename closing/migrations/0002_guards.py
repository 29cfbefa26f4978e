"""Guard statements, documents, differences, adjustments and runs of the controls.

Decided rows never change.
"""

from django.db import migrations

from common import guards
from common.base_models import insert_singleton

GUARDS = [
    guards.append_only("closing_providerstatement"),
    guards.append_only("closing_payroll"),
    guards.immutable(
        "closing_statementline", "id", "statement_id", "line", "number", "at", "provider_no",
        "name", "kind", "amount", "balance", "applicant", "remark", "voucher",
    ),
    guards.never_deleted("closing_statementline"),
    guards.transitions(
        "closing_statementline",
        statuses=["matched", "suspended", "cleared"],
        comes_from={"cleared": ["suspended"]},
        editable_in=["suspended"],
        constraint="closing_decided_final",
    ),
    guards.immutable("closing_difference", "id", "control", "subject", "first_seen"),
    guards.never_deleted("closing_difference"),
    guards.row_guard(
        "closing_difference", name="decided_final", when="OLD.closed_at IS NOT NULL",
        constraint="closing_decided_final", message="a closed difference does not change",
    ),
    guards.immutable(
        "closing_adjustment", "id", "public_id", "key", "member_id", "asset", "direction", "amount",
        "reason", "proposer_id", "proposer_member", "proposed_at",
    ),
    guards.never_deleted("closing_adjustment"),
    guards.transitions(
        "closing_adjustment",
        statuses=["proposed", "posted", "refused"],
        comes_from={"posted": ["proposed"], "refused": ["proposed"]},
        editable_in=["proposed"],
        constraint="closing_decided_final",
    ),
    guards.immutable(
        "closing_treasurydocument", "id", "kind", "number", "reuse_count", "amount", "member_id",
        "attempt_id", "note", "by_id", "by_member", "at",
    ),
    guards.never_deleted("closing_treasurydocument"),
    guards.row_guard(
        "closing_treasurydocument", name="decided_final", when="OLD.reversed_at IS NOT NULL",
        constraint="closing_decided_final", message="a reversed document does not change",
    ),
    guards.immutable("closing_controlrun", "id", "day", "requested_by_id", "requested_at"),
    guards.row_guard(
        "closing_controlrun", name="ended_final", when="OLD.ended_at IS NOT NULL",
        constraint="control_run_ended_final", message="a run that has ended does not change",
    ),
    guards.never_deleted("closing_controlrun"),
    guards.no_early_review("closing_adjustment", "proposer_id", "decider_id"),
    guards.no_early_review("closing_treasurydocument", "by_id", "reversed_by_id"),
]


class Migration(migrations.Migration):
    dependencies = [("closing", "0001_initial"), ("events", "0002_guards"), ("members", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(insert_singleton("closing", "FoldedFlows"), migrations.RunPython.noop),
    ]
