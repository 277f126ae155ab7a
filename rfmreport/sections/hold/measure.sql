-- name: spent_after
-- One row per date and customer who ordered, or gave back, in the horizon from it on. An order
-- counts from the day on which it began; where returns are subtracted, what was spent is net of
-- those of the same time, also of customers who bought nothing in it.
WITH days AS (SELECT unnest($days) AS as_of)

SELECT
    days.as_of,
    all_orders.customer_id,
    sum(all_orders.amount) AS spent,
    bool_or(NOT all_orders.is_return) AS has_ordered
FROM all_orders
JOIN days
    ON
        all_orders.first_at >= days.as_of
        AND all_orders.first_at < days.as_of + to_days($horizon_days)
WHERE all_orders.exclusion IS NULL
GROUP BY days.as_of, all_orders.customer_id;

-- name: bins
-- Customers per logarithmic bin of what they spent, 20 a decade. An amount of zero or less has no
-- logarithm: it joins those who did not order.
SELECT
    as_of,
    segment,
    CAST(
        floor(log10(CASE WHEN spent > 0 THEN CAST(spent AS DOUBLE) END) * 20) AS INTEGER
    ) AS size,
    count(*) AS customer_count,
    count(*) FILTER (WHERE has_ordered) AS returned_count,
    coalesce(sum(spent), 0) AS spent
FROM query_table($people)
LEFT JOIN spent_after USING (as_of, customer_id)
WHERE list_contains($days, as_of)
GROUP BY as_of, segment, size
ORDER BY as_of, segment, size NULLS FIRST;

-- name: medians
-- The median of what those spent who came back.
SELECT
    as_of,
    segment,
    median(CAST(spent AS DOUBLE)) FILTER (WHERE has_ordered) AS median_spent
FROM query_table($people)
LEFT JOIN spent_after USING (as_of, customer_id)
WHERE list_contains($days, as_of)
GROUP BY as_of, segment;

-- name: trial
SELECT
    segment,
    count(*) FILTER (WHERE spent_after.has_ordered) AS returned_count,
    count(*) AS customer_count
FROM trial_customers
LEFT JOIN spent_after USING (as_of, customer_id)
GROUP BY segment;

-- name: by_score
-- For each score alone, first its worst customers of the day and then its best.
WITH followed AS (
    SELECT
        people.recency_score,
        people.frequency_score,
        people.monetary_score,
        coalesce(spent_after.has_ordered, FALSE) AS came_back
    FROM held_out_customers AS people
    LEFT JOIN spent_after USING (as_of, customer_id)
    WHERE people.as_of = $as_of
),

scored AS (
    SELECT
        unnest(['recency_days', 'order_count', 'revenue']) AS measure,
        unnest([recency_score, frequency_score, monetary_score]) AS score,
        came_back
    FROM followed
)

SELECT
    measure,
    score,
    count(*) AS customer_count,
    count_if(came_back) AS returned_count
FROM scored
GROUP BY measure, score
QUALIFY
    score IN (min(score) OVER (PARTITION BY measure), max(score) OVER (PARTITION BY measure))
ORDER BY measure, score;
