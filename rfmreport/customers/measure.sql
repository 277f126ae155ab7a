-- name: measured
SELECT
    as_of,
    customer_id,
    CAST(count(*) FILTER (WHERE NOT is_return) AS BIGINT) AS order_count,
    sum(amount) AS revenue,
    CAST(min(first_at) FILTER (WHERE NOT is_return) AS DATE) AS first_order_on,
    -- Of an order that spans the date, only its beginning was known then.
    CAST(
        max(CASE WHEN last_at < as_of THEN last_at ELSE first_at END)
        FILTER (WHERE NOT is_return) AS DATE
    ) AS last_order_on,
    CAST(date_diff('day', last_order_on, as_of) AS INTEGER) AS recency_days
FROM (
    SELECT
        customer_id,
        is_return,
        first_at,
        last_at,
        amount,
        unnest(CAST($days AS DATE[])) AS as_of
    FROM query_table($orders)
    WHERE exclusion IS NULL
) AS kept
WHERE
    first_at < as_of
    AND ($window_months IS NULL OR first_at >= as_of - to_months(CAST($window_months AS INTEGER)))
GROUP BY as_of, customer_id
HAVING order_count > 0 AND revenue > 0;

-- name: as_they_stand
-- A row of the source is a customer; when one first bought is not told.
SELECT
    customer_id,
    CAST(order_count AS BIGINT) AS order_count,
    CAST(amount AS DECIMAL(38, 4)) AS revenue,
    CAST(NULL AS DATE) AS first_order_on,
    CAST(ordered_at AS DATE) AS last_order_on,
    CAST(date_diff('day', last_order_on, CAST($as_of AS DATE)) AS INTEGER) AS recency_days
FROM judged_lines
WHERE exclusion IS NULL;

-- name: all_orders
-- The orders, with those kept that nothing but the window had left out; contacts come along.
SELECT
    * REPLACE ( -- noqa: AM04
        CASE
            WHEN exclusion = 'before_window' AND other_exclusion IS NULL THEN NULL
            ELSE exclusion
        END AS exclusion
    )
FROM orders;

-- name: first_orders
-- Everybody who ever bought, those before a window too.
SELECT
    customer_id,
    CAST(min(first_at) AS DATE) AS first_order_on
FROM all_orders
WHERE exclusion IS NULL AND NOT is_return
GROUP BY customer_id;

-- name: customers_ever
-- Only so can a new customer be told from one whose earlier orders the window hides.
SELECT
    customers.customer_id,
    customers.order_count,
    customers.revenue,
    first_orders.first_order_on,
    customers.last_order_on,
    customers.recency_days,
    customers.recency_score,
    customers.frequency_score,
    customers.monetary_score,
    customers.segment
FROM customers
LEFT JOIN first_orders USING (customer_id);
