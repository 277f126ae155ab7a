-- name: lines_by_verdict
SELECT
    exclusion,
    CAST(sum(line_count) AS BIGINT) AS line_count,
    sum(amount) AS amount
FROM orders
GROUP BY exclusion;

-- name: orders_by_verdict
-- An order of which a line is kept is kept; any other falls under the first rule that took a line.
WITH verdicts AS (
    SELECT min(coalesce(list_position($rules, exclusion), 0)) AS verdict
    FROM orders
    WHERE order_id IS NOT NULL
    GROUP BY order_id
)
SELECT
    $rules[verdict] AS exclusion,
    count(*) AS order_count
FROM verdicts
GROUP BY verdict;

-- name: returns
SELECT
    CAST(sum(line_count) AS BIGINT) AS line_count,
    count(DISTINCT order_id) AS order_count,
    sum(amount) AS amount
FROM orders
WHERE exclusion IS NULL AND is_return;

-- name: fees
SELECT
    fee_code,
    sum(amount) AS amount,
    CAST(sum(line_count) AS BIGINT) AS line_count
FROM orders
WHERE exclusion = 'non_product' AND customer_id IS NOT NULL
GROUP BY fee_code
ORDER BY amount DESC, fee_code ASC;

-- name: reversed_orders
-- Kept orders whose whole amount the same customer cancelled.
WITH bought AS (
    SELECT
        customer_id,
        amount,
        count(*) AS order_count
    FROM orders
    WHERE exclusion IS NULL AND NOT is_return
    GROUP BY customer_id, amount
),
cancelled AS (
    SELECT
        customer_id,
        -amount AS amount,
        count(*) AS order_count
    FROM orders
    WHERE exclusion = 'cancellation' AND amount < 0
    GROUP BY customer_id, amount
)
SELECT
    CAST(sum(least(bought.order_count, cancelled.order_count)) AS BIGINT) AS order_count,
    sum(least(bought.order_count, cancelled.order_count) * bought.amount) AS amount
FROM bought
JOIN cancelled USING (customer_id, amount);
