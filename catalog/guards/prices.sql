-- Ends the asked prices that hold no longer, and begins those that hold now, of these SKUs.
-- clock_timestamp(), not now(): see history.sql.
CREATE FUNCTION catalog_ask_prices(keys bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog_askedprice AS asked SET until = clock_timestamp()
    WHERE asked.sku_id = ANY (keys) AND asked.until IS NULL AND NOT EXISTS (
        SELECT FROM catalog_sku AS sku JOIN catalog_product AS product ON product.id = sku.product_id
        WHERE sku.id = asked.sku_id AND sku.price = asked.price AND product.status = 'on_sale'
    );
    INSERT INTO catalog_askedprice (sku_id, price, since)
    SELECT sku.id, sku.price, clock_timestamp()
    FROM catalog_sku AS sku JOIN catalog_product AS product ON product.id = sku.product_id
    WHERE sku.id = ANY (keys) AND product.status = 'on_sale' AND NOT EXISTS (
        SELECT FROM catalog_askedprice AS asked WHERE asked.sku_id = sku.id AND asked.until IS NULL
    );
END $$;

-- The lock makes a change of the price and one of the sale wait for each other.
CREATE FUNCTION catalog_ask_price_of_sku() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM catalog_product WHERE id = NEW.product_id FOR SHARE;
    PERFORM catalog_ask_prices(ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER ask_price AFTER INSERT ON catalog_sku FOR EACH ROW
    EXECUTE FUNCTION catalog_ask_price_of_sku();
CREATE TRIGGER ask_new_price AFTER UPDATE OF price, product_id ON catalog_sku FOR EACH ROW
    WHEN (OLD.price <> NEW.price OR OLD.product_id <> NEW.product_id)
    EXECUTE FUNCTION catalog_ask_price_of_sku();

CREATE FUNCTION catalog_ask_prices_of_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_ask_prices(ARRAY(SELECT id FROM catalog_sku WHERE product_id = NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER ask_prices AFTER UPDATE OF status ON catalog_product FOR EACH ROW
    WHEN (OLD.status <> NEW.status)
    EXECUTE FUNCTION catalog_ask_prices_of_product();
