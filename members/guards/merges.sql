-- A member is merged as two people agreed, and merges form no chain. No member of a staff user is merged:
-- the member of a staff user does not change, and reviews compare it with the rows that they are about.
CREATE FUNCTION members_check_merge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM members_member WHERE id = NEW.merged_into_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM members_member WHERE merged_into_id = NEW.id)
        OR EXISTS (
            SELECT FROM members_member WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL
        )
    THEN
        RAISE EXCEPTION 'a merge does not continue another one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'member_merge_no_chain';
    END IF;
    IF EXISTS (SELECT FROM members_user WHERE member_id IN (NEW.id, NEW.merged_into_id)) THEN
        RAISE EXCEPTION 'a member of a staff user is not merged'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'member_merge_no_staff';
    END IF;
    IF NOT EXISTS (
        SELECT FROM members_membermerge
        WHERE merged_id = NEW.id AND survivor_id = NEW.merged_into_id AND status = 'agreed'
    ) THEN
        RAISE EXCEPTION 'two people have to agree to a merge'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'member_merge_agreed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_merge BEFORE INSERT OR UPDATE OF merged_into_id ON members_member
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION members_check_merge();

-- Other rooms call it for rows that no merged member gets. The lock makes it wait for a merge.
CREATE FUNCTION members_refuse_merged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM members_member WHERE id = NEW.member_id FOR SHARE;
    IF EXISTS (
        SELECT FROM members_member WHERE id = NEW.member_id AND merged_into_id IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'member % was merged into another one', NEW.member_id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER member_not_merged BEFORE INSERT OR UPDATE OF member_id ON members_user
    FOR EACH ROW WHEN (NEW.member_id IS NOT NULL)
    EXECUTE FUNCTION members_refuse_merged('staff_member_not_merged');
