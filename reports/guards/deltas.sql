-- Every statement that changes a commission, or what is refunded of a line, adds what it changed to
-- reports_delta, whoever sends it, to reports_sharedelta if the order came by a share, and cash to
-- reports_salesdelta: see shares.sql and sales.sql. One INSERT each a statement: settlement changes
-- 20,000 rows at once.
-- enable_seqscan: a session caches the plans, perhaps of empty tables.
CREATE FUNCTION reports_day_of(moment timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (moment AT TIME ZONE 'Asia/Shanghai')::date
$$;

CREATE FUNCTION reports_add_new_commissions() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_delta (distributor_id, day, asset, orders, sales, team_orders, team_sales,
        income, team_income, returned, pending, protected, credited)
    SELECT earned.distributor_id, reports_day_of(placed.paid_at), earned.asset,
        count(DISTINCT placed.id) FILTER (WHERE tier = 1),
        coalesce(sum(greatest(0, line.paid - line.refunded_amount)) FILTER (WHERE tier = 1), 0),
        count(DISTINCT placed.id) FILTER (WHERE tier = 2),
        coalesce(sum(greatest(0, line.paid - line.refunded_amount)) FILTER (WHERE tier = 2), 0),
        coalesce(sum(current) FILTER (WHERE tier = 1), 0),
        coalesce(sum(current) FILTER (WHERE tier = 2), 0),
        coalesce(sum(least(line.paid, line.refunded_amount)) FILTER (WHERE tier = 1), 0),
        coalesce(sum(current) FILTER (WHERE earned.status = 'pending'), 0),
        coalesce(sum(current) FILTER (WHERE earned.status = 'protected'), 0),
        coalesce(sum(current) FILTER (WHERE earned.status = 'credited'), 0)
    FROM inserted AS earned
    JOIN orders_orderline AS line ON line.id = earned.line_id
    JOIN orders_order AS placed ON placed.id = line.order_id
    GROUP BY 1, 2, 3;

    INSERT INTO reports_sharedelta (share_id, member_id, day, commission, earned)
    SELECT share.id, share.member_id, reports_day_of(placed.paid_at), sum(current),
        coalesce(sum(current) FILTER (WHERE earned.tier = came_by.tier), 0)
    FROM inserted AS earned
    JOIN orders_orderline AS line ON line.id = earned.line_id
    JOIN orders_ordershare AS came_by ON came_by.order_id = line.order_id
    JOIN sharing_share AS share ON share.id = came_by.share_id
    JOIN orders_order AS placed ON placed.id = line.order_id
    WHERE earned.asset = 'cash'
    GROUP BY 1, 2, 3;

    INSERT INTO reports_salesdelta (line_id, day, commission1, commission2)
    SELECT earned.line_id, reports_day_of(placed.paid_at),
        coalesce(sum(current) FILTER (WHERE tier = 1), 0),
        coalesce(sum(current) FILTER (WHERE tier = 2), 0)
    FROM inserted AS earned
    JOIN orders_orderline AS line ON line.id = earned.line_id
    JOIN orders_order AS placed ON placed.id = line.order_id
    WHERE earned.asset = 'cash'
    GROUP BY 1, 2;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_inserted AFTER INSERT ON commissions_commission
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION reports_add_new_commissions();

CREATE FUNCTION reports_add_changed_commissions() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_delta (distributor_id, day, asset, orders, sales, team_orders, team_sales,
        income, team_income, returned, pending, protected, credited)
    SELECT distributor_id, NULL, asset, 0, 0, 0, 0, 0, 0, 0, pending, protected, credited
    FROM (
        SELECT distributor_id, asset,
            coalesce(sum(amount) FILTER (WHERE status = 'pending'), 0) AS pending,
            coalesce(sum(amount) FILTER (WHERE status = 'protected'), 0) AS protected,
            coalesce(sum(amount) FILTER (WHERE status = 'credited'), 0) AS credited
        FROM (
            SELECT distributor_id, asset, status, current AS amount FROM after_change
            UNION ALL SELECT distributor_id, asset, status, -current FROM before_change
        ) AS both_sides
        GROUP BY distributor_id, asset
    ) AS moved
    WHERE (pending, protected, credited) <> (0, 0, 0);

    WITH changed AS (
        SELECT line_id, tier, distributor_id, asset, sum(amount) AS amount
        FROM (
            SELECT line_id, tier, distributor_id, asset, current AS amount FROM after_change
            UNION ALL SELECT line_id, tier, distributor_id, asset, -current FROM before_change
        ) AS both_sides
        GROUP BY line_id, tier, distributor_id, asset
        HAVING sum(amount) <> 0
    ), of_shares AS (
        INSERT INTO reports_sharedelta (share_id, member_id, day, commission, earned)
        SELECT share.id, share.member_id, reports_day_of(placed.paid_at), sum(amount),
            coalesce(sum(amount) FILTER (WHERE changed.tier = came_by.tier), 0)
        FROM changed
        JOIN orders_orderline AS line ON line.id = line_id
        JOIN orders_ordershare AS came_by ON came_by.order_id = line.order_id
        JOIN sharing_share AS share ON share.id = came_by.share_id
        JOIN orders_order AS placed ON placed.id = line.order_id
        WHERE asset = 'cash'
        GROUP BY 1, 2, 3
    ), of_sales AS (
        INSERT INTO reports_salesdelta (line_id, day, commission1, commission2)
        SELECT line.id, reports_day_of(placed.paid_at),
            coalesce(sum(amount) FILTER (WHERE tier = 1), 0),
            coalesce(sum(amount) FILTER (WHERE tier = 2), 0)
        FROM changed
        JOIN orders_orderline AS line ON line.id = line_id
        JOIN orders_order AS placed ON placed.id = line.order_id
        WHERE asset = 'cash'
        GROUP BY 1, 2
    )
    INSERT INTO reports_delta (distributor_id, day, asset, orders, sales, team_orders, team_sales,
        income, team_income, returned, pending, protected, credited)
    SELECT distributor_id, reports_day_of(placed.paid_at), asset, 0, 0, 0, 0,
        coalesce(sum(amount) FILTER (WHERE tier = 1), 0),
        coalesce(sum(amount) FILTER (WHERE tier = 2), 0),
        0, 0, 0, 0
    FROM changed
    JOIN orders_orderline AS line ON line.id = line_id
    JOIN orders_order AS placed ON placed.id = line.order_id
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_updated AFTER UPDATE ON commissions_commission
    REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change
    FOR EACH STATEMENT EXECUTE FUNCTION reports_add_changed_commissions();

CREATE FUNCTION reports_add_refunded_lines() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    WITH changed AS (
        SELECT id, order_id, sum(amount) AS amount
        FROM (
            SELECT id, order_id, greatest(0, paid - refunded_amount) AS amount FROM after_change
            UNION ALL
            SELECT id, order_id, -greatest(0, paid - refunded_amount) FROM before_change
        ) AS both_sides
        GROUP BY id, order_id
        HAVING sum(amount) <> 0
    ), of_shares AS (
        INSERT INTO reports_sharedelta (share_id, member_id, day, sales)
        SELECT share.id, share.member_id, reports_day_of(placed.paid_at), sum(amount)
        FROM changed
        JOIN orders_ordershare AS came_by ON came_by.order_id = changed.order_id
        JOIN sharing_share AS share ON share.id = came_by.share_id
        JOIN orders_order AS placed ON placed.id = changed.order_id
        WHERE placed.paid_at IS NOT NULL
        GROUP BY 1, 2, 3
    )
    INSERT INTO reports_delta (distributor_id, day, asset, orders, sales, team_orders, team_sales,
        income, team_income, returned, pending, protected, credited)
    SELECT earned.distributor_id, reports_day_of(placed.paid_at), earned.asset, 0,
        coalesce(sum(amount) FILTER (WHERE earned.tier = 1), 0), 0,
        coalesce(sum(amount) FILTER (WHERE earned.tier = 2), 0), 0, 0,
        coalesce(-sum(amount) FILTER (WHERE earned.tier = 1), 0), 0, 0, 0
    FROM changed
    JOIN commissions_commission AS earned ON earned.line_id = changed.id
    JOIN orders_order AS placed ON placed.id = changed.order_id
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_refunded AFTER UPDATE ON orders_orderline
    REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change
    FOR EACH STATEMENT EXECUTE FUNCTION reports_add_refunded_lines();
