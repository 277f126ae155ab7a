-- What the columns of money say of one another. `evidence_lines` holds the first lines in their
-- order (`line`), `evidence_money` their numbers: one row per line and column, null left out.
-- Columns are numbered by their place in the file; -1 is quantity × unit price.

-- name: money
WITH numbers AS (
    SELECT
        line,
        COLUMNS('^-?[0-9]+$')
    FROM evidence_lines
)
SELECT
    line,
    CAST(place AS INTEGER) AS place,
    value
FROM (UNPIVOT numbers ON COLUMNS('^-?[0-9]+$') INTO NAME place VALUE value);

-- name: by_order
WITH sizes AS (
    SELECT
        order_id,
        count(*) AS line_count
    FROM evidence_lines
    WHERE order_id IS NOT NULL
    GROUP BY order_id
)
SELECT
    money.place,
    sizes.order_id,
    sizes.line_count,
    count(*) AS filled_count,
    count(*) FILTER (money.value <> 0) AS nonzero_count,
    min(money.value) AS lowest,
    max(money.value) AS highest,
    sum(money.value) AS total
FROM evidence_money AS money
JOIN evidence_lines USING (line)
JOIN sizes USING (order_id)
GROUP BY money.place, sizes.order_id, sizes.line_count;

-- name: facts
-- `repeated_count`: orders of several lines that all say the same; `once_count`: of which one line
-- says something.
WITH of_orders AS (
    SELECT
        place,
        count(*) FILTER (line_count > 1 AND nonzero_count > 0) AS order_count,
        count(*) FILTER (
            line_count > 1 AND filled_count = line_count AND lowest = highest AND highest <> 0
        ) AS repeated_count,
        count(DISTINCT highest) FILTER (
            line_count > 1 AND filled_count = line_count AND lowest = highest
        ) AS repeated_value_count,
        count(*) FILTER (line_count > 1 AND nonzero_count = 1) AS once_count
    FROM evidence_orders
    GROUP BY place
),
of_lines AS (
    SELECT
        place,
        count(*) AS filled_count,
        count(*) FILTER (value <> 0) AS nonzero_count,
        count(*) FILTER (value <> round(value)) AS fraction_count,
        max(abs(value)) AS largest,
        sum(value) AS total
    FROM evidence_money
    GROUP BY place
)
SELECT
    of_lines.*,
    coalesce(of_orders.order_count, 0) AS order_count,
    coalesce(of_orders.repeated_count, 0) AS repeated_count,
    coalesce(of_orders.repeated_value_count, 0) AS repeated_value_count,
    coalesce(of_orders.once_count, 0) AS once_count
FROM of_lines
LEFT JOIN of_orders USING (place);

-- name: growth
-- Products that were bought in several quantities: whose value stays the same whatever the
-- quantity (a piece's price), whose value grows with it (a line's total).
WITH products AS (
    SELECT
        lines.product,
        max(money.value) - min(money.value) < 0.006 AS stays,
        max(money.value / lines.quantity) - min(money.value / lines.quantity) < 0.006 AS grows
    FROM evidence_money AS money
    JOIN evidence_lines AS lines USING (line)
    WHERE money.place = $place AND lines.quantity > 0 AND money.value > 0
    GROUP BY lines.product
    HAVING count(DISTINCT lines.quantity) > 1
)
SELECT
    count(*) AS product_count,
    count(*) FILTER (stays) AS stays_count,
    count(*) FILTER (grows) AS grows_count
FROM products;

-- name: steady
-- Products in several orders whose value is the same in each: a price, and no order's total.
WITH products AS (
    SELECT max(money.value) - min(money.value) < 0.006 AS stays
    FROM evidence_money AS money
    JOIN evidence_lines AS lines USING (line)
    WHERE money.place = $place AND lines.product IS NOT NULL
    GROUP BY lines.product
    HAVING count(DISTINCT lines.order_id) > 1
)
SELECT
    count(*) AS product_count,
    count(*) FILTER (stays) AS stays_count
FROM products;

-- name: adds_up
-- Orders whose lines come to what a column says of the whole order.
SELECT
    whole.place,
    count(*) AS order_count,
    count(*) FILTER (abs(whole.highest - lines.total) < 0.011) AS equal_count
FROM evidence_orders AS whole
JOIN evidence_orders AS lines USING (order_id)
WHERE lines.place = $basis AND list_contains($totals, whole.place)
GROUP BY whole.place
ORDER BY equal_count DESC, whole.place ASC;

-- name: discounted
-- Orders with a discount whose lines, less it, come to what a column says of the whole order; how
-- the discount is written: money of the line, of the order or of a piece, a share, a percentage.
WITH pairs AS (
    SELECT
        lines.order_id,
        discount.place AS discount,
        basis.value AS basis,
        abs(discount.value) AS value,
        coalesce(lines.quantity, 1) AS quantity
    FROM evidence_lines AS lines
    JOIN evidence_money AS discount USING (line)
    JOIN evidence_money AS basis USING (line)
    WHERE basis.place = $basis AND list_contains($discounts, discount.place)
),
sums AS (
    SELECT
        order_id,
        discount,
        sum(value) AS line_money,
        max(value) AS order_money,
        sum(basis * value) AS share,
        sum(basis * value / 100) AS percentage
    FROM pairs
    GROUP BY order_id, discount
    HAVING max(value) > 0
),
written AS (
    UNPIVOT sums
    ON line_money, order_money, share, percentage
    INTO NAME written VALUE money
)
SELECT
    written.discount,
    written.written,
    whole.place AS total,
    count(*) AS order_count,
    count(*) FILTER (abs(whole.highest - (lines.total - written.money)) < 0.011) AS equal_count,
    count(*) FILTER (abs(whole.highest - lines.total) < 0.011) AS without_count
FROM written
JOIN evidence_orders AS whole USING (order_id)
JOIN evidence_orders AS lines USING (order_id)
WHERE lines.place = $basis AND list_contains($totals, whole.place)
GROUP BY written.discount, written.written, whole.place
ORDER BY equal_count DESC, written.discount ASC, written.written ASC, whole.place ASC;

-- name: in_the_line
-- Lines with a discount: is the amount the product of quantity and price, less it or not?
WITH pairs AS (
    SELECT
        discount.place AS discount,
        amount.value AS amount,
        pieces.value AS pieces,
        abs(discount.value) AS value
    FROM evidence_money AS discount
    JOIN evidence_money AS amount USING (line)
    JOIN evidence_money AS pieces USING (line)
    WHERE
        amount.place = $basis
        AND pieces.place = -1
        AND list_contains($discounts, discount.place)
        AND discount.value <> 0
)
SELECT
    discount,
    count(*) AS line_count,
    count(*) FILTER (abs(amount - pieces) < 0.011) AS gross_count,
    count(*) FILTER (
        abs(amount - (pieces - value)) < 0.011
        OR abs(amount - pieces * (1 - value)) < 0.011
        OR abs(amount - pieces * (1 - value / 100)) < 0.011
    ) AS net_count
FROM pairs
GROUP BY discount
ORDER BY discount;
