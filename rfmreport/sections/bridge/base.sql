-- name: by_cohort
-- One row per span of months and cohort, the span of the first order, that ordered or gave back in
-- it. Spans are numbered from 0, the one of `$span` months that ends with `$last`; who was there in
-- the first month of the data is of cohort null. Money counts as in the report.
WITH numbered AS (
    SELECT
        orders.customer_id,
        orders.amount,
        NOT orders.is_return AS is_order,
        CASE
            WHEN first_orders.first_order_on >= $known_until
                THEN datediff('month', $last, first_orders.first_order_on)
        END AS cohort_month,
        datediff('month', $last, orders.first_at) AS month_number
    FROM orders
    JOIN first_orders USING (customer_id)
    WHERE orders.exclusion IS NULL
)

SELECT
    CAST(ceil(month_number / $span) AS INTEGER) AS span_number,
    CAST(ceil(cohort_month / $span) AS INTEGER) AS cohort_number,
    count(DISTINCT customer_id) FILTER (WHERE is_order) AS buyer_count,
    count_if(is_order) AS order_count,
    sum(amount) AS revenue
FROM numbered
GROUP BY span_number, cohort_number
ORDER BY span_number, cohort_number NULLS FIRST;
