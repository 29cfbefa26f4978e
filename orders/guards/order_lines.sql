-- The lines of an order change until it is paid. A paid order gets its attribution after its lines:
-- from then on it is complete.
-- A session caches the plans, perhaps while the tables are still empty: hence enable_seqscan.
CREATE FUNCTION orders_reject_late_lines() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM inserted JOIN orders_attribution USING (order_id)
        JOIN orders_order ON orders_order.id = order_id WHERE paid_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a paid order gets no more lines'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_lines_complete';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER complete AFTER INSERT ON orders_orderline REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION orders_reject_late_lines();

CREATE FUNCTION orders_keep_paid_lines() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT FROM orders_order WHERE id = OLD.order_id AND paid_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the lines of a paid order do not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_lines_fixed_once_paid';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER fixed_once_paid BEFORE UPDATE OF
    sku_id, product_id, categories, quantity, unit_price, discount, shipping, unit_cost
    ON orders_orderline FOR EACH ROW EXECUTE FUNCTION orders_keep_paid_lines();
CREATE TRIGGER kept_once_paid BEFORE DELETE ON orders_orderline
    FOR EACH ROW EXECUTE FUNCTION orders_keep_paid_lines();

-- What a line counts as refunded is the sum of its refunds that are done, exchanges apart.
CREATE FUNCTION orders_check_refunded() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM changed JOIN earlier USING (id)
        WHERE (changed.refunded_quantity, changed.refunded_amount)
            <> (earlier.refunded_quantity, earlier.refunded_amount)
            AND (changed.refunded_quantity, changed.refunded_amount) <> (
                SELECT coalesce(sum(quantity), 0), coalesce(sum(amount), 0) FROM orders_refund
                WHERE line_id = changed.id AND done_at IS NOT NULL AND kind <> 'exchange'
            )
    ) THEN
        RAISE EXCEPTION 'a line counts as refunded what its refunds say'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_line_refunded_as_told';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refunded_as_told AFTER UPDATE ON orders_orderline
    REFERENCING OLD TABLE AS earlier NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION orders_check_refunded();
