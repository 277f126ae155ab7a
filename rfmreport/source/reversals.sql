-- Orders that came to nothing, found among the grouped `orders`. What gives money back is a row
-- that was netted as a return, or that a rule took which returns fall under; a row that lies before
-- the window is judged as what it would be without one.

-- name: sides
-- One row per customer, order and side: what it sold, or what it gave back. `goods` leaves freight
-- and fees out; nobody has a side who gave nothing back.
WITH judged AS (
    SELECT
        customer_id,
        order_id,
        first_at,
        amount,
        fee_code,
        CASE WHEN exclusion = 'before_window' THEN other_exclusion ELSE exclusion END AS verdict,
        is_return OR coalesce(list_contains($returnable, verdict), FALSE) AS gives_back
    FROM orders
    WHERE customer_id IS NOT NULL
),

summed AS (
    SELECT
        customer_id,
        order_id,
        gives_back,
        min(first_at) AS done_at,
        coalesce(sum(amount) FILTER (WHERE if(gives_back, fee_code, verdict) IS NULL), 0) AS goods,
        sum(amount) AS total
    FROM judged
    WHERE gives_back OR verdict IS NULL OR verdict = 'non_product'
    GROUP BY customer_id, order_id, gives_back
    HAVING CASE WHEN gives_back THEN total < 0 ELSE goods > 0 END
)

SELECT * REPLACE (abs(goods) AS goods, abs(total) AS total) -- noqa: AM04
FROM summed
WHERE
    customer_id IN (
        SELECT back.customer_id
        FROM summed AS back
        WHERE back.gives_back
    );

-- name: in_one_order
-- Given back under the number of the order itself.
SELECT
    sold.customer_id,
    sold.order_id,
    back.order_id AS reversed_by
FROM open_sides AS sold
INNER JOIN open_sides AS back USING (customer_id, order_id)
WHERE
    NOT sold.gives_back
    AND back.gives_back
    AND (back.total IN (sold.total, sold.goods) OR back.goods = sold.goods);

-- name: same_amount
-- Each cancellation takes the latest earlier order of its amount that none has taken, as brackets
-- close: `level` is how many are open, and on each level sales and cancellations take turns. One
-- that finds none open closes nothing. A posting of nothing but fees corrects only what is fresh.
WITH named AS (
    SELECT
        *,
        CASE
            WHEN gives_back THEN if($back = 'goods', goods, total)
            ELSE if($sold = 'goods', goods, total)
        END AS amount
    FROM open_sides
),

summed AS (
    SELECT
        *,
        sum(if(gives_back, -1, 1)) OVER in_order AS balance
    FROM named
    WHERE amount > 0
    WINDOW in_order AS (
        PARTITION BY customer_id, amount ORDER BY done_at, gives_back, order_id
        ROWS UNBOUNDED PRECEDING
    )
),

bounded AS (
    SELECT
        *,
        least(
            0,
            min(balance) OVER (
                PARTITION BY customer_id, amount ORDER BY done_at, gives_back, order_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
        ) AS lowest_before
    FROM summed
),

levelled AS (
    SELECT
        *,
        balance - coalesce(lowest_before, 0) + if(gives_back, 1, 0) AS level
    FROM bounded
    WHERE NOT gives_back OR balance >= coalesce(lowest_before, 0)
),

paired AS (
    SELECT
        *,
        lag(struct_pack(o := order_id, t := done_at)) OVER (
            PARTITION BY customer_id, amount, level ORDER BY done_at, gives_back, order_id
        ) AS sale
    FROM levelled
)

SELECT
    customer_id,
    sale['o'] AS order_id,
    order_id AS reversed_by
FROM paired
WHERE gives_back AND (goods > 0 OR done_at <= sale['t'] + to_days($posting_days));

-- name: all_but_small_change
-- So little is left that nobody meant to keep it. Amounts are compared only where their logarithms
-- are near, and each side takes what is nearest to it.
WITH near AS (
    SELECT
        sold.customer_id,
        sold.order_id,
        back.order_id AS reversed_by,
        sold.goods - back.total AS rest,
        back.done_at
    FROM (
        SELECT
            *,
            CAST(floor(ln(goods) / $change) AS INTEGER) AS size,
            unnest([size, size - 1]) AS place
        FROM open_sides
        WHERE NOT gives_back
    ) AS sold
    INNER JOIN open_sides AS back
        ON
            sold.customer_id = back.customer_id
            AND sold.place = CAST(floor(ln(back.total) / $change) AS INTEGER)
    WHERE
        back.gives_back
        AND rest BETWEEN 0 AND sold.goods * $change
        AND back.done_at BETWEEN sold.done_at AND sold.done_at + to_days($posting_days)
)

SELECT
    customer_id,
    order_id,
    reversed_by
FROM near
QUALIFY
    row_number() OVER (PARTITION BY customer_id, order_id ORDER BY rest, done_at, reversed_by) = 1
    AND row_number() OVER (
        PARTITION BY customer_id, reversed_by ORDER BY rest, done_at, order_id
    ) = 1;

-- name: open_sides
SELECT * -- noqa: AM04
FROM order_sides AS sides
WHERE
    NOT EXISTS (
        SELECT 1
        FROM reversals
        WHERE
            reversals.customer_id = sides.customer_id
            AND sides.order_id = if(sides.gives_back, reversals.reversed_by, reversals.order_id)
    );

-- name: no_reversals
SELECT
    customer_id,
    order_id,
    order_id AS reversed_by
FROM orders
WHERE FALSE;

-- name: undone
-- One row per customer, order and side that is no sale, or takes one back.
SELECT
    customer_id,
    order_id,
    FALSE AS gives_back,
    'reversed' AS verdict
FROM reversals
WHERE $leaves_out
UNION ALL
SELECT
    customer_id,
    reversed_by AS order_id,
    TRUE AS gives_back,
    'reversal' AS verdict
FROM reversals
WHERE $leaves_out;

-- name: nothing_left
-- All that is kept of customers of whom no revenue is left once goods that came back are
-- subtracted, though no single cancellation says so.
WITH left_over AS (
    SELECT
        customer_id,
        sum(amount) FILTER (WHERE exclusion IS NULL) AS kept,
        coalesce(
            sum(amount) FILTER (
                WHERE $subtracts AND list_contains($returnable, exclusion)
                AND fee_code IS NULL AND amount < 0
            ),
            0
        ) AS returned
    FROM orders
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
)

SELECT DISTINCT
    orders.customer_id,
    orders.order_id,
    orders.is_return AS gives_back,
    'nothing_left' AS verdict
FROM orders
INNER JOIN left_over USING (customer_id)
WHERE orders.exclusion IS NULL AND left_over.kept + left_over.returned <= 0;

-- name: with_verdicts
-- The rows of a table with the verdicts of `undone_orders`; what a window hides stays hidden, and
-- is told as what it would be without one.
WITH sided AS (
    SELECT
        *,
        CASE WHEN exclusion = 'before_window' THEN other_exclusion ELSE exclusion END AS verdict,
        is_return OR coalesce(list_contains($returnable, verdict), FALSE) AS gives_back
    FROM $judged
)

SELECT
    sided.* EXCLUDE (verdict, gives_back) REPLACE ( -- noqa: AM04
        CASE
            WHEN undone.verdict IS NULL OR sided.exclusion = 'before_window' THEN sided.exclusion
            ELSE undone.verdict
        END AS exclusion,
        CASE
            WHEN undone.verdict IS NOT NULL AND sided.exclusion = 'before_window'
                THEN undone.verdict
            ELSE sided.other_exclusion
        END AS other_exclusion,
        sided.is_return AND undone.verdict IS NULL AS is_return
    )
FROM sided
LEFT JOIN undone_orders AS undone
    ON
        sided.customer_id = undone.customer_id
        AND sided.order_id = undone.order_id
        AND sided.gives_back = undone.gives_back
        AND (sided.gives_back OR sided.verdict IS NULL);
