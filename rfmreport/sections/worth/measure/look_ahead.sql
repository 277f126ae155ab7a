-- name: foretold_by_scores
SELECT
    customers.*, -- noqa: AM04
    chances.* EXCLUDE (recency_score, frequency_score)
FROM customers
LEFT JOIN score_chances AS chances
    ON
        customers.recency_score = chances.recency_score
        AND customers.frequency_score = chances.frequency_score;

-- name: foretold_orders_by_model
-- A chance to be alive that the model cannot tell is not-a-number in what was foretold.
SELECT
    customers.*, -- noqa: AM04
    predicted.* EXCLUDE (repeat_order_count, age_at_last_order_days, age_days)
    REPLACE (nullif(predicted.chance_alive, 'nan') AS chance_alive)
FROM customers
LEFT JOIN order_histories AS histories
    ON customers.customer_id = histories.customer_id AND histories.as_of = $today
LEFT JOIN predicted_histories AS predicted
    ON
        histories.repeat_order_count = predicted.repeat_order_count
        AND histories.age_at_last_order_days = predicted.age_at_last_order_days
        AND histories.age_days = predicted.age_days;

-- name: foretold_by_model
-- An expected order value is linear in the customer's own mean: so the engine finishes it.
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
