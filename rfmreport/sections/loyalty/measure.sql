-- name: rhythms
-- One row per day and customer with a rhythm on it, as far as was known then: gaps between days
-- with orders, silence since the last of them, and the revenue of the twelve months before.
WITH asked AS (
    SELECT unnest($days) AS as_of
),
by_day AS (
    SELECT
        asked.as_of,
        all_orders.customer_id,
        CAST(all_orders.first_at AS DATE) AS ordered_on,
        bool_or(NOT all_orders.is_return) AS has_order,
        sum(all_orders.amount) AS amount
    FROM all_orders
    JOIN asked ON CAST(all_orders.first_at AS DATE) < asked.as_of
    WHERE all_orders.exclusion IS NULL
    GROUP BY asked.as_of, all_orders.customer_id, ordered_on
),
gaps AS (
    SELECT
        as_of,
        customer_id,
        ordered_on,
        has_order,
        amount,
        ordered_on - lag(ordered_on) OVER (
            PARTITION BY as_of, customer_id, has_order
            ORDER BY ordered_on
        ) AS gap
    FROM by_day
),
measured AS (
    SELECT
        as_of,
        customer_id,
        count(*) FILTER (WHERE has_order) AS order_day_count,
        median(CAST(gap AS DOUBLE)) FILTER (WHERE has_order) AS usual_gap_days,
        max(gap) FILTER (WHERE has_order) AS longest_gap_days,
        as_of - max(ordered_on) FILTER (WHERE has_order) AS silent_days,
        sum(amount) FILTER (WHERE ordered_on >= as_of - INTERVAL 12 MONTH) AS year_revenue
    FROM gaps
    GROUP BY as_of, customer_id
)
SELECT
    as_of,
    customer_id,
    order_day_count,
    usual_gap_days,
    longest_gap_days,
    silent_days,
    coalesce(year_revenue, 0) AS year_revenue,
    silent_days > $factor * usual_gap_days AND silent_days > longest_gap_days AS is_overdue
FROM measured
WHERE order_day_count >= $fewest_order_days;

-- name: overdue_customers
SELECT
    customers.customer_id,
    customers.segment,
    rhythms.order_day_count,
    rhythms.usual_gap_days,
    rhythms.longest_gap_days,
    rhythms.silent_days,
    customers.last_order_on,
    customers.revenue,
    rhythms.year_revenue
FROM rhythms
JOIN customers USING (customer_id)
WHERE rhythms.as_of = $as_of AND rhythms.is_overdue;

-- name: most_at_stake
SELECT
    customer_id,
    segment,
    order_day_count,
    usual_gap_days,
    longest_gap_days,
    silent_days,
    last_order_on,
    revenue,
    year_revenue
FROM overdue_customers
ORDER BY year_revenue DESC, revenue DESC, customer_id ASC
LIMIT $count;

-- name: segments
SELECT
    customers.segment,
    count(*) AS customer_count,
    count(*) FILTER (WHERE rhythms.is_overdue) AS overdue_count,
    coalesce(
        sum(rhythms.year_revenue) FILTER (WHERE rhythms.is_overdue), 0
    ) AS overdue_year_revenue
FROM rhythms
JOIN customers USING (customer_id)
WHERE rhythms.as_of = $as_of
GROUP BY customers.segment;

-- name: trial
-- Of those with a rhythm on earlier dates, by segment then: how many ordered in the days after.
WITH asked AS (
    SELECT
        rhythms.as_of,
        rhythms.customer_id,
        rhythms.is_overdue,
        earlier.segment
    FROM rhythms
    JOIN query_table($earlier) AS earlier USING (as_of, customer_id)
    WHERE list_contains($dates, rhythms.as_of)
),
came AS (
    SELECT DISTINCT
        asked.as_of,
        asked.customer_id,
        TRUE AS has_come
    FROM asked
    JOIN all_orders USING (customer_id)
    WHERE
        all_orders.exclusion IS NULL
        AND NOT all_orders.is_return
        AND all_orders.first_at >= asked.as_of
        AND all_orders.first_at < asked.as_of + to_days($watched_days)
)
SELECT
    asked.as_of,
    asked.segment,
    asked.is_overdue,
    count(came.has_come) AS came,
    count(*) AS customer_count
FROM asked
LEFT JOIN came USING (as_of, customer_id)
GROUP BY asked.as_of, asked.segment, asked.is_overdue
ORDER BY asked.as_of, asked.segment, asked.is_overdue;

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
