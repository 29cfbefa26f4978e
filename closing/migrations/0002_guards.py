"""Guard bills, documents, differences and adjustments: what was decided never changes."""

from django.db import migrations

from common import guards

GUARDS = [
    guards.append_only("closing_billfile"),
    guards.append_only("closing_payroll"),
    guards.immutable(
        "closing_billrow", "id", "file_id", "line", "number", "at", "provider_no", "name", "kind",
        "amount", "balance", "applicant", "remark", "voucher",
    ),
    guards.never_deleted("closing_billrow"),
    guards.transitions(
        "closing_billrow",
        statuses=["matched", "suspended", "cleared"],
        comes_from={"cleared": ["suspended"]},
        editable_in=["suspended"],
        constraint="closing_decided_for_good",
    ),
    guards.immutable("closing_difference", "id", "control", "subject", "first_seen"),
    guards.never_deleted("closing_difference"),
    guards.row_guard(
        "closing_difference", name="ended_for_good", when="OLD.closed_at IS NOT NULL",
        constraint="closing_decided_for_good", message="a closed difference does not change",
    ),
    guards.immutable(
        "closing_adjustment", "id", "public_id", "key", "member_id", "asset", "way", "amount",
        "reason", "proposer_id", "proposer_member", "proposed_at",
    ),
    guards.never_deleted("closing_adjustment"),
    guards.transitions(
        "closing_adjustment",
        statuses=["proposed", "posted", "refused"],
        comes_from={"posted": ["proposed"], "refused": ["proposed"]},
        editable_in=["proposed"],
        constraint="closing_decided_for_good",
    ),
    guards.immutable(
        "closing_document", "id", "kind", "number", "turn", "amount", "member_id", "attempt_id",
        "note", "by_id", "at",
    ),
    guards.never_deleted("closing_document"),
    guards.row_guard(
        "closing_document", name="ended_for_good", when="OLD.reversed_at IS NOT NULL",
        constraint="closing_decided_for_good", message="a reversed document does not change",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("closing", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
    ]
