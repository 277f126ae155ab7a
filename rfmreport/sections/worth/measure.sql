-- name: foretold_by_scores
SELECT
    customers.*, -- noqa: AM04
    chances.* EXCLUDE (recency_score, frequency_score)
FROM customers
LEFT JOIN score_chances AS chances
    ON
        customers.recency_score = chances.recency_score
        AND customers.frequency_score = chances.frequency_score;

-- name: foretold_by_model
-- A chance to be alive that the model cannot tell is not-a-number in what was foretold. An expected
-- order value is linear in the customer's own mean, so the engine finishes it; without a model of
-- order values it means nothing.
SELECT
    customers.*, -- noqa: AM04
    predicted.* EXCLUDE (
        repeat_order_count, age_at_last_order_days, age_days, value_base, value_share
    )
    REPLACE (nullif(predicted.chance_alive, 'nan') AS chance_alive),
    round(
        predicted.value_base
        + predicted.value_share * CAST(histories.mean_repeat_order_value AS DOUBLE),
        2
    ) AS expected_value_12_months
FROM customers
LEFT JOIN order_histories AS histories
    ON customers.customer_id = histories.customer_id AND histories.as_of = $today
LEFT JOIN predicted_histories AS predicted
    ON
        histories.repeat_order_count = predicted.repeat_order_count
        AND histories.age_at_last_order_days = predicted.age_at_last_order_days
        AND histories.age_days = predicted.age_days;

-- name: days
-- What came on each day, also on one without an order. Returns lower the revenue of their own day,
-- and are no orders; a square is of an order's amount.
WITH days AS (
    SELECT CAST(
        unnest(range(CAST($first_day AS TIMESTAMP), CAST($until AS TIMESTAMP), INTERVAL 1 DAY))
        AS DATE
    ) AS day
)
SELECT
    days.day,
    count(*) FILTER (WHERE NOT orders.is_return) AS order_count,
    CAST(coalesce(sum(orders.amount), 0) AS DOUBLE) AS revenue,
    -- Whole numbers, so that the sum does not depend on the order of the rows.
    CAST(coalesce(sum(
        CAST(CAST(orders.amount AS DOUBLE) ** 2 AS DECIMAL(38, 0))
    ) FILTER (WHERE NOT orders.is_return), 0) AS DOUBLE) AS square_sum
FROM days
LEFT JOIN all_orders AS orders
    ON orders.exclusion IS NULL AND CAST(orders.first_at AS DATE) = days.day
GROUP BY days.day
ORDER BY days.day;

-- name: of_late
-- The month that has begun, the customers who were new of late, and how many orders of one customer
-- fall on one day.
SELECT
    count(*) FILTER (WHERE orders.day >= $month AND NOT orders.is_return) AS month_orders,
    coalesce(sum(orders.amount) FILTER (WHERE orders.day >= $month), 0) AS month_revenue,
    count(*) FILTER (WHERE orders.day >= $new_from AND NOT orders.is_return) AS late_orders,
    count(*) FILTER (
        WHERE orders.day >= $new_from AND NOT orders.is_return AND orders.is_new
    ) AS new_orders,
    sum(orders.amount) FILTER (WHERE orders.day >= $new_from) AS late_revenue,
    sum(orders.amount) FILTER (WHERE orders.day >= $new_from AND orders.is_new) AS new_revenue,
    count(*) FILTER (WHERE NOT orders.is_return) AS year_orders,
    count(DISTINCT row(orders.customer_id, orders.day)) FILTER (WHERE NOT orders.is_return)
        AS year_order_days
FROM (
    SELECT
        all_orders.customer_id,
        all_orders.amount,
        all_orders.is_return,
        CAST(all_orders.first_at AS DATE) AS day,
        first_orders.first_order_on >= $new_from AS is_new
    FROM all_orders
    JOIN first_orders USING (customer_id)
    WHERE all_orders.exclusion IS NULL
) AS orders
WHERE orders.day >= $year AND orders.day < $until;
