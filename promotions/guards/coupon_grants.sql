-- Only a published coupon is given. The lock waits for who ends it at this moment.
CREATE FUNCTION promotions_check_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM promotions_coupon WHERE id = NEW.coupon_id FOR SHARE;
    IF NOT EXISTS (
        SELECT FROM promotions_coupon WHERE id = NEW.coupon_id AND status = 'published'
    ) THEN
        RAISE EXCEPTION 'coupon % is not published', NEW.coupon_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'coupon_grant_of_published';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_grant BEFORE INSERT ON promotions_coupongrant
    FOR EACH ROW EXECUTE FUNCTION promotions_check_grant();

-- A coupon goes to another member only when its owner is merged into that member.
CREATE FUNCTION promotions_check_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM members_member WHERE id = OLD.member_id AND merged_into_id = NEW.member_id
    ) THEN
        RAISE EXCEPTION 'coupon % stays with its member', OLD.public_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'coupon_grant_stays_with_member';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_owner BEFORE UPDATE OF member_id ON promotions_coupongrant
    FOR EACH ROW WHEN (NEW.member_id IS DISTINCT FROM OLD.member_id)
    EXECUTE FUNCTION promotions_check_owner();
