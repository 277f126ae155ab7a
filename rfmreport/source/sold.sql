-- What was sold, from the judged `lines`. Products, buyers, orders and places are numbers here: 64
-- bits of the text that names them, for counting numbers takes a third of the time. Of a hundred
-- million orders two share a number with a chance of one in three thousand; then a product that is
-- in both has one order less. A code in capitals or not is one product; where there is no code, the
-- name is the product, unless a code has it elsewhere.

-- name: label_texts
-- One row per code, name and country as they are written, with its number.
SELECT
    hash(product_code, product_name, country) AS label,
    any_value(product_code) AS product_code,
    any_value(product_name) AS product_name,
    any_value(country) AS country
FROM judged_lines
GROUP BY label;

-- name: traded
-- One row per line that was sold or given back, or would have been sold but for an unknown buyer or
-- the window (`offered`): all that is asked of lines, in numbers, so that they are judged once.
-- Quantities are exact, so that sums do not depend on the order of the rows. An order number may be
-- one of a customer's own: his first, his second.
SELECT
    amount,
    hash(product_code, product_name, country) AS label,
    try_cast(quantity AS DECIMAL(18, 4)) AS quantity,
    hash(customer_id) AS buyer,
    hash(customer_id, order_id) AS "order",
    CAST(ordered_at AS DATE) AS sold_on,
    CAST(
        CASE
            WHEN is_return THEN 'returned'
            WHEN exclusion IS NULL THEN 'sold'
            WHEN list_contains($returnable, exclusion) THEN 'left_out'
            ELSE 'offered'
        END AS ENUM('sold', 'offered', 'returned', 'left_out')
    ) AS kind
FROM lines
WHERE
    is_return
    OR exclusion IS NULL
    OR list_contains($returnable, exclusion)
    OR (
        exclusion IN ('before_window', 'missing_customer')
        AND (other_exclusion IS NULL OR other_exclusion = 'missing_customer')
    );

-- name: product_labels
-- One row per label and whether its lines are kept: small, and asked thrice.
WITH counted AS (
    SELECT
        label,
        kind = 'sold' AS is_kept,
        count(*) AS line_count,
        min(sold_on) AS first_on
    FROM traded
    WHERE kind IN ('sold', 'offered')
    GROUP BY label, is_kept
)

SELECT
    label_texts.* EXCLUDE (label), -- noqa: AM04
    counted.* EXCLUDE (label)
FROM counted
INNER JOIN label_texts USING (label);

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

-- name: label_keys
-- Which product and place a label names; null where it names none.
WITH keyed AS (
    SELECT
        texts.label,
        texts.country,
        coalesce(upper(texts.product_code), namesakes.code, texts.product_name) AS key
    FROM label_texts AS texts
    LEFT JOIN namesakes
        ON texts.product_code IS NULL AND texts.product_name = namesakes.name
)

SELECT
    label,
    if(key IS NULL, NULL, hash(key)) AS product,
    if(country IS NULL, NULL, hash(country)) AS place
FROM keyed;

-- name: labels
-- The same, and whether the product is sold by weight or volume: fractions, or mostly large numbers
-- that hardly come twice, as thousandths of a gallon do. Packs of pieces come again and again.
WITH numbers AS (
    SELECT
        keys.product,
        traded.quantity
    FROM traded
    INNER JOIN label_keys AS keys USING (label)
    WHERE traded.kind = 'sold' AND keys.product IS NOT NULL AND traded.quantity IS NOT NULL
),

counted AS (
    SELECT
        product,
        count_if(quantity <> floor(quantity)) > $odd_share * count(*) AS is_weighed,
        count(*) >= $fewest_lines AND 2 * count_if(quantity > $many) > count(*) AS is_large
    FROM numbers
    GROUP BY product
),

unlike AS (
    SELECT product
    FROM numbers
    WHERE
        product IN (
            SELECT counted.product
            FROM counted
            WHERE counted.is_large
        )
    GROUP BY product
    HAVING count(DISTINCT quantity) > count(*) / 2
)

SELECT
    label_keys.*, -- noqa: AM04
    coalesce(counted.is_weighed, FALSE) OR unlike.product IS NOT NULL AS is_weighed
FROM label_keys
LEFT JOIN counted USING (product)
LEFT JOIN unlike USING (product);

-- name: sold
-- One row per kept purchase line, returns left out; what is weighed has no number of pieces.
SELECT
    traded.amount,
    if(labels.is_weighed, NULL, traded.quantity) AS quantity,
    labels.product,
    labels.place,
    traded.buyer,
    traded."order",
    traded.sold_on
FROM traded
INNER JOIN labels USING (label)
WHERE traded.kind = 'sold';

-- name: given_back
-- One row per line of goods that analysed customers gave back, as `sold` and negative; `sold_on` is
-- when they came back. What reversed a whole order is none, for that order is not among the sold;
-- nor is a discount on an order that was cancelled.
WITH given AS (
    SELECT * EXCLUDE (kind) -- noqa: AM04
    FROM traded
    WHERE
        kind = 'returned'
        OR (
            kind = 'left_out'
            AND buyer IN (SELECT hash(customers.customer_id) AS buyer FROM customers)
        )
    QUALIFY sum(amount) OVER (PARTITION BY "order") < 0
)

SELECT
    given.amount,
    if(labels.is_weighed, NULL, -abs(given.quantity)) AS quantity,
    labels.product,
    labels.place,
    given.buyer,
    given."order",
    given.sold_on
FROM given
INNER JOIN labels USING (label)
WHERE labels.product IS NOT NULL;

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
