"""Guard plans and commissions.

* A published plan and its rules are immutable; its editors may not publish it.
* A commission belongs to a distributor of the order's attribution; both tiers stay within the cap.
* The basis of a commission is immutable, and no commission is deleted.
"""

from django.db import migrations

from common import guards

GUARDS = [
    guards.read(__file__, "plans", "commissions"),
    guards.transitions(
        "commissions_plan",
        statuses=["draft", "published"],
        comes_from={"published": ["draft"]},
        editable_in=["draft"],
        constraint="plan_published_immutable",
    ),
    guards.row_guard(
        "commissions_plan", on="DELETE", name="published_immutable",
        when="OLD.status = 'published'", constraint="plan_published_immutable",
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
        NEW.status <> 'credited' OR NEW.current > OLD.current
        OR NEW.settlement_id IS DISTINCT FROM OLD.settlement_id
    )""",
        constraint="commission_credited_final", message="a credited commission cannot grow",
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
    guards.append_only("commissions_clawback"),
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
    guards.never_deleted("commissions_conflictacceptance"),
    guards.transitions(
        "commissions_conflictacceptance",
        statuses=["proposed", "agreed", "refused"],
        comes_from={"agreed": ["proposed"], "refused": ["proposed"]},
        editable_in=["proposed"],
        constraint="conflict_acceptance_decided_final",
    ),
    guards.read(__file__, "amendments", "storage"),
]


class Migration(migrations.Migration):
    dependencies = [("commissions", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
    ]
