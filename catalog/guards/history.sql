-- clock_timestamp(), not now(): a transaction that waited for the tree lock changes the tree later than
-- it began.
CREATE FUNCTION catalog_record_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_cataloghistory (kind, row_id, value, valid_until)
    VALUES (TG_ARGV[0], OLD.id, (to_jsonb(OLD) ->> TG_ARGV[1])::bigint, clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER record_history AFTER UPDATE OF category_id ON catalog_product FOR EACH ROW
    WHEN (OLD.category_id IS DISTINCT FROM NEW.category_id)
    EXECUTE FUNCTION catalog_record_history('product', 'category_id');
CREATE TRIGGER record_history AFTER UPDATE OF parent_id ON catalog_category FOR EACH ROW
    WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id)
    EXECUTE FUNCTION catalog_record_history('category', 'parent_id');
CREATE TRIGGER record_history AFTER UPDATE OF cost ON catalog_sku FOR EACH ROW
    WHEN (OLD.cost IS DISTINCT FROM NEW.cost)
    EXECUTE FUNCTION catalog_record_history('sku', 'cost');
