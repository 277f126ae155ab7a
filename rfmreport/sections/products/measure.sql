-- Products and countries. Held tables: goods (a row per kept purchase line, and per line of what
-- came back, negative), baskets (purchases by order and country), product_names, places, buyers.

-- name: products
WITH measured AS (
    SELECT
        product,
        sum(amount) AS revenue,
        sum(quantity) AS quantity,
        coalesce(-sum(amount) FILTER (WHERE is_return), 0) AS returned,
        count(DISTINCT "order") FILTER (WHERE NOT is_return) AS order_count,
        count(DISTINCT buyer) FILTER (WHERE NOT is_return) AS customer_count,
        sum(amount) FILTER (WHERE sold_on >= $now AND sold_on < $until) AS revenue_now,
        sum(amount) FILTER (WHERE sold_on >= $before AND sold_on < $now) AS revenue_before,
        count_if(NOT is_return AND sold_on >= $now AND sold_on < $until) AS lines_now,
        count_if(NOT is_return AND sold_on >= $before AND sold_on < $now) AS lines_before
    FROM goods
    WHERE product IS NOT NULL
    GROUP BY product
    HAVING bool_or(NOT is_return)
)

SELECT
    product_names.*, -- noqa: AM04
    measured.* EXCLUDE (product),
    row_number() OVER (ORDER BY revenue DESC, product_code ASC, product_name ASC) AS revenue_rank,
    row_number() OVER (ORDER BY quantity DESC, product_code ASC, product_name ASC) AS quantity_rank
FROM measured
INNER JOIN product_names USING (product);

-- name: best_products
SELECT
    * EXCLUDE (product, product_code, product_name), -- noqa: AM04
    product_code AS code,
    product_name AS name,
    revenue_rank <= $top_count OR (quantity IS NOT NULL AND quantity_rank <= $top_count) AS is_top
FROM products
QUALIFY
    is_top
    OR revenue_rank = min(revenue_rank) FILTER (WHERE customer_count >= $fewest) OVER ()
ORDER BY revenue_rank;

-- name: all_products
SELECT
    count(*) AS product_count,
    sum(COLUMNS('^(revenue|quantity|returned)$|_now$|_before$'))
FROM products;

-- name: all_baskets
SELECT
    count(DISTINCT "order") FILTER (WHERE named_count > 0) AS order_count,
    count(DISTINCT buyer) FILTER (WHERE named_count > 0) AS customer_count,
    coalesce(sum(amount - coalesce(named_amount, 0)), 0) AS unnamed_revenue
FROM baskets;

-- name: countries
WITH bought AS (
    SELECT
        place,
        product,
        sum(amount) AS revenue,
        sum(quantity) AS quantity,
        count_if(NOT is_return) AS line_count
    FROM goods
    WHERE product IS NOT NULL AND place IS NOT NULL
    GROUP BY place, product
    HAVING bool_or(NOT is_return)
),

-- A join with the most of each place takes a fifth of the time of ranking all products there.
most AS (
    SELECT
        place,
        max(revenue) AS revenue,
        max(quantity) AS quantity
    FROM bought
    GROUP BY place
),

-- Of equals, the first by code and name: they stand first in what is compared.
named AS (
    SELECT
        place,
        bought.revenue = most.revenue AS is_best,
        bought.quantity = most.quantity AS is_most,
        {
            'code': product_code,
            'name': product_name,
            'revenue': bought.revenue,
            'quantity': bought.quantity,
            'line_count': bought.line_count
        } AS product
    FROM bought
    INNER JOIN most USING (place)
    INNER JOIN product_names USING (product)
    WHERE bought.revenue = most.revenue OR bought.quantity = most.quantity
),

best AS (
    SELECT
        place,
        min(product) FILTER (WHERE is_best) AS by_revenue,
        min(product) FILTER (WHERE is_most) AS by_quantity
    FROM named
    GROUP BY place
),

counted AS (
    SELECT
        place,
        sum(amount) AS revenue,
        count(DISTINCT "order") AS order_count,
        count(DISTINCT buyer) AS customer_count
    FROM baskets
    GROUP BY place
)

SELECT
    country,
    revenue,
    CAST(revenue AS DOUBLE) / CAST(sum(revenue) OVER () AS DOUBLE) AS revenue_share,
    order_count,
    customer_count,
    by_revenue['code'] AS best_by_revenue_code,
    by_revenue['name'] AS best_by_revenue_name,
    by_revenue['revenue'] AS best_by_revenue,
    by_revenue['line_count'] AS best_by_revenue_lines,
    by_quantity['code'] AS best_by_quantity_code,
    by_quantity['name'] AS best_by_quantity_name,
    by_quantity['quantity'] AS best_by_quantity,
    by_quantity['line_count'] AS best_by_quantity_lines
FROM counted
LEFT JOIN best USING (place)
LEFT JOIN places USING (place);

-- name: best_countries
SELECT
    *, -- noqa: AM04
    count(country) OVER () AS country_count,
    coalesce(sum(revenue) FILTER (WHERE country IS NULL) OVER (), 0) AS unplaced_revenue
FROM countries
QUALIFY country IS NOT NULL
ORDER BY revenue DESC, country ASC
LIMIT $most;

-- name: homes
SELECT
    segment,
    country,
    count(*) AS customer_count
FROM buyers
GROUP BY segment, country;
