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
    overdue_customers.customer_id IS NOT NULL AS is_overdue,
    overdue_customers.silent_days,
    overdue_customers.usual_gap_days
FROM top
INNER JOIN customers ON top.customer_id = customers.customer_id
LEFT JOIN earlier_customers AS segments_before
    ON
        top.customer_id = segments_before.customer_id
        AND segments_before.as_of = CAST($before_as_of AS DATE)
LEFT JOIN overdue_customers ON top.customer_id = overdue_customers.customer_id
ORDER BY top.revenue DESC, top.customer_id ASC;

-- name: orders_each
SELECT
    count_if(order_count = 1) AS one_order_count,
    count_if(order_count = 2) AS two_order_count,
    coalesce(sum(revenue) FILTER (WHERE order_count = 1), 0) AS one_order_revenue,
    coalesce(
        median(CAST(revenue AS DOUBLE)) FILTER (WHERE order_count = 1), 0
    ) AS one_order_median,
    coalesce(
        median(CAST(revenue AS DOUBLE)) FILTER (WHERE order_count = 2), 0
    ) AS two_order_median
FROM customers;

-- One row per hundredth of the customers, the largest first: those up to that share of all, rounded
-- down, and how many of them it takes to reach four fifths of it all.
-- name: ranks
WITH ranked AS (
    SELECT
        revenue,
        row_number() OVER (ORDER BY revenue DESC) AS place,
        count(*) OVER () AS everybody,
        sum(revenue) OVER () AS total,
        -- Rows, not values: of equal customers each adds to the sum in turn.
        sum(revenue) OVER (
            ORDER BY revenue DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS running
    FROM customers
)

SELECT
    -- Rounded up: the last customer of a hundredth is the last that lies in it as a whole.
    (place * 100 + everybody - 1) // everybody AS percent,
    count(*) AS customer_count,
    sum(revenue) AS revenue,
    coalesce(sum(revenue) FILTER (WHERE place <= 10), 0) AS top_ten_revenue,
    count_if(running - revenue < total * 0.8) AS needed_count
FROM ranked
GROUP BY percent
ORDER BY percent;
