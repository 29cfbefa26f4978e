"""Guard assessments, holds and cases, and insert the rules.

* Assessments, notes and the list of screened orders are append-only.
* A hold is released once and does not change otherwise; a closed case stays closed.
"""

from django.db import migrations

from common import guards

GUARDS = [
    guards.append_only("risk_assessment"),
    guards.append_only("risk_note"),
    guards.append_only("risk_screenedorder"),
    guards.never_deleted("risk_hold"),
    guards.never_deleted("risk_case"),
    guards.never_deleted("risk_rule"),
    guards.immutable(
        "risk_hold", "id", "public_id", "subject_kind", "subject_id", "member_id", "rule",
        "outcome", "assessment_id", "case_id", "since",
    ),
    guards.immutable(
        "risk_case", "id", "public_id", "subject_kind", "subject_id", "member_id", "opened_at"
    ),
    guards.immutable("risk_rule", "id", "stage", "name"),
    guards.row_guard(
        "risk_hold", name="ended_immutable", when="OLD.released_at IS NOT NULL",
        constraint="risk_hold_end_final", message="a released hold does not change",
    ),
    guards.transitions(
        "risk_case",
        statuses=["open", "closed"],
        comes_from={"closed": ["open"]},
        editable_in=["open"],
        constraint="risk_case_status_transitions",
    ),
]

# Name, then threshold and minimum sample for withdrawals, and for orders if the rule applies.
RULES = [
    ("amount_spike", (500, 3), (500, 10)),  # percent of the median
    ("new_distributor", (7, 0), (7, 0)),  # days
    ("refund_rate", (30, 10), (30, 10)),  # percent of the orders
    ("self_purchase", (30, 10), (30, 10)),
    ("shared_phone", (1, 0), (1, 0)),  # buyers
    ("shared_device", (2, 0), (1, 0)),
    ("shared_address", (3, 0), (1, 0)),
    ("shared_payee", (1, 0), None),  # other members
    ("binding_burst", (30, 0), (30, 0)),  # bindings
    ("shared_identity", (1, 0), None),  # other members
]

FRIEND_RULES = ("shared_phone", "shared_device", "shared_address")


def insert_rules(apps, schema_editor):
    Rule = apps.get_model("risk", "Rule")
    for name, withdrawals, orders in RULES:
        for stage, numbers in (("withdrawal", withdrawals), ("order", orders)):
            if numbers:
                threshold, min_sample = numbers
                Rule.objects.create(
                    stage=stage, name=name, threshold=threshold, min_sample=min_sample,
                    # Screening costs time for every order, so it is off by default.
                    enabled=stage == "withdrawal",
                )  # fmt: skip
    for name in FRIEND_RULES:
        # Only the orders of friends are compared, once each, which costs little.
        Rule.objects.create(stage="referral", name=name, threshold=1, min_sample=0, enabled=True)


class Migration(migrations.Migration):
    dependencies = [("risk", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(insert_rules, migrations.RunPython.noop),
    ]
