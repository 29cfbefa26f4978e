-- Locks the orders that are known. Of the others it tells, in the order asked: their places (from 1),
-- a key for each and for each line, the buyers (null: a newcomer), how things stand with them at the
-- order's moment, and the lines' goods. "lines_of" is the place of each line's order.
-- Each statement has a snapshot of its own: what is read after the lock is what its holders left.
CREATE FUNCTION orders_situation(
    numbers varchar[], buyers varchar[], moments timestamptz[], lines_of int[], skus varchar[]
) RETURNS json
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    fresh int[] := ARRAY(SELECT generate_subscripts(numbers, 1));
    their_lines int[] := ARRAY(SELECT generate_subscripts(skus, 1));
    members bigint[];
BEGIN
    PERFORM FROM orders_order WHERE number = ANY (numbers) ORDER BY id FOR NO KEY UPDATE;
    IF FOUND THEN
        fresh := ARRAY(
            SELECT place FROM unnest(fresh) AS place
            WHERE NOT EXISTS (SELECT FROM orders_order WHERE number = numbers[place])
            ORDER BY place  -- a join keeps no order
        );
        their_lines := ARRAY(
            SELECT line FROM unnest(their_lines) AS line WHERE lines_of[line] = ANY (fresh)
            ORDER BY line
        );
    END IF;
    members := ARRAY(
        SELECT member_id FROM unnest(fresh) WITH ORDINALITY AS asked (place, turn)
        LEFT JOIN members_identity ON provider = 'mall' AND external_id = buyers[place]
        ORDER BY turn
    );
    RETURN json_build_object(
        'fresh', fresh,
        'keys', ARRAY(SELECT nextval('orders_order_id_seq') FROM unnest(fresh)),
        'line_keys', ARRAY(SELECT nextval('orders_orderline_id_seq') FROM unnest(their_lines)),
        'members', members,
        'binds_at_first_order', EXISTS (
            SELECT FROM distribution_policy WHERE "binding_trigger" = 'first_order'
        ),
        'upline_chains', (
            SELECT json_agg(json_build_array(
                own_id, own_status, own_level, own_segment,
                one_id, one_status, one_level, one_segment,
                two_id, two_status, two_level, two_segment
            ))
            FROM distribution_upline_chains(
                members, ARRAY(SELECT moments[place] FROM unnest(fresh) AS place)
            )
        ),
        'goods', (
            SELECT json_agg(json_build_array(sku_id, product_id, product, price, cost, categories))
            FROM catalog_goods_at(
                ARRAY(SELECT skus[line] FROM unnest(their_lines) AS line),
                ARRAY(SELECT moments[lines_of[line]] FROM unnest(their_lines) AS line)
            )
        )
    );
END $$;
