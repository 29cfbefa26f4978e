ALTER TABLE commissions_plan ADD CONSTRAINT plan_four_eyes
    CHECK (published_by_id IS NULL OR NOT published_by_id = ANY (editors));

-- Whoever has edited a plan is one of its two people, too.
CREATE FUNCTION commissions_refuse_early_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM members_user
    WHERE id = ANY (NEW.editors || NEW.published_by_id) AND may_review_from > statement_timestamp();
    IF FOUND THEN
        RAISE EXCEPTION 'an account that has just changed does not edit or publish a plan'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'review_too_early';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER no_early_publication BEFORE INSERT OR UPDATE OF published_by_id ON commissions_plan
    FOR EACH ROW WHEN (NEW.published_by_id IS NOT NULL)
    EXECUTE FUNCTION commissions_refuse_early_publication();

-- Locks the plan, so that no rule is added while it is being handed over or published.
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
        IF plan.status = 'submitted' THEN
            RAISE EXCEPTION 'a plan that was handed over is fixed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_submitted_fixed';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER published_immutable BEFORE INSERT OR UPDATE OR DELETE ON commissions_rule
    FOR EACH ROW EXECUTE FUNCTION commissions_reject_published_rule_change();
