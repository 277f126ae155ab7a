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

-- name: side_by_side
-- One row per customer, and per order without one (a guest's id is the order's), with the measures
-- of every choice: first as in the report, then, with a choice's key behind the name, what differs.
-- Where the report nets returns, it leaves out those of customers who bought nothing; under another
-- choice they may have bought something.
WITH judged AS (
    SELECT
        *,
        coalesce(exclusion = 'missing_customer', FALSE) AND other_exclusion IS NULL AS is_guest,
        coalesce(exclusion = 'before_window', FALSE) AND other_exclusion IS NULL AS is_hidden,
        coalesce(exclusion = 'non_product', FALSE) AS is_fee,
        (exclusion IS NULL AND is_return)
        OR coalesce(list_contains($returnable, exclusion) AND amount < 0, FALSE) AS is_given_back
    FROM orders
),

told AS (
    SELECT
        order_id,
        is_guest,
        first_at,
        last_at,
        line_count,
        amount,
        is_fee,
        CASE WHEN is_guest THEN order_id ELSE customer_id END AS customer_id,
        (exclusion IS NULL AND NOT is_return) OR is_guest AS is_sold,
        is_given_back AND fee_code IS NULL AS is_returned,
        is_sold OR ($net_returns AND is_returned) AS is_money,
        is_sold OR is_fee AS is_sold_or_fee,
        is_sold_or_fee OR ($net_returns AND is_given_back) AS is_money_or_fee,
        is_sold OR (is_hidden AND NOT is_return) AS is_sold_ever,
        is_money OR is_hidden AS is_money_ever
    FROM judged
),

measured AS (
    SELECT
        customer_id,
        is_guest,
        count(*) FILTER (WHERE is_sold) AS order_count,
        sum(amount) FILTER (WHERE is_money) AS revenue,
        max(last_at) FILTER (WHERE is_sold) AS last_at,
        sum(amount) FILTER (WHERE is_sold OR (NOT $net_returns AND is_returned)) AS revenue_returns,
        sum(line_count) FILTER (WHERE is_sold) AS order_count_lines,
        count(*) FILTER (WHERE is_sold_ever) AS order_count_all,
        sum(amount) FILTER (WHERE is_money_ever) AS revenue_all,
        max(last_at) FILTER (WHERE is_sold_ever) AS last_at_all,
        count(*) FILTER (WHERE is_sold_ever AND first_at >= $since_12) AS order_count_window_12,
        sum(amount) FILTER (WHERE is_money_ever AND first_at >= $since_12) AS revenue_window_12,
        max(last_at) FILTER (WHERE is_sold_ever AND first_at >= $since_12) AS last_at_window_12,
        count(*) FILTER (WHERE is_sold_ever AND first_at >= $since_24) AS order_count_window_24,
        sum(amount) FILTER (WHERE is_money_ever AND first_at >= $since_24) AS revenue_window_24,
        max(last_at) FILTER (WHERE is_sold_ever AND first_at >= $since_24) AS last_at_window_24,
        sum(amount) FILTER (WHERE is_money_or_fee) AS revenue_fees,
        max(last_at) FILTER (WHERE is_sold_or_fee) AS last_at_fees
    FROM told
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id, is_guest
),

-- Orders of nothing but fees: the fees of another order are no order of their own.
fees_alone AS (
    SELECT
        customer_id,
        count(DISTINCT order_id) AS order_count
    FROM told AS fees
    WHERE
        is_fee
        AND NOT EXISTS (
            SELECT 1
            FROM told AS sold
            WHERE
                sold.is_sold
                AND sold.customer_id = fees.customer_id
                AND sold.order_id = fees.order_id
        )
    GROUP BY customer_id
),

-- Those that hold most revenue, one in a hundred.
largest AS (
    SELECT customer_id
    FROM customers
    ORDER BY revenue DESC, customer_id ASC
    LIMIT (SELECT count(counted.customer_id) // 100 FROM customers AS counted)
)

SELECT
    measured.*,
    measured.order_count + coalesce(fees_alone.order_count, 0) AS order_count_fees,
    NOT is_guest AND largest.customer_id IS NULL AS is_small
FROM measured
LEFT JOIN fees_alone USING (customer_id)
LEFT JOIN largest ON measured.customer_id = largest.customer_id;

-- name: top_segment
SELECT
    count(*) AS customer_count,
    sum(revenue) AS revenue,
    count(*) FILTER (WHERE segment = $top) AS top_customer_count,
    sum(revenue) FILTER (WHERE segment = $top) AS top_revenue
FROM query_table($people);
