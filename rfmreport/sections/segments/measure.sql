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

-- name: order_spread
-- How far the values of a segment's orders lie apart, from sums that are exact, so that they do not
-- depend on the order of the rows.
WITH kept AS (
    SELECT
        customers.segment,
        orders.amount,
        CAST(CAST(orders.amount AS DOUBLE) ** 2 AS DECIMAL(38, 4)) AS square
    FROM orders
    INNER JOIN customers ON orders.customer_id = customers.customer_id
    WHERE orders.exclusion IS NULL AND NOT orders.is_return
)

SELECT
    segment,
    sqrt(greatest(
        (CAST(sum(square) AS DOUBLE) - CAST(sum(amount) AS DOUBLE) ** 2 / count(*))
        / (count(*) - 1),
        0
    )) AS deviation
FROM kept
GROUP BY segment
HAVING count(*) > 1;

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
