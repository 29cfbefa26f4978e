-- Of each member at their moment, in the order asked: what they are themselves (own), their upline
-- (one), and that one's upline (two); null where nobody stands.
-- The plan is kept for a session, which may begin while the tables are empty: hence enable_seqscan.
CREATE FUNCTION distribution_upline_chains(members bigint[], moments timestamptz[])
RETURNS TABLE (
    own_id bigint, own_status varchar, own_level bigint, own_segment bigint,
    one_id bigint, one_status varchar, one_level bigint, one_segment bigint,
    two_id bigint, two_status varchar, two_level bigint, two_segment bigint
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY
    SELECT
        own_spell.distributor_id, own_spell.status, own_spell.level_id, own_spell.segment_id,
        one_spell.distributor_id, one_spell.status, one_spell.level_id, one_spell.segment_id,
        two_spell.distributor_id, two_spell.status, two_spell.level_id, two_spell.segment_id
    FROM unnest(members, moments) WITH ORDINALITY AS asked (member_id, at, place)

    LEFT JOIN distribution_distributor AS own ON own.member_id = asked.member_id
    LEFT JOIN distribution_distributorperiod AS own_spell ON own_spell.distributor_id = own.id
        AND own_spell.started_at <= asked.at
        AND (own_spell.ended_at IS NULL OR own_spell.ended_at > asked.at)

    LEFT JOIN distribution_binding AS to_one ON to_one.member_id = asked.member_id
        AND to_one.started_at <= asked.at
        AND (to_one.ended_at IS NULL OR to_one.ended_at > asked.at)
        AND (to_one.expires_at IS NULL OR to_one.expires_at > asked.at)
    LEFT JOIN distribution_distributorperiod AS one_spell ON one_spell.distributor_id = to_one.distributor_id
        AND one_spell.started_at <= asked.at
        AND (one_spell.ended_at IS NULL OR one_spell.ended_at > asked.at)

    LEFT JOIN distribution_distributor AS one ON one.id = one_spell.distributor_id
    LEFT JOIN distribution_binding AS to_two ON to_two.member_id = one.member_id
        AND to_two.started_at <= asked.at
        AND (to_two.ended_at IS NULL OR to_two.ended_at > asked.at)
        AND (to_two.expires_at IS NULL OR to_two.expires_at > asked.at)
    LEFT JOIN distribution_distributorperiod AS two_spell ON two_spell.distributor_id = to_two.distributor_id
        AND two_spell.started_at <= asked.at
        AND (two_spell.ended_at IS NULL OR two_spell.ended_at > asked.at)
    ORDER BY place;
END $$;
