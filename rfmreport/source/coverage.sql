-- name: counted_days
-- `is_known` is what would be kept without a window.
WITH judged AS (
    SELECT
        first_at,
        last_at,
        exclusion IS NULL AS is_kept,
        exclusion IS NULL OR exclusion = 'before_window' AND other_exclusion IS NULL AS is_known
    FROM orders
)
SELECT
    CAST(min(first_at) FILTER (is_kept) AS DATE) AS first_day,
    CAST(max(last_at) FILTER (is_kept) AS DATE) AS last_day,
    CAST(min(first_at) FILTER (is_known) AS DATE) AS first_known_day
FROM judged;

-- name: seen_in_orders
-- Monday is weekday 0.
SELECT
    isodow(last_at) - 1 AS weekday,
    CAST(min(first_at) AS DATE) AS first_day,
    CAST(max(last_at) AS DATE) AS last_day,
    CAST(sum(line_count) AS BIGINT) AS line_count
FROM orders
WHERE last_at IS NOT NULL AND coalesce(exclusion NOT IN ('unreadable_date', 'total_row'), TRUE)
GROUP BY weekday;

-- name: seen_in_lines
SELECT
    isodow(ordered_at) - 1 AS weekday,
    CAST(min(ordered_at) AS DATE) AS first_day,
    CAST(max(ordered_at) AS DATE) AS last_day,
    count(*) AS line_count
FROM parsed_lines
WHERE ordered_at >= $earliest AND ordered_at < $latest
GROUP BY weekday;
