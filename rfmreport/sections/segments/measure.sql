-- name: segments
SELECT
    segment,
    count(*) AS customer_count,
    sum(revenue) AS revenue,
    sum(order_count) AS order_count,
    median(recency_days) AS median_recency_days,
    median(order_count) AS median_order_count,
    median(CAST(revenue AS DOUBLE)) AS median_revenue
FROM customers
GROUP BY GROUPING SETS ((segment), ());

-- name: snapshots
SELECT
    as_of,
    segment,
    count(*) AS customer_count,
    sum(revenue) AS revenue
FROM earlier_customers
WHERE list_contains($days, as_of)
GROUP BY as_of, segment;

-- name: countries
WITH kept AS (
    SELECT
        customer_id,
        country,
        amount
    FROM lines
    WHERE exclusion IS NULL
),

ranked AS (
    SELECT
        country,
        row_number() OVER (ORDER BY sum(amount) DESC, country) - 1 AS place,
        count(*) OVER () AS country_count
    FROM kept
    WHERE country <> ''
    GROUP BY country
),

placed AS (
    SELECT
        kept.customer_id,
        kept.country,
        kept.amount,
        ranked.country_count,
        CASE WHEN ranked.place IS NULL THEN $shown + 1 ELSE least(ranked.place, $shown) END AS place
    FROM kept
    LEFT JOIN ranked ON kept.country = ranked.country
)

SELECT
    customers.segment,
    placed.place,
    min(placed.country) AS country,
    coalesce(max(placed.country_count), 0) AS country_count,
    sum(placed.amount) AS revenue,
    count(DISTINCT placed.customer_id) AS customer_count
FROM placed
INNER JOIN customers ON placed.customer_id = customers.customer_id
GROUP BY customers.segment, placed.place;
