-- A person may not review or sign for 24 hours after their account, link, rights or address changed.

-- The verbs of members/rights.py set the moment of the change; without them it is now.
CREATE FUNCTION members_review_wait_end() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        nullif(current_setting('twotier.rights_changed_at', true), '')::timestamptz,
        statement_timestamp()
    ) + interval '24 hours'
$$;

CREATE FUNCTION members_keep_review_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A stale row that is saved whole does not shorten the wait.
    NEW.may_review_from := greatest(NEW.may_review_from, OLD.may_review_from);
    IF NEW.member_id IS DISTINCT FROM OLD.member_id
        OR NEW.email <> OLD.email
        OR NEW.is_active AND NOT OLD.is_active
        OR NEW.is_staff AND NOT OLD.is_staff
        OR NEW.is_superuser AND NOT OLD.is_superuser
    THEN
        NEW.may_review_from := greatest(NEW.may_review_from, members_review_wait_end());
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_wait BEFORE UPDATE ON members_user FOR EACH ROW
    EXECUTE FUNCTION members_keep_review_wait();

CREATE FUNCTION members_restart_review_wait_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE members_user SET may_review_from = members_review_wait_end()
    WHERE id = NEW.user_id AND may_review_from < members_review_wait_end();
    RETURN NULL;
END $$;
CREATE TRIGGER review_wait AFTER INSERT OR UPDATE ON members_user_groups FOR EACH ROW
    EXECUTE FUNCTION members_restart_review_wait_of_user();
CREATE TRIGGER review_wait AFTER INSERT OR UPDATE ON members_user_user_permissions FOR EACH ROW
    EXECUTE FUNCTION members_restart_review_wait_of_user();

CREATE FUNCTION members_restart_review_wait_of_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE members_user SET may_review_from = members_review_wait_end()
    WHERE id IN (SELECT user_id FROM members_user_groups WHERE group_id = NEW.group_id)
        AND may_review_from < members_review_wait_end();
    RETURN NULL;
END $$;
CREATE TRIGGER review_wait AFTER INSERT OR UPDATE ON auth_group_permissions FOR EACH ROW
    EXECUTE FUNCTION members_restart_review_wait_of_group();

-- Arguments: the columns of accounts that review or sign. common/guards.py installs it.
CREATE FUNCTION refuse_early_review() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    after_change CONSTANT jsonb := to_jsonb(NEW);
    before_change jsonb := '{}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before_change := to_jsonb(OLD);
    END IF;
    PERFORM FROM unnest(TG_ARGV) AS account (name)
    JOIN members_user ON members_user.id = (after_change ->> account.name)::bigint
    WHERE after_change -> account.name IS DISTINCT FROM before_change -> account.name
        AND members_user.may_review_from > statement_timestamp();
    IF FOUND THEN
        RAISE EXCEPTION 'an account that has just changed does not review or sign'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'review_too_early';
    END IF;
    RETURN NEW;
END $$;
