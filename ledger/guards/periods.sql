-- No transfer is effective in a closed month; months are closed in order, while no posting is in
-- progress; a closed month only receives its hash, once.

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

CREATE FUNCTION ledger_period_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before date;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.closed_at IS NOT NULL THEN
            RAISE EXCEPTION 'a month needs two signatures to be closed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'period_needs_two_signatures';
        END IF;
        SELECT max(month) INTO before FROM ledger_period;
        IF NEW.ends_at <> ((NEW.month + interval '1 month') AT TIME ZONE 'Asia/Shanghai')
            OR NEW.month <> before + interval '1 month'
            OR EXISTS (SELECT FROM ledger_period WHERE hashed_at IS NULL)
        THEN
            RAISE EXCEPTION 'months are signed in order, each after the hash of the month before'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'period_month_consecutive';
        END IF;
    ELSIF OLD.closed_at IS NOT NULL THEN
        IF OLD.hashed_at IS NOT NULL OR NEW.hashed_at IS NULL OR
            (NEW.second_signer_id, NEW.second_signer_member, NEW.closed_at)
            IS DISTINCT FROM (OLD.second_signer_id, OLD.second_signer_member, OLD.closed_at)
        THEN
            RAISE EXCEPTION 'month % is closed and cannot change', OLD.month
                USING ERRCODE = 'check_violation', CONSTRAINT = 'period_closed_final';
        END IF;
    ELSIF NEW.closed_at IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock('ledger_period'::regclass::int, 0);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON ledger_period
    FOR EACH ROW EXECUTE FUNCTION ledger_period_guard();
DO $$
DECLARE guard text;
BEGIN
    FOREACH guard IN ARRAY ARRAY['ledger_transfer_in_open_period()', 'ledger_period_guard()']
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', guard, current_schema());
    END LOOP;
END $$;
ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER in_open_period;
ALTER TABLE ledger_period ENABLE ALWAYS TRIGGER guard;
