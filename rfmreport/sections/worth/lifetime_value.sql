-- name: measure_histories
-- Sums are of exact decimals, so that they do not depend on the order in which rows are met.
WITH order_days AS (
    SELECT
        customer_id,
        CAST(first_at AS DATE) AS ordered_on,
        sum(amount) AS amount
    FROM all_orders
    WHERE exclusion IS NULL AND NOT is_return
    GROUP BY customer_id, ordered_on
),
on_dates AS (
    SELECT
        unnest([CAST($past AS DATE), CAST($today AS DATE)]) AS as_of,
        customer_id,
        ordered_on,
        amount
    FROM order_days
),
known AS (
    SELECT
        as_of,
        customer_id,
        count(*) FILTER (ordered_on < as_of) - 1 AS repeat_order_count,
        max(ordered_on) FILTER (ordered_on < as_of) - min(ordered_on) AS last_age,
        as_of - min(ordered_on) - 1 AS age,
        sum(amount) FILTER (ordered_on < as_of) - arg_min(amount, ordered_on) AS repeat_spent,
        count(*) FILTER (ordered_on >= as_of AND ordered_on < $today) AS later_order_count,
        sum(amount) FILTER (ordered_on >= as_of AND ordered_on < $today) AS later_spent,
        min(ordered_on) FILTER (ordered_on >= as_of AND ordered_on < $today) - as_of
            AS first_later_days
    FROM on_dates
    GROUP BY as_of, customer_id
    HAVING min(ordered_on) < as_of
)
SELECT
    as_of,
    customer_id,
    repeat_order_count,
    CAST(round(last_age / $step) AS INTEGER) * $step AS age_at_last_order_days,
    CAST(round(age / $step) AS INTEGER) * $step AS age_days,
    -- Where an amount is negative, an order is worth nothing to the model.
    CAST(greatest(coalesce(repeat_spent / nullif(repeat_order_count, 0), 0), 0) AS DECIMAL(38, 8))
        AS mean_repeat_order_value,
    later_order_count,
    coalesce(later_spent, 0) AS later_spent,
    first_later_days
FROM known;

-- name: count_histories
WITH named AS (
    SELECT
        as_of,
        customer_id,
        segment
    FROM earlier_customers
    WHERE as_of = $day
    UNION ALL
    SELECT
        CAST($today AS DATE) AS as_of,
        customer_id,
        segment
    FROM customers
)
SELECT
    named.segment,
    histories.repeat_order_count,
    histories.age_at_last_order_days,
    histories.age_days,
    histories.later_order_count,
    count(*) AS customer_count,
    sum(histories.mean_repeat_order_value) / count(*) AS mean_value,
    sum(histories.later_spent) / count(*) AS later_spent,
    sum(CAST(CAST(histories.later_spent AS DOUBLE) ** 2 AS DECIMAL(38, 4))) / count(*)
        AS later_spent_square,
    count(*) FILTER (histories.first_later_days < $soon) AS came_soon,
    count(*) FILTER (histories.first_later_days < $horizon) AS came
FROM order_histories AS histories
INNER JOIN named
    ON histories.as_of = named.as_of AND histories.customer_id = named.customer_id
WHERE histories.as_of = $day
GROUP BY
    named.segment,
    histories.repeat_order_count,
    histories.age_at_last_order_days,
    histories.age_days,
    histories.later_order_count
ORDER BY
    named.segment,
    histories.repeat_order_count,
    histories.age_at_last_order_days,
    histories.age_days,
    histories.later_order_count;

-- name: count_order_values
SELECT
    repeat_order_count,
    CAST(floor(ln(mean_repeat_order_value) / 0.01) AS INTEGER) AS value_step,
    count(*) AS customer_count,
    sum(mean_repeat_order_value) / count(*) AS mean_value
FROM order_histories
WHERE as_of = $day AND repeat_order_count > 0 AND mean_repeat_order_value > 0
GROUP BY repeat_order_count, value_step
ORDER BY repeat_order_count, value_step;

-- name: order_days_since
-- One row per day from a date on: the customers with a segment on that date who ordered on the day.
SELECT
    CAST(all_orders.first_at AS DATE) - CAST($day AS DATE) AS day_number,
    count(DISTINCT all_orders.customer_id) AS order_days
FROM all_orders
SEMI JOIN
    earlier_customers
    ON
        all_orders.customer_id = earlier_customers.customer_id
        AND earlier_customers.as_of = $day
WHERE
    all_orders.exclusion IS NULL
    AND NOT all_orders.is_return
    AND all_orders.first_at >= $day
    AND CAST(all_orders.first_at AS DATE) - CAST($day AS DATE) < $length
GROUP BY day_number
ORDER BY day_number;
