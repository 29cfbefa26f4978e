-- A batch has exactly its lines: their number and sum, all claimed by its own person.
-- It is checked when the transaction ends, so a line that is added later is refused as well.
CREATE FUNCTION withdrawals_check_batch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    batch withdrawals_payoutbatch;
    lines record;
BEGIN
    IF TG_TABLE_NAME = 'withdrawals_payoutbatch' THEN
        batch := NEW;
    ELSE
        SELECT * INTO batch FROM withdrawals_payoutbatch WHERE id = NEW.batch_id;
    END IF;
    SELECT count(*) AS count, coalesce(sum(attempt.amount), 0) AS total,
        coalesce(bool_and(attempt.gateway = 'manual' AND attempt.claimed_by_id = batch.by_id), false)
            AS is_claimed
    INTO lines
    FROM withdrawals_payoutbatchline AS line
    JOIN withdrawals_attempt AS attempt ON attempt.id = line.attempt_id
    WHERE line.batch_id = batch.id;
    IF lines.count <> batch.count OR lines.total <> batch.total OR NOT lines.is_claimed THEN
        RAISE EXCEPTION 'batch % does not equal its lines', batch.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_batch_equals_lines';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER equals_lines AFTER INSERT ON withdrawals_payoutbatch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION withdrawals_check_batch();
CREATE CONSTRAINT TRIGGER equals_batch AFTER INSERT ON withdrawals_payoutbatchline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION withdrawals_check_batch();
