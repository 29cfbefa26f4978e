-- A close is not confirmed by those who published its incentive, nor by those whom it pays.
CREATE FUNCTION incentives_refuse_own_confirmation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE own_member bigint;
BEGIN
    SELECT member_id INTO own_member FROM members_user WHERE id = NEW.confirmed_by_id;
    PERFORM FROM incentives_version AS version
    JOIN members_user AS publisher ON publisher.id = version.published_by_id
    WHERE version.incentive_id = NEW.incentive_id
        AND (publisher.id = NEW.confirmed_by_id OR publisher.member_id = own_member);
    IF FOUND THEN
        RAISE EXCEPTION 'the publisher of an incentive does not confirm its awards'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closing_four_eyes';
    END IF;
    PERFORM FROM incentives_award AS award
    JOIN members_member AS winner ON winner.id = award.member_id
    WHERE award.incentive_id = NEW.incentive_id AND award.period_start = NEW.period_start
        AND own_member IN (winner.id, winner.merged_into_id);
    IF FOUND THEN
        RAISE EXCEPTION 'a winner does not confirm the own award'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closing_own_award';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER own_confirmation BEFORE INSERT OR UPDATE ON incentives_periodclosing
    FOR EACH ROW WHEN (NEW.confirmed_by_id IS NOT NULL)
    EXECUTE FUNCTION incentives_refuse_own_confirmation();

-- A team pool says what its awards come to.
CREATE FUNCTION incentives_refuse_other_pool() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM incentives_periodclosing AS closing
    WHERE closing.id = NEW.closing_id AND NEW.paid = (
        SELECT coalesce(sum(award.target), 0) FROM incentives_award AS award
        WHERE award.incentive_id = closing.incentive_id
            AND award.period_start = closing.period_start
    );
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the awards of a pool add up to another sum'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'team_pool_matches_awards';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pool_matches_awards BEFORE INSERT ON incentives_teampool
    FOR EACH ROW EXECUTE FUNCTION incentives_refuse_other_pool();
