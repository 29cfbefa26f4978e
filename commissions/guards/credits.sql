-- What a credited commission says must be in the ledger: the first credit and all changes of it.
-- Each row is looked up by itself, in scalar subqueries: a session caches the plan of a join, perhaps
-- of empty tables, and would compare every row with every other. enable_seqscan: see commissions.sql.
--
-- The wallet of a merged member is the survivor's; what was credited before went to the member's own.
CREATE FUNCTION commissions_is_wallet(account bigint, distributor bigint, of_asset text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM ledger_account
        WHERE id = account AND asset = of_asset AND kind = 'wallet' AND member_id IN (
            SELECT unnest(ARRAY[id, merged_into_id]) FROM members_member
            WHERE id = (SELECT member_id FROM distribution_distributor WHERE id = distributor)
        )
    )
$$;

-- Only of what is credited already: settlement would take a third longer if each credit were looked
-- up here, so the daily control compares those.
CREATE FUNCTION commissions_check_credited() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    IF NEW.current IS DISTINCT FROM (
        SELECT amount FROM ledger_transfer
        WHERE key = 'commission:' || NEW.id || ':credit'
            AND commissions_is_wallet(credit_id, NEW.distributor_id, NEW.asset)
    ) + coalesce((
        SELECT sum(delta) FROM commissions_commissionchange WHERE commission_id = NEW.id
    ), 0) THEN
        RAISE EXCEPTION 'the ledger did not credit commission % like this', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commission_credited_as_posted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credited_as_posted BEFORE UPDATE ON commissions_commission
    FOR EACH ROW WHEN (OLD.status = 'credited' AND NEW.current <> OLD.current)
    EXECUTE FUNCTION commissions_check_credited();

-- A clawback debits the wallet, what it lacks the debt; a growth credits the wallet.
CREATE FUNCTION commissions_posted_change(commission bigint, number int) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT CASE reason WHEN 'clawback' THEN -amount WHEN 'commission' THEN amount END
        FROM ledger_transfer WHERE key = 'commission:' || commission || ':change:' || number
    ), 0) - coalesce((
        SELECT amount FROM ledger_transfer
        WHERE key = 'commission:' || commission || ':change:' || number || ':owed'
    ), 0)
$$;

CREATE FUNCTION commissions_check_changes() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE invalid bigint;
BEGIN
    SELECT changed.commission_id INTO invalid
    FROM changed
    WHERE 'credited' <> (
            SELECT status FROM commissions_commission WHERE id = changed.commission_id
        ) OR (changed.delta < 0 OR changed.settlement_id IS NOT NULL)
        AND changed.delta <> commissions_posted_change(changed.commission_id, changed.number)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the ledger does not hold this change of commission %', invalid
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commission_change_as_posted';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER as_posted AFTER INSERT ON commissions_commissionchange
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_check_changes();
CREATE TRIGGER credited_as_posted AFTER UPDATE ON commissions_commissionchange
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_check_changes();
