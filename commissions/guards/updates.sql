-- Log which commissions a statement created or changed. The log is read in the order of its times,
-- so the time is taken after the INSERT has locked the table: see commissions/updates.py.
CREATE FUNCTION commissions_log_commissions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO commissions_commissionupdate (at, created, commission_ids)
    SELECT clock_timestamp(), TG_OP = 'INSERT', array_agg(id) FROM changed HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER log_created AFTER INSERT ON commissions_commission
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_log_commissions();
CREATE TRIGGER log_changed AFTER UPDATE ON commissions_commission
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_log_commissions();

CREATE FUNCTION commissions_log_their_commissions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO commissions_commissionupdate (at, commission_ids)
    SELECT clock_timestamp(), array_agg(DISTINCT commission_id) FROM changed HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER log_held AFTER INSERT ON commissions_commissionhold
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_log_their_commissions();
CREATE TRIGGER log_released AFTER DELETE ON commissions_commissionhold
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_log_their_commissions();
CREATE TRIGGER log_created AFTER INSERT ON commissions_commissionchange
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_log_their_commissions();
CREATE TRIGGER log_credited AFTER UPDATE ON commissions_commissionchange
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_log_their_commissions();
