"""Guard what was counted and what was given.

* After the close of a period its contributions stay, unless the terms let refunds lower them.
* What an award is for never changes, and it stays with its member or the survivor.
* What was given is the sum of the moves, which are only added.
"""

from django.db import migrations

from common import guards

GUARDS = [
    guards.read(__file__, "contributions", "awards"),
    guards.immutable(
        "incentives_contribution", "id", "incentive_id", "order_id", "proof_id",
    ),
    guards.never_deleted("incentives_contribution"),
    guards.immutable(
        "incentives_award", "id", "public_id", "incentive_id", "version_id", "reward_id", "side",
        "period_start", "step", "kind", "asset", "reached_at",
    ),
    guards.transitions(
        "incentives_award",
        statuses=["waiting", "held", "granted", "refused", "taken_back"],
        comes_from={
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
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0003_engine"), ("events", "0002_guards"), ("members", "0002_guards")
    ]

    operations = [guards.install(*GUARDS)]
