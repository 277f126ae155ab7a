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
