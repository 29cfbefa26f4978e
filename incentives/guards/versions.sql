ALTER TABLE incentives_version ADD CONSTRAINT version_four_eyes
    CHECK (published_by_id IS NULL OR NOT published_by_id = ANY (editors));

-- An editor is one of the two people, too.
CREATE FUNCTION incentives_refuse_early_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM members_user
    WHERE id = ANY (NEW.editors || NEW.published_by_id) AND may_review_from > statement_timestamp();
    IF FOUND THEN
        RAISE EXCEPTION 'an account that has just changed does not edit or publish an incentive'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'review_too_early';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER no_early_publication BEFORE INSERT OR UPDATE OF published_by_id ON incentives_version
    FOR EACH ROW WHEN (NEW.published_by_id IS NOT NULL)
    EXECUTE FUNCTION incentives_refuse_early_publication();

-- Awards and progress of an incentive are unique by member and period: what is counted, and over
-- which span, is the same in all its versions. A campaign is one period with one version.
CREATE FUNCTION incentives_refuse_other_metric() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM incentives_version
    WHERE incentive_id = NEW.incentive_id AND id <> NEW.id AND status = 'published'
        AND (period = 'campaign' OR (metric, period) IS DISTINCT FROM (NEW.metric, NEW.period));
    IF FOUND THEN
        RAISE EXCEPTION 'the versions of an incentive count the same over the same span'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'version_counts_the_same';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_other_metric BEFORE INSERT OR UPDATE OF status ON incentives_version
    FOR EACH ROW WHEN (NEW.status = 'published')
    EXECUTE FUNCTION incentives_refuse_other_metric();

-- Locks the version, so that no reward is added while it is being handed over or published.
CREATE FUNCTION incentives_refuse_reward_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE version incentives_version;
BEGIN
    FOR version IN
        SELECT * FROM incentives_version
        WHERE id IN (OLD.version_id, NEW.version_id) ORDER BY id FOR NO KEY UPDATE
    LOOP
        IF version.status <> 'draft' THEN
            RAISE EXCEPTION 'the rewards of a version change only while it is a draft'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'version_rewards_fixed';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER fixed_rewards BEFORE INSERT OR UPDATE OR DELETE ON incentives_reward
    FOR EACH ROW EXECUTE FUNCTION incentives_refuse_reward_change();
