-- name: orders
SELECT
    exclusion,
    CAST(coalesce(sum(order_count), 0) AS BIGINT) AS order_count
FROM judged_lines
GROUP BY exclusion;

-- name: counted_to
SELECT
    CAST(counted_on AS DATE) AS day,
    count(*) AS row_count
FROM counted_to
WHERE counted_on IS NOT NULL
GROUP BY counted_on
ORDER BY row_count DESC, day ASC;

-- name: repeated
SELECT
    count(*) AS customer_count,
    max(row_count) AS most
FROM (
    SELECT count(*) AS row_count
    FROM judged_lines
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
    HAVING count(*) > 1
) AS repeated;
