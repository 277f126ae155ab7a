-- What kind of row each is, told from the rows around it. `row_cells` holds rows in their order.

-- name: blanks
-- Rows whose order (or date, where there are no orders) stands on an earlier row only.
SELECT
    count(*) AS row_count,
    count(*) FILTER (key IS NULL AND NOT is_total) AS blank_count,
    count(*) FILTER (
        key IS NULL AND NOT is_total
        AND date_text IS NULL AND customer IS NULL
        AND (product_word IS NOT NULL OR amount IS NOT NULL)
    ) AS blank_together_count,
    count(*) FILTER (key IS NOT NULL AND (date_text IS NULL OR customer IS NULL)) AS torn_count,
    count(key) FILTER (line = 0) AS first_count
FROM row_cells;

-- name: torn
-- Orders of several rows, and how many say their date, or customer, on some of them only.
WITH orders AS (
    SELECT
        count(*) AS row_count,
        count(date_text) AS date_count,
        count(customer) AS customer_count
    FROM row_cells
    WHERE key IS NOT NULL AND NOT is_total
    GROUP BY key
    HAVING count(*) > 1
)
SELECT
    count(*) AS order_count,
    count(*) FILTER (date_count > 0 AND date_count < row_count) AS date,
    count(*) FILTER (customer_count > 0 AND customer_count < row_count) AS customer
FROM orders;

-- name: may_be_totals
-- Whether there is any row to look at more closely: most files have none.
SELECT count(*) > 0
FROM row_cells
WHERE
    (key IS NULL AND customer IS NULL)
    OR regexp_matches(concat_ws(' ', order_word, customer_word, date_word, product_word), $words);

-- name: totals
-- Rows that say so in a cell, or that come to what stands above them: to all of it, or to what
-- stands there since the last such row.
WITH named AS (
    SELECT
        *,
        coalesce(
            list_contains($words, order_word)
            OR list_contains($words, customer_word)
            OR list_contains($words, date_word), FALSE
        ) AS says_so,
        coalesce(
            list_has_any(string_split(order_word, ' '), $words)
            OR list_has_any(string_split(customer_word, ' '), $words)
            OR list_has_any(string_split(product_word, ' '), $words)
            OR list_contains($words, product_word)
            OR list_has_any(string_split(date_word, ' '), $words), FALSE
        ) AS hints_at_it,
        key IS NULL AND customer IS NULL AS is_bare
    FROM row_cells
),
summed AS (
    SELECT
        *,
        says_so OR hints_at_it OR is_bare AS may_be,
        sum(if(says_so OR hints_at_it OR is_bare, 0, amount)) OVER above AS reached,
        sum(if(says_so OR hints_at_it OR is_bare, 0, 1)) OVER above AS reached_count
    FROM named
    WINDOW above AS (ORDER BY line ROWS UNBOUNDED PRECEDING)
),
since AS (
    SELECT
        *,
        reached - coalesce(
            last_value(if(may_be, reached, NULL) IGNORE NULLS) OVER before, 0
        ) AS since_last,
        reached_count - coalesce(
            last_value(if(may_be, reached_count, NULL) IGNORE NULLS) OVER before, 0
        ) AS since_count
    FROM summed
    WINDOW before AS (ORDER BY line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT
    line,
    says_so,
    hints_at_it,
    is_bare,
    greatest(since_count, if(abs(amount - reached) < 0.011, reached_count, 0)) AS above_count,
    coalesce(
        amount <> 0 AND (abs(amount - reached) < 0.011 OR abs(amount - since_last) < 0.011), FALSE
    ) AS adds_up
FROM since
WHERE may_be;

-- name: kinds
-- Two kinds of rows whose money is the same in every order.
WITH sums AS (
    SELECT
        lines.order_id,
        lines.kind,
        sum(money.value) AS total,
        count(*) AS line_count,
        count(lines.product) AS named_count
    FROM evidence_lines AS lines
    JOIN evidence_money AS money USING (line)
    WHERE money.place = $basis AND lines.order_id IS NOT NULL
    GROUP BY lines.order_id, lines.kind
),
orders AS (SELECT count(DISTINCT order_id) AS all_count FROM sums)
SELECT
    one.kind,
    other.kind AS other_kind,
    orders.all_count,
    count(*) AS order_count,
    count(*) FILTER (abs(one.total - other.total) < 0.011) AS equal_count,
    sum(one.named_count) AS named_count,
    sum(other.named_count) AS other_named_count,
    sum(one.line_count) AS line_count,
    sum(other.line_count) AS other_line_count
FROM sums AS one
JOIN sums AS other ON one.order_id = other.order_id AND one.kind < other.kind
CROSS JOIN orders
GROUP BY one.kind, other.kind, orders.all_count
ORDER BY one.kind, other.kind;

-- name: most_rows
SELECT kind
FROM evidence_lines
WHERE list_contains($kinds, kind)
GROUP BY kind
ORDER BY count(*) DESC, kind ASC
LIMIT 1;
