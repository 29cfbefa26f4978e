"""What the database itself refuses of closing, whoever asks: what was kept is kept for good."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON closing_billfile
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON closing_document
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON closing_payroll
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER frozen BEFORE UPDATE OF id, file_id, line, number, at, provider_no, name, kind, amount,
    balance, applicant, remark, voucher ON closing_billrow
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON closing_billrow
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER frozen BEFORE UPDATE OF id, control, subject, first_seen ON closing_difference
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON closing_difference
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER frozen BEFORE UPDATE OF id, public_id, key, member_id, asset, way, amount, reason,
    proposer_id, proposer_member, proposed_at ON closing_adjustment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON closing_adjustment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION closing_keep_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what has been decided does not change'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'closing_decided_for_good';
END $$;
CREATE TRIGGER ended_for_good BEFORE UPDATE ON closing_billrow FOR EACH ROW
    WHEN (OLD.status <> 'suspended') EXECUTE FUNCTION closing_keep_ended();
CREATE TRIGGER ended_for_good BEFORE UPDATE ON closing_difference FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION closing_keep_ended();
CREATE TRIGGER ended_for_good BEFORE UPDATE ON closing_adjustment FOR EACH ROW
    WHEN (OLD.status <> 'proposed') EXECUTE FUNCTION closing_keep_ended();
"""

BACKWARD = """
DROP TRIGGER ended_for_good ON closing_adjustment;
DROP TRIGGER ended_for_good ON closing_difference;
DROP TRIGGER ended_for_good ON closing_billrow;
DROP FUNCTION closing_keep_ended();
DROP TRIGGER never_deleted ON closing_adjustment;
DROP TRIGGER frozen ON closing_adjustment;
DROP TRIGGER never_deleted ON closing_difference;
DROP TRIGGER frozen ON closing_difference;
DROP TRIGGER never_deleted ON closing_billrow;
DROP TRIGGER frozen ON closing_billrow;
DROP TRIGGER append_only ON closing_payroll;
DROP TRIGGER append_only ON closing_document;
DROP TRIGGER append_only ON closing_billfile;
"""


class Migration(migrations.Migration):
    dependencies = [("closing", "0001_initial"), ("events", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
