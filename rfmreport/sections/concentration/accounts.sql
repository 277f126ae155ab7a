-- name: segments_before
SELECT
    customer_id,
    segment
FROM earlier_customers
WHERE as_of = $before_as_of;

-- name: no_segments_before
SELECT
    customer_id,
    segment
FROM customers
WHERE FALSE;

-- name: largest
WITH dated AS (
    SELECT
        customer_id,
        amount,
        NOT is_return AS is_purchase,
        CAST(first_at AS DATE) >= $first_day AS is_in_span,
        $has_change AND CAST(first_at AS DATE) >= $now_from AS is_now,
        CAST(first_at AS DATE) >= $before_from AND CAST(first_at AS DATE) < $now_from AS is_before
    FROM all_orders
    WHERE exclusion IS NULL
),

measured AS (
    SELECT
        customer_id,
        sum(amount) FILTER (WHERE is_in_span) AS revenue,
        count_if(is_in_span AND is_purchase) AS order_count,
        sum(amount) FILTER (WHERE is_now) AS now,
        sum(amount) FILTER (WHERE is_before) AS before,
        count_if(is_before AND is_purchase) AS orders_before
    FROM dated
    GROUP BY customer_id
),

summed AS (
    SELECT
        *,
        sum(revenue) OVER () AS total_revenue,
        sum(now) OVER () AS total_now,
        sum(before) OVER () AS total_before
    FROM measured
),

top AS (
    SELECT *
    FROM summed
    WHERE revenue > 0 AND total_revenue > 0
    ORDER BY revenue DESC, customer_id ASC
    LIMIT $most
)

SELECT
    top.*,
    customers.segment,
    customers.last_order_on,
    segments_before.segment AS segment_before,
    overdue_customers.customer_id IS NOT NULL AS is_overdue
FROM top
INNER JOIN customers ON top.customer_id = customers.customer_id
LEFT JOIN segments_before ON top.customer_id = segments_before.customer_id
LEFT JOIN overdue_customers ON top.customer_id = overdue_customers.customer_id
ORDER BY top.revenue DESC, top.customer_id ASC;
