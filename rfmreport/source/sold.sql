-- What was sold, from the judged `lines`. Products, buyers, orders and places are numbers here: 64
-- bits of the text that names them, for counting numbers takes a third of the time. Of a hundred
-- million orders two share a number with a chance of one in three thousand; then a product that is
-- in both has one order less. A code in capitals or not is one product; where there is no code, the
-- name is the product, unless a code has it elsewhere.

-- name: product_labels
-- One row per code, name, country and verdict, as they are written: small, and asked thrice. Texts
-- of millions of lines are grouped by a number of them, in three quarters of the time.
SELECT
    any_value(product_code) AS product_code,
    any_value(product_name) AS product_name,
    any_value(country) AS country,
    exclusion IS NULL AND NOT is_return AS is_kept,
    count(*) AS line_count,
    CAST(min(ordered_at) AS DATE) AS first_on
FROM lines
WHERE
    -- On sale, also to buyers unknown, and before the window.
    NOT is_return
    AND (
        exclusion IS NULL
        OR (
            exclusion IN ('before_window', 'missing_customer')
            AND (other_exclusion IS NULL OR other_exclusion = 'missing_customer')
        )
    )
GROUP BY hash(product_code, product_name, country), is_kept;

-- name: namesakes
-- Names that stand alone on some lines and with a code on others: the code of most of these lines.
WITH coded AS (
    SELECT
        product_name,
        upper(product_code) AS code,
        sum(line_count) AS line_count
    FROM product_labels
    WHERE product_code IS NOT NULL
    GROUP BY ALL
),

alone AS (
    SELECT product_name
    FROM product_labels
    WHERE product_code IS NULL AND product_name IS NOT NULL
)

SELECT
    product_name AS name,
    first(code ORDER BY line_count DESC, code ASC) AS code
FROM coded
WHERE product_name IN (SELECT product_name FROM alone)
GROUP BY product_name;

-- name: product_names
-- What products are called on most of their kept lines (of equals the first in the alphabet), and
-- since when they are sold; `is_relabelled`: an earlier product has the same name.
WITH keyed AS (
    SELECT
        labels.product_name,
        labels.is_kept,
        labels.line_count,
        labels.first_on,
        coalesce(upper(labels.product_code), namesakes.code) AS code,
        coalesce(upper(labels.product_code), namesakes.code, labels.product_name) AS key
    FROM product_labels AS labels
    LEFT JOIN namesakes
        ON labels.product_code IS NULL AND labels.product_name = namesakes.name
),

counted AS (
    SELECT
        key,
        code,
        product_name,
        sum(if(is_kept, line_count, 0)) AS line_count,
        min(first_on) AS first_on
    FROM keyed
    WHERE key IS NOT NULL
    GROUP BY ALL
),

called AS (
    SELECT
        key,
        code,
        min(first_on) AS first_sold_on,
        first(product_name ORDER BY line_count DESC, product_name ASC) FILTER (
            WHERE product_name IS NOT NULL
        ) AS product_name
    FROM counted
    GROUP BY key, code
)

SELECT
    called.first_sold_on,
    hash(called.key) AS product,
    coalesce(called.code, '') AS product_code,
    coalesce(called.product_name, called.key) AS product_name,
    called.product_name IS NOT NULL
    AND called.first_sold_on
    > min(called.first_sold_on) OVER (PARTITION BY called.product_name) AS is_relabelled
FROM called;

-- name: sold
-- One row per kept purchase line, returns left out; product and place are null where it names none.
-- Quantities are exact, so that sums do not depend on the order of the rows. An order number may be
-- one of a customer's own: his first, his second.
WITH keyed AS (
    SELECT
        lines.amount,
        lines.quantity,
        lines.country,
        lines.customer_id,
        lines.order_id,
        lines.ordered_at,
        coalesce(upper(lines.product_code), namesakes.code, lines.product_name) AS key
    FROM lines
    LEFT JOIN namesakes
        ON lines.product_code IS NULL AND lines.product_name = namesakes.name
    WHERE lines.exclusion IS NULL AND NOT lines.is_return
)

SELECT
    amount,
    try_cast(quantity AS DECIMAL(18, 4)) AS quantity,
    if(key IS NULL, NULL, hash(key)) AS product,
    if(country IS NULL, NULL, hash(country)) AS place,
    hash(customer_id) AS buyer,
    hash(customer_id, order_id) AS "order",
    CAST(ordered_at AS DATE) AS sold_on
FROM keyed;

-- name: given_back
-- One row per line of goods that analysed customers gave back, as `sold` and negative; `sold_on` is
-- when they came back. What reversed a whole order is none, for that order is not among the sold;
-- nor is a discount on an order that was cancelled.
WITH given AS (
    SELECT
        customer_id,
        order_id,
        product_code,
        product_name,
        country,
        amount,
        -abs(quantity) AS quantity,
        ordered_at
    FROM lines
    WHERE
        is_return
        OR (
            list_contains($returnable, exclusion)
            AND customer_id IN (SELECT customers.customer_id FROM customers)
        )
    QUALIFY sum(amount) OVER (PARTITION BY customer_id, order_id) < 0
)

SELECT
    given.amount,
    try_cast(given.quantity AS DECIMAL(18, 4)) AS quantity,
    hash(coalesce(upper(given.product_code), namesakes.code, given.product_name)) AS product,
    if(given.country IS NULL, NULL, hash(given.country)) AS place,
    hash(given.customer_id) AS buyer,
    hash(given.customer_id, given.order_id) AS "order",
    CAST(given.ordered_at AS DATE) AS sold_on
FROM given
LEFT JOIN namesakes
    ON given.product_code IS NULL AND given.product_name = namesakes.name
WHERE coalesce(given.product_code, given.product_name) IS NOT NULL;

-- name: weighed
-- Products whose quantities are weights or volumes: fractions, or large numbers that hardly come
-- twice, as thousandths of a gallon do. Packs of pieces come again and again.
SELECT product
FROM sold
WHERE product IS NOT NULL AND quantity IS NOT NULL
GROUP BY product
HAVING
    count_if(quantity <> floor(quantity)) > $odd_share * count(*)
    OR (
        count(*) >= $fewest_lines
        AND median(quantity) > $many
        AND count(DISTINCT quantity) > count(*) / 2
    );

-- name: in_pieces
-- The same without quantities that are no pieces.
SELECT
    * REPLACE ( -- noqa: AM04
        if(product IN (SELECT weighed.product FROM weighed), NULL, quantity) AS quantity
    )
FROM query_table($goods);

-- name: goods
-- What was sold and what came back of it.
SELECT
    *, -- noqa: AM04
    FALSE AS is_return
FROM sold
UNION ALL
SELECT
    *,
    TRUE AS is_return
FROM given_back;

-- name: places
SELECT DISTINCT
    country,
    hash(country) AS place
FROM product_labels
WHERE is_kept AND country IS NOT NULL;

-- name: baskets
-- One row per order and place: what counting orders and buyers needs, far smaller than `sold`.
SELECT
    buyer,
    "order",
    place,
    sum(amount) AS amount,
    count(*) AS line_count,
    count(product) AS named_count,
    sum(amount) FILTER (WHERE product IS NOT NULL) AS named_amount
FROM sold
GROUP BY buyer, "order", place;

-- name: buyers
-- One row per customer: segment, and the country of most of his lines.
WITH main AS (
    SELECT
        buyer,
        place
    FROM baskets
    GROUP BY buyer, place
    QUALIFY row_number() OVER (PARTITION BY buyer ORDER BY sum(line_count) DESC, place) = 1
)

SELECT
    main.buyer,
    customers.segment,
    places.country
FROM customers
INNER JOIN main ON main.buyer = hash(customers.customer_id)
LEFT JOIN places USING (place);
