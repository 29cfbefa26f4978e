-- The times of an order are final once one of its commissions is credited.
CREATE FUNCTION commissions_keep_times_of_credited_orders() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM commissions_commission AS commission
        JOIN orders_orderline AS line ON line.id = commission.line_id
        WHERE line.order_id = NEW.order_id AND commission.status = 'credited'
    ) THEN
        RAISE EXCEPTION 'the times of an order with credited commissions are final'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_times_final_once_credited';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER final_once_credited BEFORE INSERT ON orders_orderamendment
    FOR EACH ROW EXECUTE FUNCTION commissions_keep_times_of_credited_orders();
