-- name: by_kind
-- One row per kind of customer: revenue, orders and pieces of the earlier month and of the later.
WITH spans AS (
    SELECT
        customer_id,
        amount,
        first_at,
        NOT is_return AS is_order,
        first_at >= $before AND first_at < $before_until AS is_before,
        first_at >= $month AND first_at < $month_until AS is_now
    FROM all_orders
    WHERE exclusion IS NULL
),

people AS (
    SELECT
        customer_id,
        min(first_at) FILTER (WHERE is_order) AS won_at,
        count_if(is_order AND is_before) AS orders_before,
        count_if(is_order AND is_now) AS orders_now,
        coalesce(sum(amount) FILTER (WHERE is_before), 0) AS revenue_before,
        coalesce(sum(amount) FILTER (WHERE is_now), 0) AS revenue_now
    FROM spans
    GROUP BY customer_id
    HAVING won_at IS NOT NULL
),

kinds AS (
    SELECT
        *,
        CASE
            WHEN orders_before > 0 AND orders_now > 0 THEN 'stayed'
            WHEN orders_now > 0 AND won_at >= $before_until THEN 'new'
            WHEN orders_now > 0 THEN 'returned'
            WHEN orders_before > 0 THEN 'away'
            ELSE 'gave_back'
        END AS kind
    FROM people
    WHERE orders_before > 0 OR orders_now > 0 OR revenue_before != 0 OR revenue_now != 0
),

pieces AS (
    SELECT
        buyer,
        sum(quantity) FILTER (WHERE sold_on < $before_until) AS pieces_before,
        sum(quantity) FILTER (WHERE sold_on >= $month) AS pieces_now
    FROM query_table($sold)
    WHERE
        (sold_on >= $before AND sold_on < $before_until)
        OR (sold_on >= $month AND sold_on < $month_until)
    GROUP BY buyer
)

SELECT
    kinds.kind,
    count(*) AS customer_count,
    CAST(sum(kinds.orders_before) AS BIGINT) AS orders_before,
    CAST(sum(kinds.orders_now) AS BIGINT) AS orders_now,
    sum(kinds.revenue_before) AS revenue_before,
    sum(kinds.revenue_now) AS revenue_now,
    sum(pieces.pieces_before) AS pieces_before,
    sum(pieces.pieces_now) AS pieces_now
FROM kinds
LEFT JOIN pieces ON pieces.buyer = hash(kinds.customer_id)
GROUP BY kinds.kind
ORDER BY kinds.kind;

-- name: nothing_sold
SELECT
    CAST(NULL AS UBIGINT) AS buyer,
    CAST(NULL AS DATE) AS sold_on,
    CAST(NULL AS DECIMAL(18, 4)) AS quantity
WHERE FALSE;
