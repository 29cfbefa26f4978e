"""Guard withdrawals, attempts, tax entries and authorizations, and insert the policy.

* A withdrawal follows ``Withdrawal.COMES_FROM`` and is never deleted; the request never changes.
* An attempt's instruction never changes, an ended attempt does not change except for a later outcome
  mismatch, and no withdrawal is paid without a successful attempt.
* Evidence never changes; a tax entry is released at most once; a manual resolution is decided once.
* A closed authorization does not change. A batch of payouts equals its lines and never changes.
"""

from django.db import migrations

from common import guards
from common.base_models import insert_singleton

GUARDS = [
    guards.read(__file__, "withdrawals", "attempts", "manual_resolutions", "conversions", "payout_batches"),
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
        constraint="withdrawal_status_transitions",
    ),
    guards.immutable(
        "withdrawals_withdrawal", "id", "public_id", "key", "member_id", "gross", "requested_at"
    ),
    guards.never_deleted("withdrawals_withdrawal"),
    # All but the encrypted instruction, whose hash is immutable: it may be encrypted with another key.
    guards.row_guard(
        "withdrawals_attempt", name="ended_immutable",
        on="UPDATE OF state, fail_reason, last_error, package_info, provider_no, evidence_id, send_count, poll_count,"
        " lease, next_run_at, ended_at, stopped_at, marked_paid_by_id, alerted_overdue_at,"
        " alerted_expiring_at",
        when="OLD.ended_at IS NOT NULL", constraint="attempt_ended_immutable",
        message="an attempt that has ended does not change",
    ),
    guards.set_once(
        "withdrawals_attempt", "outcome_mismatch_at", name="mismatch_set_once",
        constraint="attempt_mismatch_set_once",
        message="the report of the provider about an attempt does not change",
    ),
    guards.immutable(
        "withdrawals_attempt", "id", "withdrawal_id", "out_bill_no", "gateway", "amount",
        "instruction_sha256", "created_at", "claimed_by_id",
    ),
    guards.never_deleted("withdrawals_attempt"),
    # Encryption with another key is the only change of encrypted content: the hash stays.
    guards.statement_guard(
        "withdrawals_evidence", name="append_only",
        on="UPDATE OF id, kind, external_id, sha256, at OR DELETE OR TRUNCATE",
    ),
    guards.immutable(
        "withdrawals_taxentry", "attempt_id", "member_id", "year", "month", "income", "withheld",
        "regime", "regime_version", "inputs",
    ),
    guards.immutable("withdrawals_taxentry", "award_income", name="immutable_awards"),
    guards.row_guard(
        "withdrawals_taxentry", name="released_once", when="OLD.released_at IS NOT NULL",
        constraint="tax_entry_released_once", message="tax is released once",
    ),
    guards.never_deleted("withdrawals_taxentry"),
    guards.immutable(
        "withdrawals_payee", "id", "public_id", "member_id", "channel", "account_mask",
        "account_fingerprint", "bank", "app", "since",
    ),
    guards.never_deleted("withdrawals_payee"),
    guards.immutable(
        "withdrawals_manualresolution", "id", "attempt_id", "member_id", "paid", "evidence_id", "reason",
        "proposer_id", "proposer_member", "proposed_at",
    ),
    guards.never_deleted("withdrawals_manualresolution"),
    guards.transitions(
        "withdrawals_manualresolution",
        statuses=["proposed", "agreed", "refused"],
        comes_from={"agreed": ["proposed"], "refused": ["proposed"]},
        editable_in=["proposed"],
        constraint="manual_resolution_decided_final",
    ),
    guards.no_early_review(
        "withdrawals_withdrawal", "ops_reviewer_id", "finance_reviewer_id", "second_reviewer_id"
    ),
    guards.no_early_review("withdrawals_manualresolution", "proposer_id", "decider_id"),
    guards.immutable(
        "withdrawals_payoutauthorization", "id", "member_id", "number", "merchant", "app", "account_fingerprint",
        "display_name", "asked_at",
    ),
    guards.set_once(
        "withdrawals_payoutauthorization", "authorized_at", name="authorized_once",
        constraint="authorization_authorized_once", message="an authorization takes effect once",
    ),
    guards.never_deleted("withdrawals_payoutauthorization"),
    guards.transitions(
        "withdrawals_payoutauthorization",
        statuses=["asked", "wait_user_confirm", "taking_effect", "closed"],
        comes_from={
            "asked": [],
            "wait_user_confirm": ["asked"],
            "taking_effect": ["asked", "wait_user_confirm"],
            "closed": ["asked", "wait_user_confirm", "taking_effect"],
        },
        constraint="authorization_status_transitions",
    ),
    # All but what is encrypted: that may be encrypted with another key.
    guards.row_guard(
        "withdrawals_payoutauthorization", name="closed_immutable",
        on="UPDATE OF status, package_info, close_reason, last_error, evidence_id, send_count, poll_count,"
        " authorized_at, closed_at, next_poll_at",
        when="OLD.closed_at IS NOT NULL", constraint="authorization_closed_immutable",
        message="a closed authorization does not change",
    ),
    guards.immutable("withdrawals_payoutbatch", "id", "number", "channel", "count", "total", "by_id", "at"),
    guards.never_deleted("withdrawals_payoutbatch"),
    guards.append_only("withdrawals_payoutbatchline"),
]


class Migration(migrations.Migration):
    dependencies = [("withdrawals", "0001_initial"), ("events", "0002_guards"), ("members", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(insert_singleton("withdrawals", "Policy"), migrations.RunPython.noop),
    ]
