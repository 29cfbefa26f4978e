-- Returns the value at a moment: the first former value that was still valid then, else the current one.
CREATE FUNCTION catalog_value_at(of_kind text, key bigint, at timestamptz, current_value bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT value FROM (
        (SELECT value, valid_until, id FROM catalog_cataloghistory
         WHERE kind = of_kind AND row_id = key AND valid_until > at ORDER BY valid_until, id LIMIT 1)
        UNION ALL
        SELECT current_value, 'infinity', 0
    ) AS candidates
    ORDER BY valid_until LIMIT 1
$$;

-- Returns each SKU as of its moment, in the given order; null for an unknown code. Categories: nearest
-- first.
-- A session caches the plan, perhaps while the tables are still empty: hence enable_seqscan.
CREATE FUNCTION catalog_goods_at(codes varchar[], moments timestamptz[]) RETURNS TABLE (
    sku_id bigint, product_id bigint, product varchar, price bigint, cost bigint,
    categories bigint[]
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (
        SELECT FROM catalog_cataloghistory WHERE valid_until > (SELECT min(at) FROM unnest(moments) AS at)
    ) THEN
        RETURN QUERY
        SELECT sku.id, product.id, product.name, sku.price, sku.cost, ARRAY(
            SELECT above.id FROM catalog_category AS own
            JOIN catalog_category AS above
                ON above.tree_id = own.tree_id AND above.lft <= own.lft AND above.rght >= own.rght
            WHERE own.id = product.category_id ORDER BY above.level DESC
        )
        FROM unnest(codes) WITH ORDINALITY AS requested (code, place)
        LEFT JOIN catalog_sku AS sku ON sku.code = requested.code
        LEFT JOIN catalog_product AS product ON product.id = sku.product_id
        ORDER BY place;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT sku.id, product.id, product.name, sku.price,
        catalog_value_at('sku', sku.id, requested.at, sku.cost), ARRAY(
            WITH RECURSIVE upwards (id, step) AS (
                SELECT catalog_value_at('product', product.id, requested.at, product.category_id), 1
                UNION ALL
                SELECT catalog_value_at('category', category.id, requested.at, category.parent_id), step + 1
                FROM upwards JOIN catalog_category AS category ON category.id = upwards.id
                WHERE step < 100
            )
            SELECT upwards.id FROM upwards WHERE upwards.id IS NOT NULL ORDER BY step
        )
    FROM unnest(codes, moments) WITH ORDINALITY AS requested (code, at, place)
    LEFT JOIN catalog_sku AS sku ON sku.code = requested.code
    LEFT JOIN catalog_product AS product ON product.id = sku.product_id
    ORDER BY place;
END $$;
