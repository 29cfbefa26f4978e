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
