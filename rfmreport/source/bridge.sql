-- name: told_orders
-- The orders as the bridge tells them: of what no customer is known for, goods that were sold,
-- freight and fees, and the rest.
SELECT
    order_id,
    coalesce(customer_id, max(customer_id) OVER (PARTITION BY order_id)) AS customer_id,
    line_count,
    amount,
    CASE
        WHEN exclusion IS NULL OR exclusion <> 'missing_customer' THEN exclusion
        WHEN other_exclusion IS NULL THEN 'missing_customer'
        WHEN fee_code IS NOT NULL THEN 'missing_customer_fees'
        ELSE 'missing_customer_other'
    END AS exclusion
FROM orders;

-- name: lines_by_verdict
SELECT
    exclusion,
    CAST(sum(line_count) AS BIGINT) AS line_count,
    sum(amount) AS amount
FROM told_orders
GROUP BY exclusion;

-- name: orders_by_verdict
-- An order of which a line is kept is kept; any other falls under the first rule that took a line.
-- A number that two customers share is two orders, as everywhere; lines without a customer belong
-- to one that has it.
WITH verdicts AS (
    SELECT min(coalesce(list_position($rules, exclusion), 0)) AS verdict
    FROM told_orders
    WHERE order_id IS NOT NULL
    GROUP BY customer_id, order_id
)
SELECT
    $rules[verdict] AS exclusion,
    count(*) AS order_count
FROM verdicts
GROUP BY verdict;

-- name: returns
SELECT
    CAST(sum(line_count) AS BIGINT) AS line_count,
    count(DISTINCT hash(customer_id, order_id)) AS order_count,
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
-- Left out, or where the settings keep them, among what is kept.
SELECT
    count(*) AS order_count,
    sum(orders.amount) AS amount
FROM orders
JOIN reversals USING (customer_id, order_id)
WHERE orders.exclusion = 'reversed' OR (orders.exclusion IS NULL AND NOT orders.is_return);

-- name: nothing_left
SELECT
    count(DISTINCT customer_id) AS customer_count,
    CAST(coalesce(sum(line_count) FILTER (WHERE is_taken), 0) AS BIGINT) AS line_count,
    coalesce(sum(amount) FILTER (WHERE is_taken AND amount > 0), 0) AS bought,
    coalesce(-sum(amount) FILTER (WHERE amount < 0 AND fee_code IS NULL), 0) AS returned
FROM (
    SELECT
        *,
        exclusion = 'nothing_left' AS is_taken
    FROM orders
    WHERE
        customer_id IN (
            SELECT undone.customer_id
            FROM undone_orders AS undone
            WHERE undone.verdict = 'nothing_left'
        )
        AND exclusion NOT IN ('before_window', 'after_as_of', 'reversal')
) AS theirs;

-- name: not_subtracted
-- What is given back and still not subtracted, where returns are: freight and fees (also where they
-- reverse an order that is left out with them), and goods of customers who bought nothing.
SELECT
    fee_code IS NOT NULL AS is_fee,
    CAST(sum(line_count) AS BIGINT) AS line_count,
    sum(amount) AS amount,
    CAST(coalesce(sum(line_count) FILTER (WHERE exclusion = 'reversal'), 0) AS BIGINT)
        AS reversal_count
FROM orders
WHERE
    customer_id IS NOT NULL AND amount < 0 AND NOT is_return
    AND (
        list_contains($returnable, exclusion)
        OR (fee_code IS NOT NULL AND exclusion IN ('reversal', 'nothing_left'))
    )
GROUP BY is_fee
ORDER BY is_fee DESC;

-- name: shared_orders
SELECT count(*) AS order_count
FROM (
    SELECT order_id
    FROM orders
    WHERE order_id IS NOT NULL AND customer_id IS NOT NULL
    GROUP BY order_id
    HAVING count(DISTINCT customer_id) > 1
) AS shared;

-- name: statuses
SELECT
    coalesce(status, '') AS status,
    exclusion,
    CAST(sum(line_count) AS BIGINT) AS line_count,
    count(DISTINCT concat_ws('|', order_id, customer_id)) AS order_count,
    sum(amount) AS amount
FROM orders
WHERE (exclusion IS NULL AND NOT is_return) OR exclusion IN ('cancellation', 'unpaid')
GROUP BY ALL
ORDER BY amount DESC NULLS LAST, status ASC, exclusion ASC;

-- name: refunds
SELECT sum(refund) FROM orders;

-- name: alike_ids
SELECT
    count(*) AS id_count,
    min(one) AS one,
    min_by(other, one) AS other
FROM (
    SELECT
        min(customer_id) AS one,
        max(customer_id) AS other
    FROM orders
    WHERE exclusion IS NULL
    GROUP BY lower(customer_id)
    HAVING min(customer_id) <> max(customer_id)
) AS alike;
