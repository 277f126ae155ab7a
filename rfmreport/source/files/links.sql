-- name: same_orders
-- Of the orders that two tables share, how many are of the same customer, and of as many rows.
WITH keys AS (
    SELECT
        link,
        min(person) AS person,
        count(*) AS row_count
    FROM link_ours
    WHERE link IS NOT NULL
    GROUP BY link
),

their_keys AS (
    SELECT
        link,
        min(person) AS person,
        count(*) AS row_count
    FROM link_theirs
    WHERE link IS NOT NULL
    GROUP BY link
)

SELECT
    count(*) AS order_count,
    count(keys.link) AS shared_count,
    count(*) FILTER (keys.person = their_keys.person) AS same_count,
    count(*) FILTER (keys.row_count <> their_keys.row_count) AS other_count
FROM their_keys
LEFT JOIN keys ON their_keys.link = keys.link;
