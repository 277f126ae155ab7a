-- Who a customer may be. `evidence_names` holds what columns that name people say on the first
-- lines: one row per line and column (`place`), in small letters, null left out.

-- name: names
WITH people AS (
    SELECT
        line,
        COLUMNS('^p[0-9]+$')
    FROM evidence_lines
)
SELECT
    line,
    CAST(place[2:] AS INTEGER) AS place,
    text
FROM (UNPIVOT people ON COLUMNS('^p[0-9]+$') INTO NAME place VALUE text);

-- name: behaviour
WITH told AS (
    SELECT DISTINCT
        place,
        text,
        order_id
    FROM evidence_names
    JOIN evidence_lines USING (line)
    WHERE order_id IS NOT NULL
),
by_value AS (
    SELECT
        place,
        text,
        count(*) AS order_count
    FROM told
    GROUP BY place, text
),
filled AS (
    SELECT
        place,
        count(DISTINCT order_id) AS order_count
    FROM told
    GROUP BY place
)
SELECT
    by_value.place,
    filled.order_count,
    count(*) AS value_count,
    avg(CAST(contains(by_value.text, '@') AS INTEGER)) AS email_share,
    max(by_value.order_count) AS top_count,
    first(by_value.text ORDER BY by_value.order_count DESC, by_value.text ASC) AS top_text
FROM by_value
JOIN filled USING (place)
GROUP BY by_value.place, filled.order_count
ORDER BY by_value.place;

-- name: order_count
SELECT count(DISTINCT order_id) FROM evidence_lines;

-- name: shared
-- What stands beside several e-mail addresses, and how many orders have one.
SELECT
    names.text,
    count(DISTINCT mails.text) AS email_count,
    count(DISTINCT lines.order_id) AS order_count
FROM evidence_names AS names
JOIN evidence_names AS mails USING (line)
JOIN evidence_lines AS lines USING (line)
WHERE names.place = $place AND mails.place = $email
GROUP BY names.text
HAVING count(DISTINCT mails.text) > 1
ORDER BY email_count DESC, names.text ASC;

-- name: values
SELECT
    text,
    count(DISTINCT order_id) AS order_count
FROM evidence_names
JOIN evidence_lines USING (line)
WHERE place = $place
GROUP BY text
ORDER BY order_count DESC, text ASC;

-- name: blank_beside
-- Orders that an e-mail address names where the id says nothing.
SELECT count(DISTINCT lines.order_id)
FROM evidence_names AS mails
JOIN evidence_lines AS lines USING (line)
LEFT JOIN evidence_names AS ids ON mails.line = ids.line AND ids.place = $place
WHERE mails.place = $email AND ids.text IS NULL;
