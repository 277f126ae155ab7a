-- name: weigh
-- How often the keys of our lines stand in the other table, whose rows all differ.
WITH ours AS (
    SELECT
        link,
        count(*) AS line_count
    FROM link_ours
    GROUP BY link
),

theirs AS (
    SELECT
        link,
        count(*) AS row_count
    FROM link_theirs
    WHERE link IS NOT NULL
    GROUP BY link
)

SELECT
    CAST(coalesce(sum(ours.line_count), 0) AS BIGINT) AS line_count,
    CAST(coalesce(sum(if(theirs.link IS NULL, 0, ours.line_count)), 0) AS BIGINT) AS found_count,
    count(theirs.link) AS key_count,
    count_if(theirs.link IS NOT NULL AND ours.link IS NOT NULL) AS found_key_count,
    count_if(theirs.row_count > 1) AS repeated_count,
    CAST(coalesce(sum(ours.line_count * coalesce(theirs.row_count, 1)), 0) AS BIGINT)
        AS joined_count
FROM ours
FULL JOIN theirs ON ours.link = theirs.link;
