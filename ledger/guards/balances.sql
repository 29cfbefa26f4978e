-- A balance changes only in the statement that inserts the matching transfers.

-- Returns an account's balance after its last transfer with an id below "until". The condition is a
-- range, so that the planner cannot scan the primary key backwards instead of the account's index.
CREATE FUNCTION ledger_balance(account bigint, until bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT after FROM (
            (SELECT id, debit_balance_after AS after FROM ledger_transfer
             WHERE debit_id >= account AND (debit_id, id) < (account, until)
             ORDER BY debit_id DESC, id DESC LIMIT 1)
            UNION ALL
            (SELECT id, credit_balance_after FROM ledger_transfer
             WHERE credit_id >= account AND (credit_id, id) < (account, until)
             ORDER BY credit_id DESC, id DESC LIMIT 1)
        ) AS sides
        ORDER BY id DESC LIMIT 1
    ), 0)
$$;

-- A session caches the plans of both checks, perhaps while the tables are still empty and a sequential
-- scan seems cheap: hence enable_seqscan.

-- Checks once per statement that both accounts exist and hold the transfer's asset, and that every
-- member account's balance is its former balance plus the inserted transfers.
CREATE FUNCTION ledger_transfer_balance_matches() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE wrong bigint;
BEGIN
    SELECT named.id INTO wrong FROM (
        SELECT DISTINCT debit_id AS id, asset, debit_balance_after IS NULL AS platform FROM inserted
        UNION
        SELECT DISTINCT credit_id, asset, credit_balance_after IS NULL FROM inserted
    ) AS named
    LEFT JOIN ledger_account AS account USING (id, asset)
    WHERE account.id IS NULL OR (account.balance IS NULL) <> named.platform
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % does not exist or holds another asset', wrong
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'transfer_accounts_valid';
    END IF;

    SELECT moved.account_id INTO wrong FROM (
        SELECT account_id, sum(amount)::bigint AS amount, min(id) AS first_id FROM (
            SELECT debit_id AS account_id, -amount AS amount, id FROM inserted
            WHERE debit_balance_after IS NOT NULL
            UNION ALL
            SELECT credit_id, amount, id FROM inserted WHERE credit_balance_after IS NOT NULL
        ) AS legs
        GROUP BY account_id
    ) AS moved
    JOIN ledger_account AS account ON account.id = moved.account_id
    WHERE account.balance <> ledger_balance(account.id, first_id) + account.sign * moved.amount
        OR account.balance <> ledger_balance(account.id, 9223372036854775807)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfers of account % do not add up to its balance', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_balance_matches';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER balance_matches AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfer_balance_matches();

CREATE FUNCTION ledger_account_balance_has_transfers() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE wrong bigint;
BEGIN
    SELECT id INTO wrong FROM changed
    WHERE balance IS NOT NULL AND balance <> ledger_balance(id, 9223372036854775807)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no transfer explains the balance of account %', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_balance_has_transfers';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER balance_has_transfers AFTER UPDATE ON ledger_account REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_account_balance_has_transfers();
CREATE TRIGGER opened_with_zero AFTER INSERT ON ledger_account REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_account_balance_has_transfers();

-- A temporary table, or a table of another schema, must not shadow these tables. ledger_balance runs
-- with the search path of its two callers: with its own, the planner could not inline it.
DO $$
DECLARE guard text;
BEGIN
    FOREACH guard IN ARRAY ARRAY['ledger_transfer_balance_matches()', 'ledger_account_balance_has_transfers()']
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', guard, current_schema());
    END LOOP;
END $$;

ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER balance_matches;
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER balance_has_transfers;
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER opened_with_zero;
