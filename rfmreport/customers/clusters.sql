-- name: alike
-- One row more than are wanted tells that the step was too fine.
SELECT
    CAST(round(ln(greatest(CAST(recency_days AS DOUBLE), 0) + 1) / $width) AS INTEGER) AS step_0,
    CAST(round(ln(greatest(CAST(order_count AS DOUBLE), 0) + 1) / $width) AS INTEGER) AS step_1,
    CAST(round(ln(greatest(CAST(revenue AS DOUBLE), 0) + 1) / $width) AS INTEGER) AS step_2,
    count(*) AS customer_count,
    CAST(sum(revenue) AS DOUBLE) AS revenue
FROM query_table($people)
GROUP BY step_0, step_1, step_2
ORDER BY step_0, step_1, step_2
LIMIT $most_rows;

-- name: medians
SELECT
    median(CAST(recency_days AS DOUBLE)) AS recency_days,
    median(CAST(order_count AS DOUBLE)) AS order_count,
    median(CAST(revenue AS DOUBLE)) AS revenue
FROM query_table($people);
