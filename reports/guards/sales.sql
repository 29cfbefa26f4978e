-- What a paid order brings is added to reports_salesdelta, line by line, by the statement that
-- changes it, whoever sends it. Commissions are added by the functions of deltas.sql, which know
-- the differences. What lines are grouped by never changes once the order is paid: the fold reads
-- it. enable_seqscan: a session caches the plans, perhaps of empty tables.
CREATE FUNCTION reports_province_of(place text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN left(place, 3) = ANY ('{内蒙古,黑龙江}') THEN left(place, 3)
        WHEN left(place, 2) = ANY ('{北京,天津,上海,重庆,河北,山西,辽宁,吉林,江苏,浙江,安徽,福建,江西,山东,河南,湖北,湖南,广东,广西,海南,四川,贵州,云南,西藏,陕西,甘肃,青海,宁夏,新疆,台湾,香港,澳门}')
            THEN left(place, 2)
        ELSE ''
    END
$$;

CREATE FUNCTION reports_note_provinces() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_orderprovince (order_id, province)
    SELECT placed.id, reports_province_of(buyer.province)
    FROM inserted AS placed JOIN members_member AS buyer ON buyer.id = placed.buyer_id
    WHERE reports_province_of(placed.region) = '' AND reports_province_of(buyer.province) <> '';
    RETURN NULL;
END $$;
CREATE TRIGGER reports_placed AFTER INSERT ON orders_order
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION reports_note_provinces();

CREATE FUNCTION reports_add_sold_lines() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_salesdelta
        (line_id, day, orders, quantity, returned_quantity, sales, returned)
    SELECT line.id, reports_day_of(placed.paid_at), 1, quantity,
        least(quantity, refunded_quantity), greatest(0, paid - refunded_amount),
        least(paid, refunded_amount)
    FROM inserted AS line JOIN orders_order AS placed ON placed.id = line.order_id
    WHERE placed.paid_at IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_sold AFTER INSERT ON orders_orderline
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION reports_add_sold_lines();

CREATE FUNCTION reports_add_returned_goods() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_salesdelta (line_id, day, returned_quantity, sales, returned)
    SELECT line.id, reports_day_of(placed.paid_at),
        least(line.quantity, line.refunded_quantity)
            - least(earlier.quantity, earlier.refunded_quantity),
        greatest(0, line.paid - line.refunded_amount)
            - greatest(0, earlier.paid - earlier.refunded_amount),
        least(line.paid, line.refunded_amount) - least(earlier.paid, earlier.refunded_amount)
    FROM after_change AS line
    JOIN before_change AS earlier ON earlier.id = line.id
    JOIN orders_order AS placed ON placed.id = line.order_id
    WHERE placed.paid_at IS NOT NULL AND (line.refunded_quantity, line.refunded_amount)
        <> (earlier.refunded_quantity, earlier.refunded_amount);
    RETURN NULL;
END $$;
CREATE TRIGGER reports_returned AFTER UPDATE ON orders_orderline
    REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change
    FOR EACH STATEMENT EXECUTE FUNCTION reports_add_returned_goods();

-- An order is paid after it was placed, or a person corrects the time of its payment.
CREATE FUNCTION reports_move_sales() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_salesdelta (line_id, day, orders, quantity, returned_quantity, sales,
        returned, commission1, commission2)
    SELECT line.id, reports_day_of(side.moment), sign, sign * quantity,
        sign * least(quantity, refunded_quantity), sign * greatest(0, paid - refunded_amount),
        sign * least(paid, refunded_amount), sign * coalesce(earned.tier1, 0),
        sign * coalesce(earned.tier2, 0)
    FROM orders_orderline AS line
    CROSS JOIN LATERAL (
        SELECT sum(current) FILTER (WHERE tier = 1) AS tier1,
            sum(current) FILTER (WHERE tier = 2) AS tier2
        FROM commissions_commission WHERE line_id = line.id AND asset = 'cash'
    ) AS earned
    CROSS JOIN (VALUES (OLD.paid_at, -1), (NEW.paid_at, 1)) AS side (moment, sign)
    WHERE line.order_id = NEW.id AND side.moment IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_sold_later AFTER UPDATE OF paid_at ON orders_order
    FOR EACH ROW WHEN (NEW.paid_at IS DISTINCT FROM OLD.paid_at)
    EXECUTE FUNCTION reports_move_sales();
