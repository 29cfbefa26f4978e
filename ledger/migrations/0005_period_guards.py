"""What the database itself refuses of months, whoever asks.

* A transfer is never effective in a closed month: who inserts one waits for whoever is closing.
* Months are closed one after the other, and by nobody while a posting is on its way; what is closed
  changes only by being sealed, once.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_transfer_in_open_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE opens_at timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock_shared('ledger_period'::regclass::int, 0);
    SELECT max(ends_at) INTO opens_at FROM ledger_period WHERE closed_at IS NOT NULL;
    IF opens_at IS NOT NULL AND EXISTS (SELECT FROM inserted WHERE effective_at < opens_at) THEN
        RAISE EXCEPTION 'the ledger is closed before %', opens_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_in_open_period';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER in_open_period AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfer_in_open_period();

CREATE FUNCTION ledger_period_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before date;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.closed_at IS NOT NULL THEN
            RAISE EXCEPTION 'a month is not closed by the first signature'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'period_signed_twice';
        END IF;
        SELECT max(month) INTO before FROM ledger_period;
        IF NEW.ends_at <> ((NEW.month + interval '1 month') AT TIME ZONE 'Asia/Shanghai')
            OR NEW.month <> before + interval '1 month'
            OR EXISTS (SELECT FROM ledger_period WHERE sealed_at IS NULL)
        THEN
            RAISE EXCEPTION 'months follow each other'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'period_follows';
        END IF;
    ELSIF OLD.closed_at IS NOT NULL THEN
        IF OLD.sealed_at IS NOT NULL OR NEW.sealed_at IS NULL OR
            (NEW.second_signer_id, NEW.second_member, NEW.closed_at)
            IS DISTINCT FROM (OLD.second_signer_id, OLD.second_member, OLD.closed_at)
        THEN
            RAISE EXCEPTION 'month % is closed for good', OLD.month
                USING ERRCODE = 'check_violation', CONSTRAINT = 'period_closed_for_good';
        END IF;
    ELSIF NEW.closed_at IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock('ledger_period'::regclass::int, 0);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON ledger_period
    FOR EACH ROW EXECUTE FUNCTION ledger_period_keep();
CREATE TRIGGER frozen BEFORE UPDATE OF id, month, ends_at, first_signer_id, first_member, first_at
    ON ledger_period FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_period
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$
DECLARE guard text;
BEGIN
    FOREACH guard IN ARRAY ARRAY['ledger_transfer_in_open_period()', 'ledger_period_keep()']
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', guard, current_schema());
    END LOOP;
END $$;
ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER in_open_period;
ALTER TABLE ledger_period ENABLE ALWAYS TRIGGER keep;
ALTER TABLE ledger_period ENABLE ALWAYS TRIGGER frozen;
ALTER TABLE ledger_period ENABLE ALWAYS TRIGGER never_deleted;
"""

BACKWARD = """
DROP TRIGGER never_deleted ON ledger_period;
DROP TRIGGER frozen ON ledger_period;
DROP TRIGGER keep ON ledger_period;
DROP FUNCTION ledger_period_keep();
DROP TRIGGER in_open_period ON ledger_transfer;
DROP FUNCTION ledger_transfer_in_open_period();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_period"), ("events", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
