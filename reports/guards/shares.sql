-- What shares bring is added to reports_sharedelta by the statement that changes it, whoever sends
-- it. Only INSERTs: nothing here updates or locks a row of the sharer, however many scan at once.
-- Commissions and refunds are added by the functions of deltas.sql, which know the differences.
-- enable_seqscan: a session caches the plans, perhaps of empty tables.
CREATE FUNCTION reports_add_shares() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_sharedelta (share_id, member_id, day, shares)
    SELECT id, member_id, reports_day_of(created_at), 1 FROM inserted;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_shared AFTER INSERT ON sharing_share
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION reports_add_shares();

CREATE FUNCTION reports_add_visits() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_sharedelta (share_id, member_id, day, visits)
    SELECT share.id, share.member_id, visit.day, count(*)
    FROM inserted AS visit JOIN sharing_share AS share ON share.id = visit.share_id
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_visited AFTER INSERT ON sharing_visit
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION reports_add_visits();

CREATE FUNCTION reports_add_new_member() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_sharedelta (share_id, member_id, day, new_members)
    SELECT id, member_id, reports_day_of(NEW.joined_at), 1
    FROM sharing_share WHERE id = NEW.share_id;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_brought_new AFTER INSERT ON sharing_visit
    FOR EACH ROW WHEN (NEW.is_new_member) EXECUTE FUNCTION reports_add_new_member();
CREATE TRIGGER reports_brought AFTER UPDATE OF is_new_member ON sharing_visit
    FOR EACH ROW WHEN (NEW.is_new_member AND NOT OLD.is_new_member)
    EXECUTE FUNCTION reports_add_new_member();

-- The figures of an order that came by a share, once it is paid.
CREATE FUNCTION reports_add_order_of_share(of_order bigint, paid_at timestamptz, sign int)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_sharedelta
        (share_id, member_id, day, orders, sales, commission, earned)
    SELECT share.id, share.member_id, reports_day_of(paid_at), sign,
        sign * coalesce((
            SELECT sum(greatest(0, paid - refunded_amount)) FROM orders_orderline
            WHERE order_id = of_order
        ), 0),
        sign * coalesce(sum(current), 0),
        sign * coalesce(sum(current) FILTER (WHERE commission.tier = came_by.tier), 0)
    FROM orders_ordershare AS came_by
    JOIN sharing_share AS share ON share.id = came_by.share_id
    LEFT JOIN orders_orderline AS line ON line.order_id = came_by.order_id
    LEFT JOIN commissions_commission AS commission
        ON commission.line_id = line.id AND commission.asset = 'cash'
    WHERE came_by.order_id = of_order
    GROUP BY share.id;
END $$;

CREATE FUNCTION reports_add_paid_order() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    PERFORM reports_add_order_of_share(placed.id, placed.paid_at, 1)
    FROM orders_order AS placed WHERE placed.id = NEW.order_id AND placed.paid_at IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_came_by_share AFTER INSERT ON orders_ordershare
    FOR EACH ROW EXECUTE FUNCTION reports_add_paid_order();

-- A person may correct the time of payment, as long as nothing is credited.
CREATE FUNCTION reports_move_paid_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.paid_at IS NOT NULL THEN
        PERFORM reports_add_order_of_share(NEW.id, OLD.paid_at, -1);
    END IF;
    IF NEW.paid_at IS NOT NULL THEN
        PERFORM reports_add_order_of_share(NEW.id, NEW.paid_at, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_paid AFTER UPDATE OF paid_at ON orders_order
    FOR EACH ROW WHEN (NEW.paid_at IS DISTINCT FROM OLD.paid_at)
    EXECUTE FUNCTION reports_move_paid_order();
