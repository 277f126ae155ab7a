-- What departments are told of products: of which most pieces go out, which are bought again, and
-- with which good customers began.

-- name: key_products
WITH recent AS (
    SELECT
        product,
        "order",
        buyer,
        quantity
    FROM sold
    WHERE
        sold_on >= $first_day AND sold_on < $until
        AND product IS NOT NULL AND quantity IS NOT NULL
),

counted AS (
    SELECT
        product,
        sum(quantity) AS quantity,
        count(DISTINCT "order") AS order_count,
        count(DISTINCT buyer) AS customer_count,
        count(*) OVER () AS product_count,
        sum(sum(quantity)) OVER () AS total
    FROM recent
    GROUP BY product
)

SELECT
    product,
    product_code,
    product_name,
    counted.quantity,
    counted.order_count,
    counted.customer_count,
    product_count,
    total
FROM counted
INNER JOIN products USING (product)
WHERE counted.quantity > 0
ORDER BY counted.quantity DESC, product_code ASC, product_name ASC
LIMIT $most;

-- name: pieces_by_week
WITH by_order AS (
    SELECT
        product,
        segment,
        (sold_on - CAST($first_day AS DATE)) // 7 AS week,
        sum(quantity) AS quantity
    FROM sold
    INNER JOIN buyers USING (buyer)
    WHERE
        sold_on >= $first_day AND sold_on < $until
        AND product IN $products AND quantity IS NOT NULL
    GROUP BY product, segment, week, "order"
)

SELECT
    product,
    segment,
    week,
    sum(quantity) AS pieces,
    max(quantity) AS largest
FROM by_order
GROUP BY product, segment, week;

-- name: repeated_products
-- An order counts on the day of its first line, so one that spans midnight is not bought again.
WITH by_order AS (
    SELECT
        product,
        buyer,
        min(sold_on) AS day
    FROM sold
    WHERE product IS NOT NULL
    GROUP BY product, buyer, "order"
),

days AS (
    SELECT DISTINCT
        product,
        buyer,
        day
    FROM by_order
),

first_two AS (
    SELECT
        product,
        min(day, 2) AS days
    FROM days
    GROUP BY product, buyer
),

watched AS (
    SELECT
        product,
        CASE WHEN days[2] - days[1] <= $watched_days THEN days[2] - days[1] END AS gap_days
    FROM first_two
    WHERE days[1] < $watched_from
)

SELECT
    product_code,
    product_name,
    count(*) AS buyer_count,
    count(gap_days) AS again_count,
    median(gap_days) AS gap_days
FROM watched
INNER JOIN products USING (product)
GROUP BY product, product_code, product_name
HAVING count(*) >= $fewest
ORDER BY buyer_count DESC, product_code ASC, product_name ASC
LIMIT $most;

-- name: first_picks
WITH placed AS (
    SELECT
        customer_id,
        order_id,
        CAST(first_at AS DATE) AS day
    FROM all_orders
    WHERE exclusion IS NULL AND NOT is_return
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY first_at, order_id) = 1
),

first_orders AS (
    SELECT
        hash(customer_id) AS buyer,
        hash(customer_id, order_id) AS "order",
        date_trunc('month', day) AS month,
        segment = $top_segment AS is_top
    FROM placed
    INNER JOIN customers USING (customer_id)
    WHERE day BETWEEN $first_from AND $first_to
),

picks AS (
    SELECT DISTINCT
        product,
        buyer,
        month,
        is_top
    FROM sold
    INNER JOIN first_orders USING (buyer, "order")
    WHERE product IS NOT NULL
)

SELECT
    product,
    buyer,
    month,
    is_top,
    CAST(floor(log2(count(*) OVER (PARTITION BY buyer))) AS INTEGER) AS size
FROM picks;

-- name: strata
SELECT
    month,
    size,
    count(DISTINCT buyer) AS customer_count,
    count(DISTINCT buyer) FILTER (WHERE is_top) AS top_count
FROM first_picks
GROUP BY month, size;

-- name: strata_by_product
SELECT
    product_code AS code,
    product_name AS name,
    month,
    size,
    count(*) AS with_count,
    count(*) FILTER (WHERE is_top) AS top_with
FROM first_picks
INNER JOIN products USING (product)
GROUP BY product, product_code, product_name, month, size
QUALIFY sum(count(*)) OVER (PARTITION BY product) >= $fewest
ORDER BY product_code, product_name, month, size;
