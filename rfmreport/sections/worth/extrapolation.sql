-- name: follow_customers
-- A date of today or later is followed for no day: its customers are counted only.
WITH named AS (
    SELECT
        as_of,
        customer_id,
        segment,
        recency_score,
        frequency_score
    FROM query_table($people)
    WHERE as_of IN (SELECT unnest($days))
    UNION ALL
    SELECT
        CAST($today AS DATE) AS as_of,
        customer_id,
        segment,
        recency_score,
        frequency_score
    FROM customers
),
dates AS (
    SELECT
        unnest($days) AS as_of,
        unnest($lengths) AS day_count
),
later AS (
    SELECT
        dates.as_of,
        orders.customer_id,
        count(*) AS order_count,
        min(CAST(orders.first_at AS DATE) - dates.as_of) AS first_after
    FROM all_orders AS orders
    INNER JOIN dates
        ON orders.first_at >= dates.as_of AND orders.first_at < dates.as_of + dates.day_count
    WHERE orders.exclusion IS NULL AND NOT orders.is_return
    GROUP BY dates.as_of, orders.customer_id
)
SELECT
    named.as_of,
    named.segment,
    named.recency_score,
    named.frequency_score,
    count(*) AS customer_count,
    count(*) FILTER (later.first_after < $soon) AS came_soon,
    count(*) FILTER (later.first_after < $horizon) AS came,
    CAST(coalesce(sum(later.order_count), 0) AS BIGINT) AS order_count,
    CAST(coalesce(sum(later.order_count * later.order_count), 0) AS BIGINT) AS order_square_sum
FROM named
LEFT JOIN later ON named.as_of = later.as_of AND named.customer_id = later.customer_id
GROUP BY named.as_of, named.segment, named.recency_score, named.frequency_score
ORDER BY named.as_of, named.segment, named.recency_score, named.frequency_score;
