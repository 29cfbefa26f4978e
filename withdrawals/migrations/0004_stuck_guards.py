"""A conclusion about a stuck bill is decided once, and its proposal never changes."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION withdrawals_conclusion_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'proposed' OR NOT EXISTS (
        SELECT FROM withdrawals_attempt AS attempt
        JOIN withdrawals_withdrawal AS withdrawal ON withdrawal.id = attempt.withdrawal_id
        WHERE attempt.id = NEW.attempt_id AND withdrawal.member_id = NEW.member_id
            AND attempt.ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a conclusion begins as a proposal, about an open attempt of its member'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'conclusion_about_its_attempt';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fits BEFORE INSERT ON withdrawals_conclusion FOR EACH ROW
    EXECUTE FUNCTION withdrawals_conclusion_fits();
CREATE TRIGGER frozen BEFORE UPDATE OF
    id, attempt_id, member_id, paid, evidence_id, reason, proposer_id, proposer_member, proposed_at
    ON withdrawals_conclusion FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON withdrawals_conclusion
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION withdrawals_keep_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what has been decided does not change'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'conclusion_decided_for_good';
END $$;
CREATE TRIGGER decided_for_good BEFORE UPDATE ON withdrawals_conclusion FOR EACH ROW
    WHEN (OLD.status <> 'proposed') EXECUTE FUNCTION withdrawals_keep_decided();
CREATE TRIGGER stopped_for_good BEFORE UPDATE OF stopped_at ON withdrawals_attempt FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION withdrawals_keep_ended();
"""

BACKWARD = """
DROP TRIGGER stopped_for_good ON withdrawals_attempt;
DROP TRIGGER decided_for_good ON withdrawals_conclusion;
DROP FUNCTION withdrawals_keep_decided;
DROP TRIGGER never_deleted ON withdrawals_conclusion;
DROP TRIGGER frozen ON withdrawals_conclusion;
DROP TRIGGER fits ON withdrawals_conclusion;
DROP FUNCTION withdrawals_conclusion_fits;
"""


class Migration(migrations.Migration):
    dependencies = [("withdrawals", "0003_stuck_bills")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
