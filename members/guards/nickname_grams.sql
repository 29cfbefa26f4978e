-- The cost keeps the planner from computing it for each row where the index has the answer.
CREATE FUNCTION members_nickname_grams(nickname text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000
AS $$
    SELECT coalesce(array_agg(DISTINCT substr(name, place, size)), '{}')
    FROM (SELECT lower(nickname) AS name) AS lowered,
        generate_series(1, char_length(name)) AS place,
        (VALUES (1), (2)) AS sizes (size)
    WHERE place + size <= char_length(name) + 1
$$;
