-- name: quantiles
WITH measured AS (
    UNPIVOT (
        SELECT
            CAST(recency_days AS DOUBLE) AS recency_days,
            CAST(order_count AS DOUBLE) AS order_count,
            CAST(revenue AS DOUBLE) AS revenue
        FROM customers
    )
    ON recency_days, order_count, revenue
    INTO NAME measure VALUE value
)

SELECT
    measure,
    quantile_cont(value, 0.25) AS p25,
    quantile_cont(value, 0.5) AS p50,
    quantile_cont(value, 0.75) AS p75,
    quantile_cont(value, 0.95) AS p95,
    quantile_cont(value, 0.99) AS p99,
    max(value) AS largest
FROM measured
GROUP BY measure;

-- name: bins
WITH measured AS (
    SELECT
        'recency_days' AS measure,
        recency_days / $recency_days_width AS place
    FROM customers
    UNION ALL
    SELECT
        'order_count' AS measure,
        order_count / $order_count_width AS place
    FROM customers
    UNION ALL
    SELECT
        'revenue' AS measure,
        CAST(revenue AS DOUBLE) / $revenue_width AS place
    FROM customers
)

SELECT
    measure,
    CAST(least(greatest(floor(place), 0), $last) AS INTEGER) AS number,
    count(*) AS customer_count
FROM measured
GROUP BY measure, number;

-- name: tail
SELECT
    count(*) AS customer_count,
    sum(revenue) AS revenue,
    count_if(CAST(revenue AS DOUBLE) > $outside) AS count_0,
    count_if(CAST(revenue AS DOUBLE) > $far_out) AS count_1,
    coalesce(sum(revenue) FILTER (WHERE CAST(revenue AS DOUBLE) > $outside), 0) AS revenue_0,
    coalesce(sum(revenue) FILTER (WHERE CAST(revenue AS DOUBLE) > $far_out), 0) AS revenue_1
FROM customers;

-- name: cells
SELECT
    recency_score,
    frequency_score,
    monetary_score,
    segment,
    count(*) AS customer_count,
    sum(revenue) AS revenue,
    sum(recency_days) AS recency_days_sum,
    sum(order_count) AS order_count_sum,
    CAST(min(recency_days) AS DECIMAL(38, 4)) AS lowest_recency_days,
    CAST(min(order_count) AS DECIMAL(38, 4)) AS lowest_order_count,
    CAST(min(revenue) AS DECIMAL(38, 4)) AS lowest_revenue,
    CAST(max(recency_days) AS DECIMAL(38, 4)) AS highest_recency_days,
    CAST(max(order_count) AS DECIMAL(38, 4)) AS highest_order_count,
    CAST(max(revenue) AS DECIMAL(38, 4)) AS highest_revenue
FROM customers
GROUP BY recency_score, frequency_score, monetary_score, segment
ORDER BY recency_score, frequency_score, monetary_score;
