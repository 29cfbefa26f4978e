-- An attempt starts only for a withdrawal being paid, with its net amount.
CREATE FUNCTION withdrawals_check_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE withdrawal withdrawals_withdrawal;
BEGIN
    SELECT * INTO withdrawal FROM withdrawals_withdrawal WHERE id = NEW.withdrawal_id
        FOR NO KEY UPDATE;
    IF withdrawal.status <> 'paying' OR withdrawal.net <> NEW.amount THEN
        RAISE EXCEPTION 'withdrawal % is not being paid, or its net is another amount', NEW.withdrawal_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attempt_matches_withdrawal';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matches_withdrawal BEFORE INSERT ON withdrawals_attempt FOR EACH ROW
    EXECUTE FUNCTION withdrawals_check_attempt();
