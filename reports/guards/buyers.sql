-- Whose months are to be computed again: buyers of orders that are paid, and merged members.
CREATE FUNCTION reports_mark_buyers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_buyerchange (member_id)
    SELECT DISTINCT buyer_id FROM inserted WHERE paid_at IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_buyer_paid AFTER INSERT ON orders_order
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION reports_mark_buyers();

CREATE FUNCTION reports_mark_buyer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_buyerchange (member_id) VALUES (NEW.buyer_id);
    RETURN NULL;
END $$;
CREATE TRIGGER reports_buyer_paid_later AFTER UPDATE OF paid_at ON orders_order
    FOR EACH ROW WHEN (NEW.paid_at IS DISTINCT FROM OLD.paid_at)
    EXECUTE FUNCTION reports_mark_buyer();

CREATE FUNCTION reports_mark_merged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_buyerchange (member_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER reports_buyer_merged AFTER UPDATE OF merged_into_id ON members_member
    FOR EACH ROW WHEN (NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id)
    EXECUTE FUNCTION reports_mark_merged();
