-- Each statement has a fresh snapshot: after a lock it reads what the previous holder committed.
CREATE FUNCTION distribution_guard_binding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM members_member WHERE id = NEW.member_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM members_member WHERE id = NEW.member_id AND merged_into_id IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'member % was merged into another one', NEW.member_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_member_not_merged';
    END IF;
    -- An exit locks this row: either the exit sees the new binding, or the binding sees the exit.
    PERFORM FROM distribution_distributor WHERE id = NEW.distributor_id FOR SHARE;
    IF NOT EXISTS (
        SELECT FROM distribution_distributor
        WHERE id = NEW.distributor_id AND status <> 'exited'
    ) OR NOT EXISTS (
        SELECT FROM distribution_distributorperiod
        WHERE distributor_id = NEW.distributor_id AND status = 'active'
            AND started_at <= NEW.started_at AND (ended_at IS NULL OR ended_at > NEW.started_at)
    ) THEN
        RAISE EXCEPTION 'an upline is an active distributor'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_upline_active';
    END IF;
    -- Only a member who is a distributor has a team and can close a circle.
    IF NOT EXISTS (SELECT FROM distribution_distributor WHERE member_id = NEW.member_id) THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('distribution.circle', 0));
    -- An expired binding without a recorded end still counts: a late order may renew it. One to an
    -- upline who has exited ends with the exit, whether or not its end is recorded yet.
    IF EXISTS (
        WITH RECURSIVE upwards (member_id) AS (
            SELECT member_id FROM distribution_distributor WHERE id = NEW.distributor_id
            UNION
            SELECT distributor.member_id
            FROM upwards
            JOIN distribution_binding AS binding ON binding.member_id = upwards.member_id
                AND coalesce(binding.ended_at, (
                    SELECT greatest(binding.started_at, least(binding.expires_at, exit.started_at))
                    FROM distribution_distributorperiod AS exit
                    WHERE exit.distributor_id = binding.distributor_id AND exit.status = 'exited'
                ), 'infinity') > NEW.started_at
                -- A late binding that has already ended overlaps only those started before its end.
                AND (NEW.ended_at IS NULL OR binding.started_at < NEW.ended_at)
            JOIN distribution_distributor AS distributor ON distributor.id = binding.distributor_id
        )
        SELECT FROM upwards WHERE member_id = NEW.member_id
    ) THEN
        RAISE EXCEPTION 'a member cannot be in their own upline'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_closes_no_circle';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_binding BEFORE INSERT ON distribution_binding
    FOR EACH ROW EXECUTE FUNCTION distribution_guard_binding();

-- Verifies the end reason of a binding.
CREATE FUNCTION distribution_guard_end_reason() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.end_reason IN ('upline_exit', 'member_exit') AND NOT EXISTS (
        SELECT FROM distribution_distributor AS distributor
        JOIN distribution_distributorperiod AS period ON period.distributor_id = distributor.id
        WHERE distributor.status = 'exited' AND period.status = 'exited'
            AND period.started_at <= NEW.ended_at
            AND CASE NEW.end_reason
                WHEN 'upline_exit' THEN distributor.id = NEW.distributor_id
                ELSE distributor.member_id = NEW.member_id
            END
    ) THEN
        RAISE EXCEPTION 'nobody has exited'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_exit_proven';
    END IF;
    -- Only a binding that is inserted with its end is superseded.
    IF NEW.end_reason = 'superseded' AND NOT (TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM distribution_binding
        WHERE member_id = NEW.member_id AND started_at = NEW.ended_at
    )) THEN
        RAISE EXCEPTION 'no later binding starts at this end'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_superseded_by_later_one';
    END IF;
    IF NEW.end_reason = 'merged' AND NOT EXISTS (
        SELECT FROM members_member
        WHERE merged_into_id IS NOT NULL AND (id = NEW.member_id OR id = (
            SELECT member_id FROM distribution_distributor WHERE id = NEW.distributor_id
        ))
    ) THEN
        RAISE EXCEPTION 'neither side was merged'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_merge_proven';
    END IF;
    IF NEW.end_reason = 'poached' AND NOT EXISTS (
        SELECT FROM distribution_policy AS policy
        LEFT JOIN distribution_purchasetotals AS totals ON totals.member_id = NEW.member_id
        -- Hours, because the length of an interval's day depends on the session's time zone.
        WHERE greatest(NEW.started_at, totals.last_order_at)
            + make_interval(hours => 24 * policy.poach_after_days) <= NEW.ended_at
    ) THEN
        RAISE EXCEPTION 'only an idle upline may be poached, and only if the policy allows it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_poached_when_idle';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_end_reason BEFORE INSERT OR UPDATE ON distribution_binding
    FOR EACH ROW
    WHEN (NEW.end_reason IN ('upline_exit', 'member_exit', 'superseded', 'poached', 'merged'))
    EXECUTE FUNCTION distribution_guard_end_reason();

-- Checked at commit, because the old binding ends before the new one starts.
CREATE FUNCTION distribution_guard_poached() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM distribution_binding
        WHERE member_id = NEW.member_id AND distributor_id <> NEW.distributor_id
            AND started_at = NEW.ended_at
    ) THEN
        RAISE EXCEPTION 'no other binding starts at this end'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_poached_by_another';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER poached_by_another AFTER INSERT OR UPDATE ON distribution_binding
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.end_reason = 'poached') EXECUTE FUNCTION distribution_guard_poached();
