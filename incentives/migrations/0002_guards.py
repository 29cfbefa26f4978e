"""Guard incentives, from their terms to what they gave.

* A version that is published or handed over is immutable, and so are its rewards; its editors may
  not publish it. All versions of an incentive count the same over the same span. A stopped
  incentive stays stopped.
* After the close of a period its contributions stay, unless the terms let refunds lower them.
* What an award is for never changes, and it stays with its member or the survivor; its step only
  follows a merge of members. What was given is the sum of the moves, which are only added.
* A decision about a proof, a gift or a close is final, and not made by an account that has just
  changed. The awards of a close are confirmed by neither the incentive's publisher nor a winner.
* A team pool is paid as it was computed. Reviews of levels are append-only.
"""

from django.db import migrations

from common import guards
from common.base_models import insert_singleton


GUARDS = [
    guards.append_only("incentives_levelreview"),
    guards.immutable(
        "incentives_levelpin", "id", "distributor_id", "level_id", "reason", "pinned_at",
        "pinned_by_id", "until",
    ),
    guards.set_once(
        "incentives_levelpin", "ended_at", name="ended_once", constraint="level_pin_ends_once",
        message="a pin that has ended stays so",
    ),
    guards.never_deleted("incentives_levelpin"),
    guards.immutable("incentives_levelaward", "id", "award_id"),
    guards.never_deleted("incentives_levelaward"),
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
    guards.read(__file__, "contributions", "awards"),
    guards.immutable(
        "incentives_contribution", "id", "incentive_id", "order_id", "proof_id",
    ),
    guards.never_deleted("incentives_contribution"),
    guards.immutable(
        "incentives_award", "id", "public_id", "incentive_id", "version_id", "reward_id", "side",
        "period_start", "kind", "asset", "reached_at",
    ),
    guards.read(__file__, "award_steps"),
    guards.transitions(
        "incentives_award",
        statuses=["waiting", "held", "granted", "refused", "taken_back"],
        comes_from={
            "waiting": ["taken_back"],
            "held": ["waiting", "granted", "taken_back"],
            "granted": ["waiting", "held", "taken_back"],
            "refused": ["waiting", "held", "taken_back"],
            "taken_back": ["granted", "waiting", "held"],
        },
        constraint="award_status_transitions",
    ),
    guards.never_deleted("incentives_award"),
    guards.append_only("incentives_awardposting"),
    guards.immutable("incentives_budget", "incentive_id"),
    guards.never_deleted("incentives_budget"),
    guards.immutable("incentives_pointsfactor", "id", "award_id"),
    guards.never_deleted("incentives_pointsfactor"),
    guards.transitions(
        "incentives_backtest",
        statuses=["queued", "running", "done", "failed"],
        comes_from={
            "running": ["queued"], "done": ["queued", "running"],
            "failed": ["queued", "running"],
        },
        editable_in=["queued", "running"],
        constraint="incentive_backtest_finished_immutable",
    ),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("incentives", "0001_initial"), ("events", "0002_guards"), ("members", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(insert_singleton("incentives", "Policy"), migrations.RunPython.noop),
    ]
