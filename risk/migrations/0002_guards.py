"""What the database itself refuses of risk, and the fixed set of rules.

* What rules and people have said is append-only.
* A hold ends once, by a person, and nothing else of it changes; a closed case stays closed.
"""

from django.db import migrations

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON risk_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON risk_note
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON risk_screened
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON risk_hold
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON risk_case
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON risk_rule
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE OF
    id, public_id, subject_kind, subject_id, member_id, rule, outcome, assessment_id, case_id, since
    ON risk_hold FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE OF
    id, public_id, subject_kind, subject_id, member_id, opened_at
    ON risk_case FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE OF id, stage, name
    ON risk_rule FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION risk_ended_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what has ended stays ended'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_ended_for_good';
END $$;
CREATE TRIGGER ended_for_good BEFORE UPDATE ON risk_hold
    FOR EACH ROW WHEN (OLD.released_at IS NOT NULL) EXECUTE FUNCTION risk_ended_for_good();
CREATE TRIGGER ended_for_good BEFORE UPDATE ON risk_case
    FOR EACH ROW WHEN (OLD.status = 'closed') EXECUTE FUNCTION risk_ended_for_good();
"""

BACKWARD = """
DROP TRIGGER ended_for_good ON risk_case;
DROP TRIGGER ended_for_good ON risk_hold;
DROP FUNCTION risk_ended_for_good;
DROP TRIGGER frozen ON risk_rule;
DROP TRIGGER frozen ON risk_case;
DROP TRIGGER frozen ON risk_hold;
DROP TRIGGER never_deleted ON risk_rule;
DROP TRIGGER never_deleted ON risk_case;
DROP TRIGGER never_deleted ON risk_hold;
DROP TRIGGER append_only ON risk_screened;
DROP TRIGGER append_only ON risk_note;
DROP TRIGGER append_only ON risk_assessment;
"""

# Name, threshold and least for withdrawals, and for orders if it is asked about them.
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
]


def insert_rules(apps, schema_editor):
    Rule = apps.get_model("risk", "Rule")
    for name, of_withdrawals, of_orders in RULES:
        for stage, numbers in (("withdrawal", of_withdrawals), ("order", of_orders)):
            if numbers:
                threshold, least = numbers
                Rule.objects.create(
                    stage=stage, name=name, threshold=threshold, least=least,
                    # Screening costs every order some time: it is switched on, not off.
                    enabled=stage == "withdrawal",
                )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("risk", "0001_initial"), ("events", "0002_append_only")]

    operations = [
        migrations.RunPython(insert_rules, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
