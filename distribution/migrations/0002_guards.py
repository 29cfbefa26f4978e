"""What the database itself refuses of relations, whoever asks.

* An upline is an active distributor at the moment of binding, and never below its own member.
* A binding changes in its expiry and its end only, and an ended one not at all.
* Why a binding has ended is true: who exited has exited, who poached may have and has.
* Referrals are for good; spells only end, once; nobody comes back from an exit.
"""

from django.db import migrations

from common.only_one import insert_row

FORWARD = """
-- Runs statement by statement, each with a fresh snapshot: what it reads after a lock is what those
-- who held the lock before have committed.
CREATE FUNCTION distribution_guard_binding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM members_member WHERE id = NEW.member_id FOR NO KEY UPDATE;
    -- Whoever exits holds this row: either they find the new binding, or it finds the exit.
    PERFORM FROM distribution_distributor WHERE id = NEW.distributor_id FOR SHARE;
    IF NOT EXISTS (
        SELECT FROM distribution_distributor
        WHERE id = NEW.distributor_id AND status <> 'exited'
    ) OR NOT EXISTS (
        SELECT FROM distribution_spell
        WHERE distributor_id = NEW.distributor_id AND status = 'active'
            AND started_at <= NEW.started_at AND (ended_at IS NULL OR ended_at > NEW.started_at)
    ) THEN
        RAISE EXCEPTION 'an upline is an active distributor'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_upline_active';
    END IF;
    -- Only a distributor has people below: nobody else can close a circle.
    IF NOT EXISTS (SELECT FROM distribution_distributor WHERE member_id = NEW.member_id) THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('distribution.circle', 0));
    -- What has run out but is not written down as ended still counts: a late order may renew it.
    IF EXISTS (
        WITH RECURSIVE upwards (member_id) AS (
            SELECT member_id FROM distribution_distributor WHERE id = NEW.distributor_id
            UNION
            SELECT distributor.member_id
            FROM upwards
            JOIN distribution_binding AS binding ON binding.member_id = upwards.member_id
                AND (ended_at IS NULL OR ended_at > NEW.started_at)
                -- What is told late and has ended already meets only what began before its end.
                AND (NEW.ended_at IS NULL OR started_at < NEW.ended_at)
            JOIN distribution_distributor AS distributor ON distributor.id = binding.distributor_id
        )
        SELECT FROM upwards WHERE member_id = NEW.member_id
    ) THEN
        RAISE EXCEPTION 'nobody is above themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_closes_no_circle';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT ON distribution_binding
    FOR EACH ROW EXECUTE FUNCTION distribution_guard_binding();

CREATE FUNCTION distribution_guard_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an ended binding does not change'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_ended_for_good';
END $$;
CREATE TRIGGER ended_for_good BEFORE UPDATE ON distribution_binding
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION distribution_guard_ended();
-- Why a binding ends is nobody's mere word.
CREATE FUNCTION distribution_guard_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.end_reason IN ('upline_exit', 'member_exit') AND NOT EXISTS (
        SELECT FROM distribution_distributor AS gone
        JOIN distribution_spell AS spell ON spell.distributor_id = gone.id
        WHERE gone.status = 'exited' AND spell.status = 'exited'
            AND spell.started_at <= NEW.ended_at
            AND CASE NEW.end_reason
                WHEN 'upline_exit' THEN gone.id = NEW.distributor_id
                ELSE gone.member_id = NEW.member_id
            END
    ) THEN
        RAISE EXCEPTION 'nobody has exited'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_ended_by_an_exit';
    END IF;
    -- Who runs is ended otherwise: an upline is overtaken from the first, or never.
    IF NEW.end_reason = 'overtaken' AND NOT (TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM distribution_binding
        WHERE member_id = NEW.member_id AND started_at = NEW.ended_at
    )) THEN
        RAISE EXCEPTION 'no later binding was told first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_overtaken_by_a_later_one';
    END IF;
    IF NEW.end_reason = 'poached' AND NOT EXISTS (
        SELECT FROM distribution_policy AS policy
        LEFT JOIN distribution_standing AS standing ON standing.member_id = NEW.member_id
        -- Hours: a day of an interval is as long as the session's time zone makes it.
        WHERE greatest(NEW.started_at, standing.last_order_at)
            + make_interval(hours => 24 * policy.poach_after_days) <= NEW.ended_at
    ) THEN
        RAISE EXCEPTION 'only an idle upline is poached, where the policy allows it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_poached_when_idle';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER how_it_ends BEFORE INSERT OR UPDATE ON distribution_binding
    FOR EACH ROW WHEN (NEW.end_reason IN ('upline_exit', 'member_exit', 'overtaken', 'poached'))
    EXECUTE FUNCTION distribution_guard_end();

-- At the commit: the old binding ends before the new one can begin.
CREATE FUNCTION distribution_guard_poached() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM distribution_binding
        WHERE member_id = NEW.member_id AND distributor_id <> NEW.distributor_id
            AND started_at = NEW.ended_at
    ) THEN
        RAISE EXCEPTION 'nobody has poached'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_poached_by_another';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER poached_by_another AFTER INSERT OR UPDATE ON distribution_binding
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.end_reason = 'poached') EXECUTE FUNCTION distribution_guard_poached();

CREATE TRIGGER only_the_end BEFORE UPDATE OF
    id, public_id, member_id, distributor_id, source, evidence_kind, evidence_id, started_at
    ON distribution_binding FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON distribution_binding
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whoever binds a member locks the row too: nobody becomes a distributor, and so somebody's upline,
-- between the question whether they are one and the commit of their own binding.
CREATE FUNCTION distribution_lock_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM members_member WHERE id = NEW.member_id FOR NO KEY UPDATE;
    RETURN NEW;
END $$;
CREATE TRIGGER lock_member BEFORE INSERT ON distribution_distributor
    FOR EACH ROW EXECUTE FUNCTION distribution_lock_member();
CREATE TRIGGER same_member BEFORE UPDATE OF id, member_id ON distribution_distributor
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON distribution_distributor
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION distribution_guard_exited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an exit is final'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'distributor_exited_for_good';
END $$;
CREATE TRIGGER exited_for_good BEFORE UPDATE OF status ON distribution_distributor
    FOR EACH ROW WHEN (OLD.status = 'exited' AND NEW.status <> 'exited')
    EXECUTE FUNCTION distribution_guard_exited();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON distribution_referral
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER only_the_end BEFORE UPDATE OF
    id, distributor_id, status, level_id, segment_id, started_at
    ON distribution_spell FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON distribution_spell
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION distribution_guard_spell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an ended spell does not change'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'spell_ended_for_good';
END $$;
CREATE TRIGGER ended_for_good BEFORE UPDATE ON distribution_spell
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION distribution_guard_spell();
"""

BACKWARD = """
DROP TRIGGER ended_for_good ON distribution_spell;
DROP TRIGGER only_the_end ON distribution_spell;
DROP TRIGGER never_deleted ON distribution_spell;
DROP TRIGGER append_only ON distribution_referral;
DROP TRIGGER exited_for_good ON distribution_distributor;
DROP TRIGGER lock_member ON distribution_distributor;
DROP TRIGGER same_member ON distribution_distributor;
DROP TRIGGER never_deleted ON distribution_distributor;
DROP TRIGGER guard ON distribution_binding;
DROP TRIGGER ended_for_good ON distribution_binding;
DROP TRIGGER only_the_end ON distribution_binding;
DROP TRIGGER how_it_ends ON distribution_binding;
DROP TRIGGER poached_by_another ON distribution_binding;
DROP TRIGGER never_deleted ON distribution_binding;
DROP FUNCTION distribution_lock_member;
DROP FUNCTION distribution_guard_ended;
DROP FUNCTION distribution_guard_end;
DROP FUNCTION distribution_guard_poached;
DROP FUNCTION distribution_guard_exited;
DROP FUNCTION distribution_guard_spell;
DROP FUNCTION distribution_guard_binding;
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0001_initial"), ("events", "0002_append_only")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(insert_row("distribution", "Policy"), migrations.RunPython.noop),
    ]
