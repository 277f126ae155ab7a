-- name: worst_to_best
-- Customers per distinct value of each measure, in steps of a ten-thousandth, exact; the sign of
-- recency is turned.
SELECT
    measure,
    position,
    count(*) AS customer_count
FROM (
    SELECT
        unnest([0, 1, 2]) AS measure,
        unnest([
            -CAST(recency_days AS BIGINT) * 10000,
            CAST(order_count AS BIGINT) * 10000,
            coalesce(TRY_CAST(CAST(revenue AS DECIMAL(38, 4)) * 10000 AS BIGINT), $most_steps)
        ]) AS position
    FROM query_table($people)
) AS positions
GROUP BY measure, position
ORDER BY measure, position;

-- name: quantiles
-- Of type 7.
SELECT
    quantile_cont(CAST(recency_days AS DOUBLE), $steps) AS recency_days,
    quantile_cont(CAST(revenue AS DOUBLE), $steps) AS revenue
FROM query_table($people);
