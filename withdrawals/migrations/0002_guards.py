"""What the database itself refuses of withdrawals, whoever asks.

* A withdrawal lives as ``Withdrawal.COMES_FROM`` says, and is never deleted; what was asked for stays.
* An attempt's bill never changes, an ended attempt not at all, and no withdrawal is paid without one
  that has succeeded.
* Evidence is for good; a tax entry is given back at most once.
"""

from django.db import migrations

from common.only_one import insert_row

FORWARD = """
CREATE FUNCTION withdrawals_keep_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'requested>requested', 'ops_approved>requested', 'finance_approved>requested',
        'ready_to_collect>requested',
        'requested>ops_approved', 'ops_approved>ops_approved',
        'ops_approved>finance_approved', 'finance_approved>finance_approved',
        'finance_approved>ready_to_collect', 'paying>ready_to_collect',
        'ready_to_collect>ready_to_collect',
        'finance_approved>paying', 'ready_to_collect>paying',
        'paying>paid', 'paying>failed', 'paid>returned',
        'requested>rejected', 'ops_approved>rejected', 'finance_approved>rejected',
        'ready_to_collect>rejected',
        'requested>cancelled', 'ops_approved>cancelled', 'finance_approved>cancelled',
        'ready_to_collect>cancelled'
    ]) THEN
        RAISE EXCEPTION 'a withdrawal does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_lives_once';
    END IF;
    -- While an attempt may have paid, nobody gets the money back and nobody sends another one.
    IF NEW.status IN ('requested', 'rejected', 'cancelled', 'failed', 'ready_to_collect')
        AND NEW.status <> OLD.status AND EXISTS (
            SELECT FROM withdrawals_attempt
            WHERE withdrawal_id = NEW.id AND state NOT IN ('fail', 'cancelled')
        )
    THEN
        RAISE EXCEPTION 'an attempt of withdrawal % may still pay', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_not_while_paying';
    END IF;
    IF NEW.status = 'paid' AND OLD.status <> 'paid' AND NOT EXISTS (
        SELECT FROM withdrawals_attempt WHERE withdrawal_id = NEW.id AND state = 'success'
    ) THEN
        RAISE EXCEPTION 'nothing proves that withdrawal % was paid', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_paid_with_proof';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION withdrawals_keep_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'requested' OR NEW.ops_reviewer_id IS NOT NULL THEN
            RAISE EXCEPTION 'a withdrawal begins as a request'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_begins_requested';
        END IF;
    ELSIF NEW.status <> 'requested' AND (
        (OLD.payee_id, OLD.fee, OLD.tax, OLD.net, OLD.content)
            <> (NEW.payee_id, NEW.fee, NEW.tax, NEW.net, NEW.content)
        OR (OLD.two_finance AND NOT NEW.two_finance)
        OR (OLD.ops_reviewer_id IS NOT NULL AND (OLD.ops_reviewer_id, OLD.ops_member, OLD.ops_at)
            IS DISTINCT FROM (NEW.ops_reviewer_id, NEW.ops_member, NEW.ops_at))
        OR (OLD.finance_reviewer_id IS NOT NULL
            AND (OLD.finance_reviewer_id, OLD.finance_member, OLD.finance_at)
            IS DISTINCT FROM (NEW.finance_reviewer_id, NEW.finance_member, NEW.finance_at))
        OR (OLD.second_reviewer_id IS NOT NULL
            AND (OLD.second_reviewer_id, OLD.second_member, OLD.second_at)
            IS DISTINCT FROM (NEW.second_reviewer_id, NEW.second_member, NEW.second_at))
    ) THEN
        RAISE EXCEPTION 'what has been approved does not change without a new review'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_stays_as_approved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stays_as_approved BEFORE INSERT OR UPDATE ON withdrawals_withdrawal FOR EACH ROW
    EXECUTE FUNCTION withdrawals_keep_approved();
CREATE TRIGGER life BEFORE UPDATE ON withdrawals_withdrawal FOR EACH ROW
    EXECUTE FUNCTION withdrawals_keep_life();
CREATE TRIGGER frozen BEFORE UPDATE OF id, public_id, key, member_id, gross, requested_at
    ON withdrawals_withdrawal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON withdrawals_withdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION withdrawals_keep_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an attempt that has ended does not change'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'attempt_ended_for_good';
END $$;
-- All but the sealed bill, whose hash is frozen: it may come under another key.
CREATE TRIGGER ended_for_good BEFORE UPDATE OF
    state, fail_reason, trouble, package, provider_no, evidence_id, sends, asks, lease_until,
    next_at, ended_at
    ON withdrawals_attempt FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION withdrawals_keep_ended();
CREATE TRIGGER frozen BEFORE UPDATE OF
    id, withdrawal_id, out_bill_no, gateway, amount, bill_sha256, created_at
    ON withdrawals_attempt FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON withdrawals_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Only a payment that somebody is waiting for begins, and with its own amount.
CREATE FUNCTION withdrawals_attempt_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted withdrawals_withdrawal;
BEGIN
    SELECT * INTO wanted FROM withdrawals_withdrawal WHERE id = NEW.withdrawal_id
        FOR NO KEY UPDATE;
    IF wanted.status <> 'paying' OR wanted.net <> NEW.amount THEN
        RAISE EXCEPTION 'withdrawal % is not to be paid like that', NEW.withdrawal_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attempt_as_approved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER as_approved BEFORE INSERT ON withdrawals_attempt FOR EACH ROW
    EXECUTE FUNCTION withdrawals_attempt_fits();

-- Resealing is the only change of what is sealed: the hash beside it stays.
CREATE TRIGGER append_only BEFORE UPDATE OF id, kind, outer_id, sha256, at OR DELETE OR TRUNCATE
    ON withdrawals_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER frozen BEFORE UPDATE OF
    attempt_id, member_id, year, month, income, withheld, regime, regime_version, inputs
    ON withdrawals_taxentry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION withdrawals_keep_given_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'tax is given back once'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'tax_given_back_once';
END $$;
CREATE TRIGGER given_back_once BEFORE UPDATE ON withdrawals_taxentry FOR EACH ROW
    WHEN (OLD.given_back_at IS NOT NULL) EXECUTE FUNCTION withdrawals_keep_given_back();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON withdrawals_taxentry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER frozen BEFORE UPDATE OF
    id, public_id, member_id, channel, account_mask, account_print, bank, since
    ON withdrawals_payee FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON withdrawals_payee
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

BACKWARD = """
DROP TRIGGER never_deleted ON withdrawals_payee;
DROP TRIGGER frozen ON withdrawals_payee;
DROP TRIGGER never_deleted ON withdrawals_taxentry;
DROP TRIGGER given_back_once ON withdrawals_taxentry;
DROP FUNCTION withdrawals_keep_given_back;
DROP TRIGGER frozen ON withdrawals_taxentry;
DROP TRIGGER append_only ON withdrawals_evidence;
DROP TRIGGER as_approved ON withdrawals_attempt;
DROP FUNCTION withdrawals_attempt_fits;
DROP TRIGGER never_deleted ON withdrawals_attempt;
DROP TRIGGER frozen ON withdrawals_attempt;
DROP TRIGGER ended_for_good ON withdrawals_attempt;
DROP FUNCTION withdrawals_keep_ended;
DROP TRIGGER never_deleted ON withdrawals_withdrawal;
DROP TRIGGER frozen ON withdrawals_withdrawal;
DROP TRIGGER life ON withdrawals_withdrawal;
DROP TRIGGER stays_as_approved ON withdrawals_withdrawal;
DROP FUNCTION withdrawals_keep_approved;
DROP FUNCTION withdrawals_keep_life;
"""


class Migration(migrations.Migration):
    dependencies = [("withdrawals", "0001_initial"), ("events", "0002_append_only")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(insert_row("withdrawals", "Policy"), migrations.RunPython.noop),
    ]
