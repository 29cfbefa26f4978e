"""What the database itself refuses of plans and commissions.

* A published plan and its rules never change; whoever has edited a plan does not publish it.
* A commission is paid to whom the order was attributed; together the tiers stay below the cap.
* What decided an amount never changes, and no commission is ever deleted.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE commissions_plan ADD CONSTRAINT plan_four_eyes
    CHECK (published_by_id IS NULL OR NOT published_by_id = ANY (editors));

CREATE FUNCTION commissions_keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published plan never changes'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_published_for_good';
END $$;
CREATE TRIGGER published_for_good BEFORE UPDATE OR DELETE ON commissions_plan
    FOR EACH ROW WHEN (OLD.status = 'published') EXECUTE FUNCTION commissions_keep_published();

CREATE FUNCTION commissions_keep_editors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'who has edited a plan stays among its editors'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_editors_stay';
END $$;
CREATE TRIGGER editors_stay BEFORE UPDATE ON commissions_plan
    FOR EACH ROW WHEN (NOT OLD.editors <@ NEW.editors) EXECUTE FUNCTION commissions_keep_editors();

-- The plan's row is locked, so that no rule slips in while it is being published.
CREATE FUNCTION commissions_keep_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE plan commissions_plan;
BEGIN
    FOR plan IN
        SELECT * FROM commissions_plan
        WHERE id IN (OLD.plan_id, NEW.plan_id) ORDER BY id FOR NO KEY UPDATE
    LOOP
        IF plan.status = 'published' THEN
            RAISE EXCEPTION 'a published plan never changes'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_published_for_good';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER published_for_good BEFORE INSERT OR UPDATE OR DELETE ON commissions_rule
    FOR EACH ROW EXECUTE FUNCTION commissions_keep_rules();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON commissions_rule
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Its plan is kept for a session, which may begin while the tables are empty: hence enable_seqscan.
CREATE FUNCTION commissions_within_law() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE wrong bigint;
BEGIN
    SELECT fresh.id INTO wrong
    FROM inserted AS fresh
    JOIN orders_orderline AS line ON line.id = fresh.line_id
    JOIN orders_attribution AS attribution ON attribution.order_id = line.order_id
    JOIN orders_order AS placed ON placed.id = line.order_id
    LEFT JOIN commissions_terms AS terms ON terms.order_id = line.order_id
    WHERE placed.paid_at IS NULL OR fresh.plan_id IS DISTINCT FROM terms.plan_id
        OR fresh.distributor_id IS DISTINCT FROM
            CASE fresh.tier WHEN 1 THEN attribution.tier1_id ELSE attribution.tier2_id END
        OR CASE fresh.tier WHEN 1 THEN attribution.tier1_status ELSE attribution.tier2_status END
            <> 'active'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'commission % is not for whom the order was attributed to', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commission_follows_attribution';
    END IF;
    SELECT line.id INTO wrong
    FROM (SELECT DISTINCT line_id FROM inserted WHERE asset <> 'points') AS touched
    JOIN orders_orderline AS line ON line.id = touched.line_id
    JOIN commissions_commission AS paid ON paid.line_id = line.id AND paid.asset <> 'points'
    JOIN commissions_plan AS plan ON plan.id = paid.plan_id
    GROUP BY line.id
    HAVING sum(paid.original) * 10000 > min(plan.cap) * min(line.paid)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the commissions of line % exceed the cap', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commission_within_the_cap';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER within_law AFTER INSERT ON commissions_commission
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_within_law();
CREATE FUNCTION commissions_keep_credited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a credited commission only falls'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'commission_credited_for_good';
END $$;
CREATE TRIGGER credited_for_good BEFORE UPDATE ON commissions_commission FOR EACH ROW WHEN (
    OLD.status = 'credited' AND (
        NEW.status <> 'credited' OR NEW.current > OLD.current
        OR NEW.settlement_id IS DISTINCT FROM OLD.settlement_id
    )
) EXECUTE FUNCTION commissions_keep_credited();
CREATE TRIGGER frozen BEFORE UPDATE OF
    id, line_id, tier, distributor_id, plan_id, asset, original, accrued_at
    ON commissions_commission FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON commissions_commission
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commissions_explanation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commissions_clawback
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commissions_settlement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER frozen BEFORE UPDATE OF order_id, plan_id ON commissions_terms
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION commissions_keep_accrued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an order accrues once'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'terms_accrued_once';
END $$;
CREATE TRIGGER accrued_once BEFORE UPDATE ON commissions_terms FOR EACH ROW WHEN (
    OLD.accrued_at IS NOT NULL AND NEW.accrued_at IS DISTINCT FROM OLD.accrued_at
) EXECUTE FUNCTION commissions_keep_accrued();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON commissions_terms
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Settlement updates the status in place: room in every page for the new version of a row.
ALTER TABLE commissions_commission SET (fillfactor = 70);
ALTER TABLE commissions_due SET (autovacuum_vacuum_scale_factor = 0.01);
"""

BACKWARD = """
DROP TRIGGER never_deleted ON commissions_terms;
DROP TRIGGER accrued_once ON commissions_terms;
DROP FUNCTION commissions_keep_accrued;
DROP TRIGGER frozen ON commissions_terms;
DROP TRIGGER append_only ON commissions_settlement;
DROP TRIGGER append_only ON commissions_clawback;
DROP TRIGGER append_only ON commissions_explanation;
DROP TRIGGER never_deleted ON commissions_commission;
DROP TRIGGER frozen ON commissions_commission;
DROP TRIGGER credited_for_good ON commissions_commission;
DROP FUNCTION commissions_keep_credited;
DROP TRIGGER within_law ON commissions_commission;
DROP FUNCTION commissions_within_law;
DROP TRIGGER never_emptied ON commissions_rule;
DROP TRIGGER published_for_good ON commissions_rule;
DROP FUNCTION commissions_keep_rules;
DROP TRIGGER editors_stay ON commissions_plan;
DROP FUNCTION commissions_keep_editors;
DROP TRIGGER published_for_good ON commissions_plan;
DROP FUNCTION commissions_keep_published;
ALTER TABLE commissions_plan DROP CONSTRAINT plan_four_eyes;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0001_initial"), ("events", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
