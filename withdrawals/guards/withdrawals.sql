-- Fires after status_transitions, by its name.
CREATE FUNCTION withdrawals_check_status_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- While an attempt may have paid, the money is not released and no other attempt starts.
    IF NEW.status IN ('requested', 'rejected', 'cancelled', 'failed', 'ready_to_collect')
        AND NEW.status <> OLD.status AND EXISTS (
            SELECT FROM withdrawals_attempt
            WHERE withdrawal_id = NEW.id AND state NOT IN ('fail', 'cancelled')
        )
    THEN
        RAISE EXCEPTION 'an attempt of withdrawal % may still pay', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_no_live_attempt';
    END IF;
    IF NEW.status = 'paid' AND OLD.status <> 'paid' AND NOT EXISTS (
        SELECT FROM withdrawals_attempt WHERE withdrawal_id = NEW.id AND state = 'success'
    ) THEN
        RAISE EXCEPTION 'withdrawal % has no successful attempt', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_paid_has_evidence';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER status_verify_attempts BEFORE UPDATE ON withdrawals_withdrawal FOR EACH ROW
    EXECUTE FUNCTION withdrawals_check_status_evidence();

CREATE FUNCTION withdrawals_check_approved_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'requested' OR NEW.ops_reviewer_id IS NOT NULL THEN
            RAISE EXCEPTION 'a withdrawal starts as a request'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_starts_requested';
        END IF;
        IF EXISTS (
            SELECT FROM members_member WHERE id = NEW.member_id AND merged_into_id IS NOT NULL
        ) THEN
            RAISE EXCEPTION 'member % was merged into another one', NEW.member_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_member_not_merged';
        END IF;
    ELSIF NEW.status <> 'requested' AND (
        (OLD.payee_id, OLD.fee, OLD.tax, OLD.net, OLD.content_hash)
            <> (NEW.payee_id, NEW.fee, NEW.tax, NEW.net, NEW.content_hash)
        OR (OLD.needs_second_finance AND NOT NEW.needs_second_finance)
        OR (OLD.ops_reviewer_id IS NOT NULL AND (OLD.ops_reviewer_id, OLD.ops_reviewer_member, OLD.ops_reviewed_at)
            IS DISTINCT FROM (NEW.ops_reviewer_id, NEW.ops_reviewer_member, NEW.ops_reviewed_at))
        OR (OLD.finance_reviewer_id IS NOT NULL
            AND (OLD.finance_reviewer_id, OLD.finance_reviewer_member, OLD.finance_reviewed_at)
            IS DISTINCT FROM (NEW.finance_reviewer_id, NEW.finance_reviewer_member, NEW.finance_reviewed_at))
        OR (OLD.second_reviewer_id IS NOT NULL
            AND (OLD.second_reviewer_id, OLD.second_reviewer_member, OLD.second_reviewed_at)
            IS DISTINCT FROM (NEW.second_reviewer_id, NEW.second_reviewer_member, NEW.second_reviewed_at))
    ) THEN
        RAISE EXCEPTION 'approved content does not change without a new review'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_approved_immutable';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approved_immutable BEFORE INSERT OR UPDATE ON withdrawals_withdrawal FOR EACH ROW
    EXECUTE FUNCTION withdrawals_check_approved_unchanged();
