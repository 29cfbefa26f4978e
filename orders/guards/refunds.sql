-- The rows of one refund number belong to one order. Intake locks the numbers, so that no two
-- transactions insert one number for two orders unseen.
CREATE FUNCTION orders_keep_refund_number_in_order() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM inserted
        JOIN orders_orderline AS line ON line.id = inserted.line_id
        JOIN orders_refund AS other ON other.number = inserted.number
        JOIN orders_orderline AS other_line ON other_line.id = other.line_id
        WHERE other_line.order_id <> line.order_id
    ) THEN
        RAISE EXCEPTION 'a refund number belongs to one order'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_number_in_one_order';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER number_in_one_order AFTER INSERT ON orders_refund REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION orders_keep_refund_number_in_order();
