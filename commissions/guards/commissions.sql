-- enable_seqscan = off: a session caches the plan, perhaps of empty tables, where a scan looks cheap.
CREATE FUNCTION commissions_check_invariants() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE invalid bigint;
BEGIN
    SELECT fresh.id INTO invalid
    FROM inserted AS fresh
    JOIN orders_orderline AS line ON line.id = fresh.line_id
    JOIN orders_attribution AS attribution ON attribution.order_id = line.order_id
    JOIN orders_order AS placed ON placed.id = line.order_id
    LEFT JOIN commissions_ordercommissionterms AS terms ON terms.order_id = line.order_id
    WHERE placed.paid_at IS NULL OR fresh.plan_id IS DISTINCT FROM terms.plan_id
        OR fresh.distributor_id IS DISTINCT FROM
            CASE fresh.tier WHEN 1 THEN attribution.tier1_id ELSE attribution.tier2_id END
        OR CASE fresh.tier WHEN 1 THEN attribution.tier1_status ELSE attribution.tier2_status END
            <> 'active'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'commission % does not match the attribution of its order', invalid
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commission_follows_attribution';
    END IF;
    SELECT line.id INTO invalid
    FROM (SELECT DISTINCT line_id FROM inserted WHERE asset <> 'points') AS touched
    JOIN orders_orderline AS line ON line.id = touched.line_id
    JOIN commissions_commission AS paid ON paid.line_id = line.id AND paid.asset <> 'points'
    JOIN commissions_plan AS plan ON plan.id = paid.plan_id
    GROUP BY line.id
    HAVING sum(paid.original) * 10000 > min(plan.cap) * min(line.paid)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the commissions of line % exceed the cap', invalid
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commission_within_cap';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_invariants AFTER INSERT ON commissions_commission
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_check_invariants();
