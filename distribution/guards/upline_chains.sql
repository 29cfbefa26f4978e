-- For each member and moment, in the order given: the distributor that the member is (buyer), the
-- member's upline (tier1) and the upline's upline (tier2), and the evidence of the binding to the
-- upline; null where there is none.
-- An exit ends the bindings to the distributor, also those whose end is not recorded yet.
-- A session caches the plan, perhaps while the tables are still empty: hence enable_seqscan.
CREATE FUNCTION distribution_upline_chains(members bigint[], moments timestamptz[])
RETURNS TABLE (
    buyer_id bigint, buyer_status varchar, buyer_level bigint, buyer_segment bigint,
    tier1_id bigint, tier1_status varchar, tier1_level bigint, tier1_segment bigint,
    tier2_id bigint, tier2_status varchar, tier2_level bigint, tier2_segment bigint,
    evidence_kind varchar, evidence_id varchar
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY
    SELECT
        buyer_period.distributor_id, buyer_period.status, buyer_period.level_id, buyer_period.segment_id,
        tier1_period.distributor_id, tier1_period.status, tier1_period.level_id, tier1_period.segment_id,
        tier2_period.distributor_id, tier2_period.status, tier2_period.level_id, tier2_period.segment_id,
        tier1_binding.evidence_kind, tier1_binding.evidence_id
    FROM unnest(members, moments) WITH ORDINALITY AS asked (member_id, at, place)

    LEFT JOIN distribution_distributor AS buyer ON buyer.member_id = asked.member_id
    LEFT JOIN distribution_distributorperiod AS buyer_period ON buyer_period.distributor_id = buyer.id
        AND buyer_period.started_at <= asked.at
        AND (buyer_period.ended_at IS NULL OR buyer_period.ended_at > asked.at)

    LEFT JOIN distribution_binding AS tier1_binding ON tier1_binding.member_id = asked.member_id
        AND tier1_binding.started_at <= asked.at
        AND (tier1_binding.ended_at IS NULL OR tier1_binding.ended_at > asked.at)
        AND (tier1_binding.expires_at IS NULL OR tier1_binding.expires_at > asked.at)
    LEFT JOIN distribution_distributorperiod AS tier1_period ON tier1_period.distributor_id = tier1_binding.distributor_id
        AND tier1_period.started_at <= asked.at
        AND (tier1_period.ended_at IS NULL OR tier1_period.ended_at > asked.at)
        AND tier1_period.status <> 'exited'

    LEFT JOIN distribution_distributor AS tier1 ON tier1.id = tier1_period.distributor_id
    LEFT JOIN distribution_binding AS tier2_binding ON tier2_binding.member_id = tier1.member_id
        AND tier2_binding.started_at <= asked.at
        AND (tier2_binding.ended_at IS NULL OR tier2_binding.ended_at > asked.at)
        AND (tier2_binding.expires_at IS NULL OR tier2_binding.expires_at > asked.at)
    LEFT JOIN distribution_distributorperiod AS tier2_period ON tier2_period.distributor_id = tier2_binding.distributor_id
        AND tier2_period.started_at <= asked.at
        AND (tier2_period.ended_at IS NULL OR tier2_period.ended_at > asked.at)
        AND tier2_period.status <> 'exited'
    ORDER BY place;
END $$;
