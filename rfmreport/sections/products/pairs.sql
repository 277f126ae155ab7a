-- What is in one order. Of very many orders every so-manieth is taken, by its number.

-- name: count_orders
SELECT count(DISTINCT "order") AS order_count FROM baskets;

-- name: sized_orders
-- One row per order: month and size (the power of two of its products) make its stratum.
SELECT
    "order",
    any_value(buyer) AS buyer,
    64 * CAST(12 * year(min(sold_on)) + month(min(sold_on)) AS INTEGER)
    + CAST(floor(log2(count(DISTINCT product))) AS INTEGER) AS stratum
FROM sold
WHERE product IS NOT NULL AND "order" % $step = 0
GROUP BY "order";

-- name: order_products
SELECT DISTINCT
    sized_orders."order",
    sized_orders.buyer,
    sized_orders.stratum,
    chosen_products.product_row
FROM sold
INNER JOIN chosen_products USING (product)
INNER JOIN sized_orders USING ("order")
WHERE chosen_products.product_row < $most;

-- name: strata
SELECT
    stratum,
    count(*) AS order_count
FROM sized_orders
GROUP BY stratum
ORDER BY stratum;

-- name: cells
SELECT
    product_row,
    stratum,
    count(*) AS order_count
FROM order_products
GROUP BY product_row, stratum;

-- name: together
-- One row per pair; `squares` are of each customer's orders with both.
WITH of_buyers AS (
    SELECT
        first.product_row,
        second.product_row AS other_row,
        first.buyer,
        count(*) AS order_count
    FROM order_products AS first
    INNER JOIN order_products AS second
        ON first."order" = second."order" AND first.product_row < second.product_row
    GROUP BY ALL
)

SELECT
    product_row,
    other_row,
    CAST(sum(order_count) AS BIGINT) AS order_count,
    count(*) AS customer_count,
    CAST(sum(order_count * order_count) AS BIGINT) AS squares
FROM of_buyers
GROUP BY product_row, other_row
ORDER BY product_row, other_row;
