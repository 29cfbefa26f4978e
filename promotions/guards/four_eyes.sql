ALTER TABLE promotions_coupon ADD CONSTRAINT coupon_four_eyes
    CHECK (published_by_id IS NULL OR NOT published_by_id = ANY (editors));

-- An editor is one of the two people, too.
CREATE FUNCTION promotions_refuse_early_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM members_user
    WHERE id = ANY (NEW.editors || NEW.published_by_id) AND may_review_from > statement_timestamp();
    IF FOUND THEN
        RAISE EXCEPTION 'an account that has just changed does not write or publish a coupon'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'review_too_early';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER no_early_publication BEFORE INSERT OR UPDATE OF published_by_id ON promotions_coupon
    FOR EACH ROW WHEN (NEW.published_by_id IS NOT NULL)
    EXECUTE FUNCTION promotions_refuse_early_publication();
