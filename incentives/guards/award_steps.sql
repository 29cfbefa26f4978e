-- What an award is for changes only when members are merged: its step names the friend who goes
-- on, and where both had an award of one step, the one that ends says so by its own key.
CREATE FUNCTION incentives_refuse_other_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ends CONSTANT text := ':other:' || OLD.id;
    friend CONSTANT bigint := substring(OLD.step FROM '^friend:(\d+):');
    renamed text;
BEGIN
    SELECT regexp_replace(OLD.step, '^friend:\d+', 'friend:' || merged_into_id) INTO renamed
    FROM members_member WHERE id = friend;
    IF NEW.step IN (OLD.step || ends, renamed, renamed || ends) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'award % stays with its step', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'award_stays_with_step';
END $$;
CREATE TRIGGER stays_with_step BEFORE UPDATE OF step ON incentives_award
    FOR EACH ROW WHEN (NEW.step <> OLD.step) EXECUTE FUNCTION incentives_refuse_other_step();

-- Checked at the commit: an award ends for another one only if that one is there.
CREATE FUNCTION incentives_check_other_award() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM incentives_award
    WHERE (incentive_id, member_id, period_start)
            = (NEW.incentive_id, NEW.member_id, NEW.period_start)
        AND step = regexp_replace(NEW.step, ':other:' || NEW.id || '$', '')
        AND id <> NEW.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no other award has the step of award %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'award_has_another';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER has_another AFTER UPDATE OF step ON incentives_award
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.step LIKE '%:other:%') EXECUTE FUNCTION incentives_check_other_award();
