"""Guard withdrawals, attempts and tax entries, and insert the policy.

* A withdrawal follows ``Withdrawal.COMES_FROM`` and is never deleted; the request never changes.
* An attempt's bill never changes, an ended attempt does not change, and no withdrawal is paid without
  an attempt that has succeeded.
* Evidence never changes; a tax entry is given back at most once; a conclusion is decided once.
"""

from django.db import migrations

from common import guards
from common.only_one import insert_row

GUARDS = [
    guards.read(__file__, "withdrawals", "attempts", "conclusions"),
    guards.transitions(
        "withdrawals_withdrawal",
        statuses=[
            "requested", "ops_approved", "finance_approved", "ready_to_collect", "paying", "paid",
            "rejected", "cancelled", "failed", "returned",
        ],
        comes_from={
            "requested": ["requested", "ops_approved", "finance_approved", "ready_to_collect"],
            "ops_approved": ["requested", "ops_approved"],
            "finance_approved": ["ops_approved"],
            "ready_to_collect": ["finance_approved", "paying"],
            "paying": ["finance_approved", "ready_to_collect"],
            "paid": ["paying"],
            "rejected": ["requested", "ops_approved", "finance_approved", "ready_to_collect"],
            "cancelled": ["requested", "ops_approved", "finance_approved", "ready_to_collect"],
            "failed": ["paying"],
            "returned": ["paid"],
        },
        editable_in=["requested", "ops_approved", "finance_approved", "ready_to_collect"],
        constraint="withdrawal_lives_once",
    ),
    guards.immutable(
        "withdrawals_withdrawal", "id", "public_id", "key", "member_id", "gross", "requested_at"
    ),
    guards.never_deleted("withdrawals_withdrawal"),
    # All but the sealed bill, whose hash is immutable: it may be sealed with another key.
    guards.row_guard(
        "withdrawals_attempt", name="ended_for_good",
        on="UPDATE OF state, fail_reason, trouble, package, provider_no, evidence_id, sends, asks,"
        " lease_until, next_at, ended_at, stopped_at",
        when="OLD.ended_at IS NOT NULL", constraint="attempt_ended_for_good",
        message="an attempt that has ended does not change",
    ),
    guards.immutable(
        "withdrawals_attempt", "id", "withdrawal_id", "out_bill_no", "gateway", "amount",
        "bill_sha256", "created_at", "taken_by_id",
    ),
    guards.never_deleted("withdrawals_attempt"),
    # Sealing with another key is the only change of what is sealed: the hash beside it stays.
    guards.statement_guard(
        "withdrawals_evidence", name="append_only",
        on="UPDATE OF id, kind, outer_id, sha256, at OR DELETE OR TRUNCATE",
    ),
    guards.immutable(
        "withdrawals_taxentry", "attempt_id", "member_id", "year", "month", "income", "withheld",
        "regime", "regime_version", "inputs",
    ),
    guards.row_guard(
        "withdrawals_taxentry", name="given_back_once", when="OLD.given_back_at IS NOT NULL",
        constraint="tax_given_back_once", message="tax is given back once",
    ),
    guards.never_deleted("withdrawals_taxentry"),
    guards.immutable(
        "withdrawals_payee", "id", "public_id", "member_id", "channel", "account_mask",
        "account_print", "bank", "since",
    ),
    guards.never_deleted("withdrawals_payee"),
    guards.immutable(
        "withdrawals_conclusion", "id", "attempt_id", "member_id", "paid", "evidence_id", "reason",
        "proposer_id", "proposer_member", "proposed_at",
    ),
    guards.never_deleted("withdrawals_conclusion"),
    guards.transitions(
        "withdrawals_conclusion",
        statuses=["proposed", "agreed", "refused"],
        comes_from={"agreed": ["proposed"], "refused": ["proposed"]},
        editable_in=["proposed"],
        constraint="conclusion_decided_for_good",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("withdrawals", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(insert_row("withdrawals", "Policy"), migrations.RunPython.noop),
    ]
