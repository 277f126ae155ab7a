-- name: one_order
SELECT
    segment,
    count_if(order_count = 1) / count(*) AS one_order_share
FROM customers
GROUP BY segment;

-- name: typical_gap
-- The median, over customers who ordered on two days or more, of the days between two of them.
WITH spans AS (
    SELECT
        customer_id,
        count(DISTINCT CAST(first_at AS DATE)) AS day_count,
        date_diff('day', min(first_at), max(first_at)) AS span_days
    FROM all_orders
    WHERE exclusion IS NULL AND NOT is_return
    GROUP BY customer_id
)

SELECT median(span_days / (day_count - 1)) AS typical_gap_days
FROM spans
WHERE day_count > 1;
