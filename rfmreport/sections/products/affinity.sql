-- Picks: a product in one month of a customer, counted once. Only narrow whole numbers are held of
-- them, for there are half as many as lines.

-- name: chosen_products
SELECT
    product,
    product_code,
    product_name,
    CAST(
        row_number() OVER (ORDER BY customer_count DESC, product_code ASC, product_name ASC) - 1
        AS SMALLINT
    ) AS product_row
FROM products
WHERE customer_count >= $fewest
QUALIFY product_row < $most;

-- name: compared_products
SELECT
    product_code,
    product_name
FROM chosen_products
ORDER BY product_row;

-- name: pickers
WITH named AS (
    SELECT
        CAST($segments AS VARCHAR[]) AS segments,
        CAST($countries AS VARCHAR[]) AS countries
)

SELECT
    buyer,
    CAST(row_number() OVER () AS INTEGER) AS picker,
    CAST(coalesce(list_position(segments, segment) - 1, len(segments)) AS SMALLINT)
        AS segment_number,
    CAST(coalesce(list_position(countries, country) - 1, len(countries)) AS SMALLINT)
        AS country_number
FROM buyers
CROSS JOIN named;

-- name: picks
SELECT DISTINCT
    picker,
    CAST(12 * year(sold_on) + month(sold_on) AS SMALLINT) AS month_number,
    product_row
FROM sold
INNER JOIN chosen_products USING (product)
INNER JOIN pickers USING (buyer);

-- name: cells
WITH months AS (
    SELECT
        picker,
        month_number,
        CAST(floor(log2(count(*))) AS TINYINT) AS size
    FROM picks
    GROUP BY picker, month_number
)

SELECT
    product_row,
    segment_number,
    country_number,
    64 * CAST(month_number AS INTEGER) + size AS stratum,
    count(*) AS pick_count
FROM picks
INNER JOIN months USING (picker, month_number)
INNER JOIN pickers USING (picker)
GROUP BY ALL;

-- name: spread
WITH repeated AS (
    SELECT
        picker,
        product_row,
        count(*) AS pick_count
    FROM picks
    GROUP BY picker, product_row
)

SELECT
    product_row,
    segment_number,
    country_number,
    count(*) AS buyers,
    CAST(sum(pick_count * pick_count) AS BIGINT) AS squares
FROM repeated
INNER JOIN pickers USING (picker)
GROUP BY ALL;
