-- Binding a member locks the same row: no member becomes a distributor, and so an upline, between
-- the check whether they are one and the commit of their own binding.
CREATE FUNCTION distribution_lock_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM members_member WHERE id = NEW.member_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM members_member WHERE id = NEW.member_id AND merged_into_id IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'member % was merged into another one', NEW.member_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'distributor_member_not_merged';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lock_member BEFORE INSERT ON distribution_distributor
    FOR EACH ROW EXECUTE FUNCTION distribution_lock_member();
