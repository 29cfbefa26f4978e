"""Guard plans, commissions, claims and boosts, and begin the log of what changes.

* A plan that is published or handed over is immutable, and so are its rules; its editors may not
  publish it.
* A commission belongs to a distributor of the order's attribution; both tiers stay within the cap.
* The basis of a commission is immutable, and no commission is deleted.
* A commission is credited, and changes after that, only with the transfers that say so.
* A claim is answered once, and its pictures stay.
* A boost never changes, except that it ends early, once; none is deleted. The boosts of an order
  are fixed when it is first ingested.
"""

from django.db import migrations

from common import guards
from common.base_models import insert_singleton

GUARDS = [
    guards.read(__file__, "plans", "commissions", "credits"),
    guards.transitions(
        "commissions_plan",
        statuses=["draft", "submitted", "published"],
        comes_from={
            "submitted": ["draft"], "draft": ["submitted"], "published": ["draft", "submitted"],
        },
        editable_in=["draft"],
        constraint="plan_published_immutable",
    ),
    guards.row_guard(
        "commissions_plan", on="DELETE", name="published_immutable",
        when="OLD.status <> 'draft'", constraint="plan_published_immutable",
        message="a published plan is immutable",
    ),
    guards.row_guard(
        "commissions_plan", name="editors_append_only", when="NOT OLD.editors <@ NEW.editors",
        constraint="plan_editors_append_only", message="the editors of a plan are append-only",
    ),
    guards.statement_guard("commissions_rule", name="no_truncate", on="TRUNCATE"),
    guards.row_guard(
        "commissions_commission", name="credited_final",
        when="""OLD.status = 'credited' AND (
        NEW.status <> 'credited'
        OR NEW.settlement_id IS DISTINCT FROM OLD.settlement_id
        OR NEW.release_at IS DISTINCT FROM OLD.release_at
    )""",
        constraint="commission_credited_final", message="a credited commission stays credited",
    ),
    guards.transitions(
        "commissions_commission",
        statuses=["pending", "protected", "credited"],
        comes_from={"protected": ["pending"], "credited": ["protected"]},
        constraint="commission_status_transitions",
    ),
    guards.immutable(
        "commissions_commission", "id", "line_id", "tier", "distributor_id", "plan_id", "asset",
        "original", "accrued_at",
    ),
    guards.never_deleted("commissions_commission"),
    guards.append_only("commissions_explanation"),
    guards.immutable(
        "commissions_commissionchange", "id", "commission_id", "number", "delta", "refund_id", "at"
    ),
    guards.set_once(
        "commissions_commissionchange", "settlement_id", name="credited_once",
        constraint="commission_change_credited_once", message="a change is credited once",
    ),
    guards.row_guard(
        "commissions_commissionchange", on="DELETE", name="posted_final",
        when="OLD.delta < 0 OR OLD.settlement_id IS NOT NULL",
        constraint="commission_change_posted_final",
        message="a change that was posted is final",
    ),
    guards.statement_guard("commissions_commissionchange", name="no_truncate", on="TRUNCATE"),
    guards.append_only("commissions_settlement"),
    guards.append_only("commissions_creditedmember"),
    guards.immutable("commissions_ordercommissionterms", "order_id", "plan_id"),
    guards.set_once(
        "commissions_ordercommissionterms", "accrued_at", name="accrued_once", constraint="order_terms_accrued_once",
        message="an order accrues once",
    ),
    guards.never_deleted("commissions_ordercommissionterms"),
    guards.immutable(
        "commissions_conflictacceptance", "id", "conflict_id", "reason", "proposer_id",
        "proposer_member", "proposed_at",
    ),
    guards.no_early_review("commissions_conflictacceptance", "proposer_id", "decider_id"),
    guards.never_deleted("commissions_conflictacceptance"),
    guards.transitions(
        "commissions_conflictacceptance",
        statuses=["proposed", "agreed", "refused"],
        comes_from={"agreed": ["proposed"], "refused": ["proposed"]},
        editable_in=["proposed"],
        constraint="conflict_acceptance_decided_final",
    ),
    guards.read(__file__, "amendments", "storage"),
    guards.immutable(
        "commissions_claim", "id", "public_id", "member_id", "order_number",
        "commission_id", "reason", "text", "opened_at", "due_at",
    ),
    guards.never_deleted("commissions_claim"),
    guards.transitions(
        "commissions_claim",
        statuses=["open", "accepted", "rejected"],
        comes_from={"accepted": ["open"], "rejected": ["open"]},
        editable_in=["open"],
        constraint="claim_answer_final",
    ),
    guards.append_only("commissions_claimevidence"),
    guards.read(__file__, "updates"),
    guards.append_only("commissions_commissionupdate"),
    guards.append_only("commissions_announcedclawback"),
    guards.transitions(
        "commissions_backtest",
        statuses=["queued", "running", "done", "failed"],
        comes_from={
            "running": ["queued"], "done": ["queued", "running"], "failed": ["queued", "running"],
        },
        editable_in=["queued", "running"],
        constraint="backtest_finished_immutable",
    ),
    guards.immutable(
        "commissions_boost", "id", "distributor_id", "rate", "starts_at", "ends_at",
        "source_kind", "source_id",
    ),
    guards.set_once(
        "commissions_boost", "ended_at", name="ended_once", constraint="boost_ended_once",
        message="a boost ends once",
    ),
    guards.never_deleted("commissions_boost"),
    guards.immutable(
        "commissions_ordercommissionterms", "tier1_boost", "tier2_boost", name="immutable_boosts"
    ),
]


class Migration(migrations.Migration):
    dependencies = [("commissions", "0001_initial"), ("events", "0002_guards"), ("members", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(
            insert_singleton("commissions", "AnnouncedAccruals"), migrations.RunPython.noop
        ),
    ]
