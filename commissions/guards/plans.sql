ALTER TABLE commissions_plan ADD CONSTRAINT plan_four_eyes
    CHECK (published_by_id IS NULL OR NOT published_by_id = ANY (editors));

-- Locks the plan, so that no rule is added while it is being published.
CREATE FUNCTION commissions_reject_published_rule_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE plan commissions_plan;
BEGIN
    FOR plan IN
        SELECT * FROM commissions_plan
        WHERE id IN (OLD.plan_id, NEW.plan_id) ORDER BY id FOR NO KEY UPDATE
    LOOP
        IF plan.status = 'published' THEN
            RAISE EXCEPTION 'a published plan is immutable'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_published_immutable';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER published_immutable BEFORE INSERT OR UPDATE OR DELETE ON commissions_rule
    FOR EACH ROW EXECUTE FUNCTION commissions_reject_published_rule_change();
