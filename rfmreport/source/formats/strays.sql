-- name: order_days
-- A day of orders that count, or would without a window.
SELECT
    CAST(last_at AS DATE) AS day,
    count(DISTINCT coalesce(order_id, customer_id)) AS order_count
FROM orders
WHERE exclusion IS NULL OR exclusion = 'before_window' AND other_exclusion IS NULL
GROUP BY day
ORDER BY day;

-- name: line_days
SELECT
    CAST(ordered_at AS DATE) AS day,
    count(*) AS order_count
FROM parsed_lines
WHERE ordered_at >= $earliest AND ordered_at < $latest
GROUP BY day
ORDER BY day;
