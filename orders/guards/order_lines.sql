-- The attribution is inserted last: from then on the order is complete.
-- A session caches the plan, perhaps while the tables are still empty: hence enable_seqscan.
CREATE FUNCTION orders_reject_late_lines() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT FROM inserted JOIN orders_attribution USING (order_id)) THEN
        RAISE EXCEPTION 'a complete order gets no more lines'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_lines_complete';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER complete AFTER INSERT ON orders_orderline REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION orders_reject_late_lines();
