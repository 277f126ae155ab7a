-- name: months
-- Revenue by month, whether the month's new customers brought it, and what the others were when it
-- began.
WITH known AS (
    SELECT
        all_orders.customer_id,
        all_orders.amount,
        first_orders.first_order_on,
        CAST(date_trunc('month', all_orders.first_at) AS DATE) AS month
    FROM all_orders
    JOIN first_orders USING (customer_id)
    WHERE all_orders.exclusion IS NULL
)
SELECT
    known.month,
    known.first_order_on >= known.month AS is_new,
    customers_then.segment,
    sum(known.amount) AS revenue
FROM known
LEFT JOIN customers_then
    ON
        known.customer_id = customers_then.customer_id
        AND known.month = customers_then.as_of
        AND list_contains($carried, customers_then.as_of)
WHERE list_contains($months, known.month)
GROUP BY known.month, is_new, customers_then.segment;

-- name: carried
SELECT DISTINCT as_of
FROM customers_then
WHERE list_contains($carried, as_of);

-- name: returns
-- What known customers bought, gave back and cancelled, by month. Money given back is a negative
-- amount; a cancelled order with a positive one came to nothing by its status. Of what is left out,
-- freight and fees are no goods; what is kept is goods.
WITH judged AS (
    SELECT
        order_id,
        amount,
        first_at,
        CAST(date_trunc('month', first_at) AS DATE) AS month,
        exclusion IS NULL AND NOT is_return AS is_bought,
        amount < 0
        AND CASE WHEN exclusion IS NULL THEN is_return ELSE fee_code IS NULL END AS is_back,
        coalesce(exclusion = 'cancellation', FALSE) AS is_cancellation,
        fee_code IS NULL AS is_goods
    FROM orders
    WHERE
        customer_id IS NOT NULL
        AND (exclusion IS NULL OR list_contains($returnable, exclusion))
)
SELECT
    month,
    coalesce(sum(amount) FILTER (WHERE is_bought), 0) AS gross,
    coalesce(sum(-amount) FILTER (WHERE is_back), 0) AS returned,
    count(DISTINCT order_id) FILTER (WHERE is_back) AS return_count,
    coalesce(
        sum(amount) FILTER (WHERE is_cancellation AND is_goods AND amount > 0), 0
    ) AS cancelled,
    count(DISTINCT order_id) FILTER (
        WHERE is_cancellation AND is_goods AND amount > 0
    ) AS cancelled_count,
    coalesce(sum(-amount) FILTER (WHERE is_cancellation AND NOT is_goods), 0) AS charges,
    min(row(amount, first_at)) FILTER (WHERE is_back) AS largest
FROM judged
GROUP BY month
ORDER BY month;

-- name: hours
-- The orders of each hour in the last weeks; without a time of day the hour is missing.
SELECT
    CAST(first_at AS DATE) AS day,
    CASE
        WHEN
            $has_times
            AND NOT (
                $has_untimed
                AND hour(first_at) = 0 AND minute(first_at) = 0 AND second(first_at) = 0
            )
            THEN hour(first_at)
    END AS hour,
    count(*) AS order_count
FROM orders
WHERE
    exclusion IS NULL
    AND NOT is_return
    AND CAST(first_at AS DATE) >= $first_day
    AND CAST(first_at AS DATE) < $until
GROUP BY ALL
ORDER BY ALL NULLS FIRST;

-- name: nobody_then
SELECT
    CAST(NULL AS DATE) AS as_of,
    '' AS customer_id,
    '' AS segment
WHERE FALSE;
