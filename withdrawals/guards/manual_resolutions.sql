CREATE FUNCTION withdrawals_check_manual_resolution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'proposed' OR NOT EXISTS (
        SELECT FROM withdrawals_attempt AS attempt
        JOIN withdrawals_withdrawal AS withdrawal ON withdrawal.id = attempt.withdrawal_id
        WHERE attempt.id = NEW.attempt_id AND withdrawal.member_id = NEW.member_id
            AND attempt.ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a manual resolution starts as a proposal about an open attempt of its member'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'manual_resolution_attempt_open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_attempt_open BEFORE INSERT ON withdrawals_manualresolution FOR EACH ROW
    EXECUTE FUNCTION withdrawals_check_manual_resolution();
