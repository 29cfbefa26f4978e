-- Fires after status_transitions, by its name.
CREATE FUNCTION withdrawals_keep_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
CREATE TRIGGER status_with_proof BEFORE UPDATE ON withdrawals_withdrawal FOR EACH ROW
    EXECUTE FUNCTION withdrawals_keep_proof();

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
