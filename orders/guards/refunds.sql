-- The rows of one refund number belong to one order. Intake locks the numbers, so that no two
-- transactions insert one number for two orders unseen. Each number is looked up once: a number may
-- have a row for each of a thousand lines.
CREATE FUNCTION orders_keep_refund_number_in_order() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT number FROM inserted) AS touched
        CROSS JOIN LATERAL (
            SELECT min(line.order_id) AS first, max(line.order_id) AS last
            FROM orders_refund AS refund
            JOIN orders_orderline AS line ON line.id = refund.line_id
            WHERE refund.number = touched.number
        ) AS placed
        WHERE first <> last
    ) THEN
        RAISE EXCEPTION 'a refund number belongs to one order'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_number_in_one_order';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER number_in_one_order AFTER INSERT ON orders_refund REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION orders_keep_refund_number_in_order();
