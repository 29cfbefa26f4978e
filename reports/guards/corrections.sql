-- A person may correct the day of payment while nothing is credited: the figures of the order's
-- distributors move with it. What the commissions are now has no day.
CREATE FUNCTION reports_move_order() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_delta (distributor_id, day, asset, orders, sales, team_orders, team_sales,
        income, team_income, returned, pending, protected, credited)
    SELECT earned.distributor_id, reports_day_of(side.moment), earned.asset,
        side.sign * max((tier = 1)::int),
        side.sign * coalesce(
            sum(greatest(0, line.paid - line.refunded_amount)) FILTER (WHERE tier = 1), 0),
        side.sign * max((tier = 2)::int),
        side.sign * coalesce(
            sum(greatest(0, line.paid - line.refunded_amount)) FILTER (WHERE tier = 2), 0),
        side.sign * coalesce(sum(current) FILTER (WHERE tier = 1), 0),
        side.sign * coalesce(sum(current) FILTER (WHERE tier = 2), 0),
        side.sign * coalesce(
            sum(least(line.paid, line.refunded_amount)) FILTER (WHERE tier = 1), 0),
        0, 0, 0
    FROM orders_orderline AS line
    JOIN commissions_commission AS earned ON earned.line_id = line.id
    CROSS JOIN (VALUES (OLD.paid_at, -1), (NEW.paid_at, 1)) AS side (moment, sign)
    WHERE line.order_id = NEW.id
    GROUP BY earned.distributor_id, side.moment, side.sign, earned.asset;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_corrected AFTER UPDATE OF paid_at ON orders_order
    FOR EACH ROW WHEN (OLD.paid_at IS NOT NULL AND NEW.paid_at IS DISTINCT FROM OLD.paid_at)
    EXECUTE FUNCTION reports_move_order();
