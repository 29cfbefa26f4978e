-- How far visits get is added to reports_visitdelta by the statement that changes it. Only INSERTs:
-- nothing here locks a row, however many scan at once.
-- The path of a page without ids, so that pages of all products count as one.
CREATE FUNCTION reports_page_of(path text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT left(regexp_replace(
        regexp_replace(rtrim(path, '/'), '^/([spu])/[^/]+', '/\1/*'),
        '/([^/]*[0-9][^/]*|[^/]{12,})(?=/|$)', '/*', 'g'
    ), 60)
$$;

-- The figures of one visit: a row for its channel, for the page that the share opens, and for each
-- page that it saw.
CREATE FUNCTION reports_steps_of(channel text, pages text[], is_joined boolean)
RETURNS TABLE (kind text, key text, visits int, further int, joined int) LANGUAGE sql STABLE AS $$
    SELECT kind, key, 1, (cardinality(pages) > 0)::int, is_joined::int
    FROM (VALUES ('channel', channel), ('page', '')) AS opened (kind, key)
    UNION ALL
    SELECT 'page', page, 1, bool_and(number < cardinality(pages))::int, is_joined::int
    FROM (
        SELECT reports_page_of(path) AS page, number
        FROM unnest(pages) WITH ORDINALITY AS seen (path, number)
    ) AS seen
    WHERE page <> ''
    GROUP BY page
$$;

CREATE FUNCTION reports_add_visit_steps() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_visitdelta (kind, key, day, visits, further, joined)
    SELECT step.kind, step.key, visit.day, sum(step.visits), sum(step.further), sum(step.joined)
    FROM inserted AS visit
    JOIN sharing_share AS share ON share.id = visit.share_id
    CROSS JOIN LATERAL reports_steps_of(
        share.channel, visit.pages::text[], visit.member_id IS NOT NULL
    ) AS step
    GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_visit_began AFTER INSERT ON sharing_visit
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION reports_add_visit_steps();

CREATE FUNCTION reports_move_visit_steps() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO reports_visitdelta (kind, key, day, visits, further, joined)
    SELECT kind, key, NEW.day, sum(visits), sum(further), sum(joined)
    FROM (
        SELECT later.*
        FROM sharing_share AS share CROSS JOIN LATERAL reports_steps_of(
            share.channel, NEW.pages::text[], NEW.member_id IS NOT NULL
        ) AS later
        WHERE share.id = NEW.share_id
        UNION ALL
        SELECT earlier.kind, earlier.key, -earlier.visits, -earlier.further, -earlier.joined
        FROM sharing_share AS share CROSS JOIN LATERAL reports_steps_of(
            share.channel, OLD.pages::text[], OLD.member_id IS NOT NULL
        ) AS earlier
        WHERE share.id = OLD.share_id
    ) AS both_sides
    GROUP BY kind, key
    HAVING (sum(visits), sum(further), sum(joined)) <> (0, 0, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER reports_visit_went_on AFTER UPDATE OF pages, member_id ON sharing_visit
    FOR EACH ROW WHEN (
        NEW.pages IS DISTINCT FROM OLD.pages OR (NEW.member_id IS NULL) <> (OLD.member_id IS NULL)
    )
    EXECUTE FUNCTION reports_move_visit_steps();
