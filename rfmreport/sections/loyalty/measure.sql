-- name: cohorts
-- One row per first-order month and months since it that anything happened in. A return that comes
-- before the first known order counts to that order’s month. Returned are customers with an order
-- in the three months after the first: told where months_since is 0.
WITH monthly AS (
    SELECT
        customer_id,
        CAST(date_trunc('month', first_at) AS DATE) AS month,
        count(*) FILTER (WHERE NOT is_return) AS order_count,
        sum(amount) AS revenue
    FROM all_orders
    WHERE exclusion IS NULL
    GROUP BY customer_id, month
),
-- Months with nothing but returns come last, so the first row is that of the first purchase.
followed AS (
    SELECT
        month,
        order_count,
        revenue,
        first_value(month) OVER in_order AS first_month,
        first_value(order_count) OVER in_order AS first_order_count,
        lead(month) OVER in_order AS second_month,
        lead(order_count) OVER in_order AS second_order_count
    FROM monthly
    WINDOW in_order AS (PARTITION BY customer_id ORDER BY order_count = 0, month)
)
SELECT
    first_month,
    greatest(date_diff('month', first_month, month), 0) AS months_since,
    count(*) FILTER (WHERE order_count > 0) AS customer_count,
    sum(order_count) AS order_count,
    sum(revenue) AS revenue,
    count(*) FILTER (
        WHERE month = first_month
        AND second_order_count > 0
        AND date_diff('month', first_month, second_month) <= 3
    ) AS returned_count
FROM followed
WHERE first_order_count > 0
GROUP BY first_month, months_since
ORDER BY first_month, months_since;

-- name: watched
-- One row per days watched, up to the second order or in vain. Orders are told apart by their id,
-- as where customers are measured, so the second may come on the day of the first.
WITH placed AS (
    SELECT
        is_return,
        CAST(first_at AS DATE) AS first_on,
        row_number() OVER in_order AS place,
        CASE
            WHEN NOT lead(is_return) OVER in_order
                THEN lead(CAST(first_at AS DATE)) OVER in_order
        END AS second_on,
        sum(amount) OVER (PARTITION BY customer_id) AS revenue
    FROM all_orders
    WHERE exclusion IS NULL
    WINDOW in_order AS (PARTITION BY customer_id ORDER BY is_return, first_at, order_id)
)
SELECT
    date_diff('day', first_on, coalesce(second_on, $last_day)) AS days,
    second_on IS NOT NULL AS has_second_order,
    first_on < $early_until AS is_early,
    count(*) AS customer_count,
    sum(revenue) AS revenue
FROM placed
WHERE place = 1 AND NOT is_return
GROUP BY days, has_second_order, is_early
ORDER BY days, has_second_order, is_early;
