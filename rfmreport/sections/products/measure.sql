-- Launches, followed by whole weeks.

-- name: launches
SELECT
    product,
    product_code,
    product_name,
    first_sold_on,
    first_sold_on >= $late_from AS is_late
FROM product_names
WHERE first_sold_on >= $first_day AND first_sold_on < $as_of AND NOT is_relabelled;

-- name: launch_weeks
-- Each week is counted to all later ones: a running sum over so many launches takes longer.
WITH lines AS (
    SELECT
        product,
        buyer,
        amount,
        CAST((sold_on - first_sold_on) // 7 + 1 AS INTEGER) AS week
    FROM sold
    INNER JOIN launches USING (product)
    WHERE week <= $week_count AND first_sold_on + 7 * week <= $as_of
),

spent AS (
    SELECT
        product,
        week,
        sum(amount) AS revenue
    FROM lines
    GROUP BY product, week
),

first_weeks AS (
    SELECT
        product,
        buyer,
        min(week) AS week
    FROM lines
    GROUP BY product, buyer
),

joined AS (
    SELECT
        product,
        week,
        count(*) AS customer_count
    FROM first_weeks
    GROUP BY product, week
),

calendar AS (
    SELECT unnest(range(1, $week_count + 1)) AS week
)

SELECT
    product,
    calendar.week,
    CAST(sum(coalesce(customer_count, 0)) AS BIGINT) AS customer_count,
    sum(revenue) AS revenue
FROM spent
LEFT JOIN joined USING (product, week)
INNER JOIN calendar ON spent.week <= calendar.week
GROUP BY product, calendar.week;

-- name: orders_before
WITH taken AS (
    SELECT
        CAST(first_at AS DATE) AS day,
        count(*) AS order_count
    FROM orders
    WHERE exclusion IS NULL AND NOT is_return
    GROUP BY day
),

calendar AS (
    SELECT CAST(unnest(range($first_day, $as_of + 1, INTERVAL 1 DAY)) AS DATE) AS day
)

SELECT
    day,
    CAST(
        coalesce(
            sum(order_count) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            0
        ) AS BIGINT
    ) AS order_count
FROM calendar
LEFT JOIN taken USING (day);

-- name: followed_launches
-- Those that no analysed customer bought in their whole weeks are left out.
WITH calendar AS (
    SELECT CAST(unnest(range(1, $week_count + 1)) AS INTEGER) AS week
),

grid AS (
    SELECT
        product,
        product_code,
        product_name,
        first_sold_on,
        is_late,
        week,
        first_sold_on + 7 * week AS week_end
    FROM launches
    CROSS JOIN calendar
    WHERE
        week_end <= $as_of
        AND product IN (SELECT launch_weeks.product FROM launch_weeks)
)

SELECT
    grid.product,
    grid.product_code,
    grid.product_name,
    grid.first_sold_on,
    grid.is_late,
    grid.week,
    coalesce(so_far.customer_count, 0) AS customer_count,
    coalesce(so_far.revenue, 0) AS revenue,
    at_end.order_count - at_start.order_count AS shop_orders,
    CAST(coalesce(so_far.customer_count, 0) AS DOUBLE) * 1000 / nullif(shop_orders, 0) AS pace
FROM grid
LEFT JOIN launch_weeks AS so_far ON grid.product = so_far.product AND grid.week = so_far.week
INNER JOIN orders_before AS at_start ON grid.first_sold_on = at_start.day
INNER JOIN orders_before AS at_end ON grid.week_end = at_end.day;

-- name: late_launches
WITH late AS (
    SELECT
        product_code,
        product_name,
        first_sold_on,
        max(week) AS weeks,
        list(customer_count ORDER BY week) AS customers_by_week,
        max(customer_count) AS customers,
        max(revenue) AS revenue,
        CAST(customers AS DOUBLE) * 1000 / nullif(max(shop_orders), 0) AS pace
    FROM followed_launches
    WHERE is_late
    GROUP BY product, product_code, product_name, first_sold_on
)

SELECT
    product_code,
    product_name,
    first_sold_on,
    customers_by_week,
    revenue,
    pace,
    customers >= $fewest AND weeks >= $fewest_weeks AS is_told,
    count(*) OVER () AS launch_count,
    count(*) FILTER (WHERE customers >= $fewest AND weeks >= $fewest_weeks) OVER () AS told_count
FROM late
ORDER BY is_told DESC, pace DESC, product_code ASC, product_name ASC
LIMIT $most;

-- name: earlier_launches
SELECT
    week,
    count(*) AS launch_count,
    quantile_cont(customer_count, [0.25, 0.5, 0.75]) AS customers,
    quantile_cont(pace, [0.25, 0.5, 0.75]) AS paces
FROM followed_launches
WHERE NOT is_late
GROUP BY week
HAVING count(*) >= $fewest
ORDER BY week;

-- name: first_takers
WITH picks AS (
    SELECT
        product,
        buyer,
        min(sold_on) AS first_on
    FROM sold
    WHERE sold_on >= $late_from AND product IS NOT NULL
    GROUP BY product, buyer
)

SELECT
    segment,
    count(*) AS pick_count,
    count(*) FILTER (WHERE first_on - first_sold_on < $first_days) AS taker_count
FROM picks
INNER JOIN buyers USING (buyer)
LEFT JOIN launches ON picks.product = launches.product AND launches.is_late
GROUP BY segment;

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
