-- Only a payment that somebody is waiting for begins, and with its own amount.
CREATE FUNCTION withdrawals_check_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted withdrawals_withdrawal;
BEGIN
    SELECT * INTO wanted FROM withdrawals_withdrawal WHERE id = NEW.withdrawal_id
        FOR NO KEY UPDATE;
    IF wanted.status <> 'paying' OR wanted.net <> NEW.amount THEN
        RAISE EXCEPTION 'withdrawal % is not to be paid like that', NEW.withdrawal_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attempt_matches_withdrawal';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matches_withdrawal BEFORE INSERT ON withdrawals_attempt FOR EACH ROW
    EXECUTE FUNCTION withdrawals_check_attempt();
