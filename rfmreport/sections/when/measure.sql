-- name: days
-- Every day of the period, also one without an order. Returns lower the revenue of their own day,
-- and are no orders.
WITH days AS (
    SELECT CAST(unnest(generate_series($first_day, $last_day, INTERVAL 1 DAY)) AS DATE) AS day
)
SELECT
    days.day,
    count(*) FILTER (WHERE NOT orders.is_return) AS order_count,
    coalesce(sum(orders.amount), 0) AS revenue,
    count(DISTINCT orders.customer_id) FILTER (WHERE NOT orders.is_return) AS customer_count,
    coalesce(max(orders.amount) FILTER (WHERE NOT orders.is_return), 0) AS largest_order
FROM days
LEFT JOIN orders
    ON orders.exclusion IS NULL AND CAST(orders.first_at AS DATE) = days.day
GROUP BY days.day
ORDER BY days.day;

-- name: hours
-- Orders per hour of the week, apart those that began on the full hour: a date without a time reads
-- as midnight, so midnight has to be told from the rest of hour 0.
SELECT
    isodow(first_at) - 1 AS weekday,
    hour(first_at) AS hour,
    minute(first_at) = 0 AND second(first_at) = 0 AS is_full,
    count(*) FILTER (WHERE NOT is_return) AS order_count,
    sum(amount) AS revenue
FROM orders
WHERE exclusion IS NULL
GROUP BY weekday, hour, is_full
ORDER BY weekday, hour, is_full;

-- name: months
-- Every calendar month from the first day's to the report's date, of customers who bought in these
-- orders; returning are those who had bought in an earlier month, also before a window.
WITH months AS (
    SELECT CAST(unnest(
        range(date_trunc('month', $first_day), $as_of, INTERVAL 1 MONTH)
    ) AS DATE) AS month
),
first_orders AS (
    SELECT
        customer_id,
        CAST(min(first_at) AS DATE) AS first_order_on
    FROM all_orders
    WHERE exclusion IS NULL AND NOT is_return
    GROUP BY customer_id
),
kept AS (
    SELECT
        asked.customer_id,
        asked.amount,
        asked.is_return,
        CAST(asked.first_at AS DATE) AS day,
        first_orders.first_order_on,
        CAST(date_trunc('month', asked.first_at) AS DATE) AS month
    FROM query_table($orders) AS asked
    JOIN first_orders USING (customer_id)
    WHERE asked.exclusion IS NULL
    QUALIFY NOT bool_and(asked.is_return) OVER (PARTITION BY asked.customer_id)
)
SELECT
    months.month AS first_day,
    months.month >= $covered_from
    AND months.month + INTERVAL 1 MONTH <= $covered_until AS complete,
    coalesce(sum(kept.amount), 0) AS revenue,
    count(*) FILTER (WHERE NOT kept.is_return) AS order_count,
    count(DISTINCT kept.customer_id) FILTER (WHERE NOT kept.is_return) AS customer_count,
    count(DISTINCT kept.customer_id) FILTER (
        WHERE NOT kept.is_return AND kept.first_order_on < kept.month
    ) AS returning_customer_count,
    count(DISTINCT kept.day) FILTER (WHERE NOT kept.is_return) AS trading_day_count,
    -- Whole numbers, so that the sum does not depend on the order of the rows; wide ones, for in
    -- some currencies an order is of billions.
    CAST(coalesce(sum(
        CAST(CAST(kept.amount AS DOUBLE) ** 2 AS DECIMAL(38, 0))
    ), 0) AS DOUBLE) AS square_sum
FROM months
LEFT JOIN kept USING (month)
GROUP BY months.month
ORDER BY months.month;
