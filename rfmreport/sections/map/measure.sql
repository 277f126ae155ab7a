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
