"""What the database itself refuses of relations, whoever asks.

* An upline is an active distributor at the moment of binding, and never below its own member.
* A binding changes in its expiry and its end only, and an ended one not at all.
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
DROP TRIGGER never_deleted ON distribution_binding;
DROP FUNCTION distribution_lock_member;
DROP FUNCTION distribution_guard_ended;
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
