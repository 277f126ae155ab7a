-- name: moved
WITH earlier AS (
    SELECT *
    FROM earlier_customers
    WHERE as_of = $before_as_of
),

compared AS (
    SELECT
        coalesce(today.customer_id, earlier.customer_id) AS customer_id,
        earlier.segment AS segment_before,
        today.segment,
        CASE
            WHEN earlier.segment IS NULL AND today.first_order_on >= $before_as_of THEN 'new'
            WHEN earlier.segment IS NULL THEN 'returning'
            WHEN today.segment IS NULL THEN 'aged'
            WHEN today.segment = earlier.segment THEN 'stayed'
            WHEN today.last_order_on >= $before_as_of THEN 'bought'
            -- In a window figures also change because orders leave it: that is age.
            WHEN $has_window THEN 'aged'
            -- A return that changes no score has moved nobody.
            WHEN
                today.frequency_score <> earlier.frequency_score
                OR today.monetary_score <> earlier.monetary_score
                THEN 'restated'
            ELSE 'aged'
        END AS reason,
        coalesce(today.recency_days, earlier.recency_days) AS recency_days,
        coalesce(today.order_count, earlier.order_count) AS order_count,
        coalesce(today.revenue, earlier.revenue) AS revenue,
        coalesce(today.last_order_on, earlier.last_order_on) AS last_order_on,
        earlier.recency_score AS recency_score_before,
        earlier.frequency_score AS frequency_score_before,
        earlier.monetary_score AS monetary_score_before,
        today.recency_score,
        today.frequency_score,
        today.monetary_score,
        coalesce(today.first_order_on, earlier.first_order_on) AS first_order_on,
        list_position($names, earlier.segment) AS place_before,
        list_position($names, today.segment) AS place
    FROM earlier
    FULL OUTER JOIN query_table($today) AS today ON earlier.customer_id = today.customer_id
)

SELECT
    compared.* EXCLUDE (place_before, place),
    overdue_customers.usual_gap_days,
    overdue_customers.longest_gap_days,
    -- Who ordered since and still went down (an order early in a month is old at its end) did not
    -- slip, nor who is not overdue by the own rhythm: they need no call.
    coalesce(place_before <= $top_count AND place > place_before, FALSE)
    AND reason <> 'bought'
    AND overdue_customers.customer_id IS NOT NULL AS has_slipped
FROM compared
LEFT JOIN overdue_customers ON compared.customer_id = overdue_customers.customer_id;

-- name: flows
SELECT
    segment_before AS before,
    segment AS now,
    reason,
    count(*) AS customer_count,
    sum(revenue) AS revenue
FROM moved_customers
GROUP BY segment_before, segment, reason;

-- name: slipped
SELECT
    customer_id,
    segment_before AS before,
    segment AS now,
    reason,
    recency_days,
    order_count,
    revenue,
    last_order_on,
    usual_gap_days,
    longest_gap_days,
    count(*) OVER () AS slipped_count,
    sum(revenue) OVER () AS slipped_revenue
FROM moved_customers
WHERE has_slipped
ORDER BY revenue DESC, customer_id ASC
LIMIT $most;

-- name: slipped_bands
-- Who slipped by what they have spent, in powers of ten: for those who may not see customers.
SELECT
    CAST(
        power(10, floor(log10(greatest(CAST(revenue AS DOUBLE), 1)))) AS BIGINT
    ) AS revenue_from,
    count(*) AS customer_count,
    sum(revenue) AS revenue,
    median(recency_days) AS silent_days,
    median(usual_gap_days) AS usual_gap_days,
    median(longest_gap_days) AS longest_gap_days
FROM moved_customers
WHERE has_slipped
GROUP BY revenue_from
ORDER BY revenue_from DESC;
