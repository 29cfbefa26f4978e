-- Whose rows of teams are to be computed again. Purchases are many and come one by one: their
-- conditions are checked before a function is called.
CREATE FUNCTION reports_mark_purchases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_teamchange (member_id, resized) VALUES (NEW.member_id, false);
    RETURN NULL;
END $$;
CREATE TRIGGER reports_bought AFTER INSERT ON distribution_purchasetotals
    FOR EACH ROW WHEN ((NEW.protected_orders, NEW.protected_spend) <> (0, 0))
    EXECUTE FUNCTION reports_mark_purchases();
CREATE TRIGGER reports_bought_again AFTER UPDATE ON distribution_purchasetotals
    FOR EACH ROW WHEN (
        (NEW.protected_orders, NEW.protected_spend) <> (OLD.protected_orders, OLD.protected_spend)
    )
    EXECUTE FUNCTION reports_mark_purchases();

CREATE FUNCTION reports_mark_bound() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_teamchange (member_id, resized)
    SELECT member_id, true FROM inserted
    UNION
    SELECT upline.member_id, true
    FROM inserted JOIN distribution_distributor AS upline ON upline.id = inserted.distributor_id;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_bound AFTER INSERT ON distribution_binding
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION reports_mark_bound();

CREATE FUNCTION reports_mark_unbound() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_teamchange (member_id, resized)
    WITH ended AS (
        SELECT member_id, distributor_id
        FROM after_change JOIN before_change USING (id, member_id, distributor_id)
        WHERE after_change.ended_at IS DISTINCT FROM before_change.ended_at
    )
    SELECT member_id, true FROM ended
    UNION
    SELECT upline.member_id, true
    FROM ended JOIN distribution_distributor AS upline ON upline.id = ended.distributor_id;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_unbound AFTER UPDATE ON distribution_binding
    REFERENCING OLD TABLE AS before_change NEW TABLE AS after_change
    FOR EACH STATEMENT EXECUTE FUNCTION reports_mark_unbound();

CREATE FUNCTION reports_mark_enrolled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_teamchange (member_id, resized) SELECT member_id, true FROM inserted;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_enrolled AFTER INSERT ON distribution_distributor
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION reports_mark_enrolled();
