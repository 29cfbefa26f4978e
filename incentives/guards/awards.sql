-- An award stays with its member; when members are merged, it goes to the survivor.
CREATE FUNCTION incentives_refuse_other_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM members_member
        WHERE id = OLD.member_id AND merged_into_id = NEW.member_id
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'award % stays with its member', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'award_stays_with_member';
END $$;
CREATE TRIGGER stays_with_member BEFORE UPDATE ON incentives_award
    FOR EACH ROW WHEN (NEW.member_id <> OLD.member_id)
    EXECUTE FUNCTION incentives_refuse_other_member();

-- Checked at the commit: what was given is the sum of the moves, and they are numbered from 1.
CREATE FUNCTION incentives_check_posted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE award incentives_award; moved numeric; moves bigint;
BEGIN
    IF TG_TABLE_NAME = 'incentives_award' THEN
        SELECT * INTO award FROM incentives_award WHERE id = NEW.id;
    ELSE
        SELECT * INTO award FROM incentives_award WHERE id = NEW.award_id;
    END IF;
    SELECT coalesce(sum(change), 0), coalesce(max(number), 0) INTO moved, moves
    FROM incentives_awardposting WHERE award_id = award.id;
    IF award.posted <> moved OR award.moves <> moves THEN
        RAISE EXCEPTION 'award % was given %, but its moves add up to %',
            award.id, award.posted, moved
            USING ERRCODE = 'check_violation', CONSTRAINT = 'award_posted_is_sum_of_moves';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER posted_is_sum AFTER INSERT OR UPDATE OF posted, moves ON incentives_award
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION incentives_check_posted();
CREATE CONSTRAINT TRIGGER posted_is_sum AFTER INSERT ON incentives_awardposting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION incentives_check_posted();
