"""Guard what people decide about contests, gifts and proofs.

* A decision about a proof, a gift or a close is final, and not made by an account that has just
  changed.
* The awards of a close are confirmed by neither the incentive's publisher nor a winner.
* A team pool is paid as it was computed.
"""

from django.db import migrations

from common import guards

GUARDS = [
    guards.immutable("incentives_gifttask", "id", "public_id", "award_id", "sku_id"),
    guards.never_deleted("incentives_gifttask"),
    guards.transitions(
        "incentives_gifttask",
        statuses=["open", "sent", "cancelled"],
        comes_from={"sent": ["open"], "cancelled": ["open"], "open": ["cancelled"]},
        editable_in=[],
        constraint="gift_task_done_final",
    ),
    guards.row_guard(
        "incentives_gifttask", name="cancelled_by_a_person",
        when="OLD.status = 'cancelled' AND OLD.done_by_id IS NOT NULL",
        constraint="gift_task_cancelled_final",
        message="a gift that a person cancelled does not open again",
    ),
    guards.immutable(
        "incentives_proof", "id", "public_id", "incentive_id", "member_id", "upload_id",
        "picture_hash", "picture_cells", "brightness", "text", "handed_in_at",
    ),
    guards.never_deleted("incentives_proof"),
    guards.no_early_review("incentives_proof", "decided_by_id"),
    guards.transitions(
        "incentives_proof",
        statuses=["open", "approved", "rejected"],
        comes_from={"approved": ["open"], "rejected": ["open"]},
        editable_in=[],
        constraint="proof_decision_final",
    ),
    guards.immutable(
        "incentives_periodclosing", "id", "public_id", "incentive_id", "period_start", "closed_at"
    ),
    guards.never_deleted("incentives_periodclosing"),
    guards.no_early_review("incentives_periodclosing", "confirmed_by_id"),
    guards.transitions(
        "incentives_periodclosing",
        statuses=["counting", "waiting", "final"],
        comes_from={"waiting": ["counting"], "final": ["counting", "waiting"]},
        editable_in=[],
        constraint="incentive_closing_final",
    ),
    guards.append_only("incentives_teampool"),
    guards.read(__file__, "closings"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0003_contests"), ("incentives", "0004_engine_guards"), ("events", "0002_guards"), ("members", "0002_guards")
    ]

    operations = [guards.install(*GUARDS)]
