-- A time of an order is set once. Another value needs the amendment of a person. The end of the
-- protection, which a CHECK computes from these times, changes only with one of them, or when a
-- receipt is told that was only assumed.
CREATE FUNCTION orders_keep_times() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    name text;
    known timestamptz;
    given timestamptz;
    amended boolean := OLD.received_at IS NULL AND NEW.received_at IS NOT NULL
        AND OLD.assumed_received_at IS NOT NULL AND OLD.completed_at IS NULL;
BEGIN
    FOR name, known, given IN VALUES
        ('paid_at', OLD.paid_at, NEW.paid_at), ('shipped_at', OLD.shipped_at, NEW.shipped_at),
        ('received_at', OLD.received_at, NEW.received_at), ('closed_at', OLD.closed_at, NEW.closed_at)
    LOOP
        CONTINUE WHEN known IS NULL OR known IS NOT DISTINCT FROM given;
        amended := EXISTS (
            SELECT FROM orders_orderamendment AS amendment
            WHERE amendment.order_id = OLD.id AND amendment.field = name
                AND before = known AND after = given
        );
        EXIT WHEN NOT amended;
    END LOOP;
    IF NOT amended THEN
        RAISE EXCEPTION 'a time or sum that is set does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_time_set_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER times_set_once BEFORE UPDATE ON orders_order FOR EACH ROW WHEN (
    OLD.paid_at IS NOT NULL AND NEW.paid_at IS DISTINCT FROM OLD.paid_at
    OR OLD.shipped_at IS NOT NULL AND NEW.shipped_at IS DISTINCT FROM OLD.shipped_at
    OR OLD.received_at IS NOT NULL AND NEW.received_at IS DISTINCT FROM OLD.received_at
    OR OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at
    OR OLD.release_at IS NOT NULL AND NEW.release_at IS DISTINCT FROM OLD.release_at
) EXECUTE FUNCTION orders_keep_times();
