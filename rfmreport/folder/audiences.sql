-- name: contacts
-- The latest of each contact that is not empty, of all that was read before the date, also of
-- orders that do not count: a cancelled order has the right telephone number. Of two at the same
-- time, the one that is later in the alphabet.
SELECT
    customer_id,
    arg_max(
        COLUMNS('^(email|phone|contact_name)$'),
        row(last_at, COLUMNS('^(email|phone|contact_name)$'))
    )
FROM orders
WHERE
    customer_id IS NOT NULL
    AND exclusion IS DISTINCT FROM 'unreadable_date'
    AND last_at < $as_of
GROUP BY customer_id;

-- name: no_contacts
SELECT '' AS customer_id
WHERE FALSE;

-- name: slipped
SELECT
    customer_id,
    segment_before,
    longest_gap_days
FROM moved_customers
WHERE has_slipped;

-- name: nobody_slipped
SELECT
    '' AS customer_id,
    '' AS segment_before,
    0 AS longest_gap_days
WHERE FALSE;

-- name: told
-- Everybody once, with the parts of the reasons. Who is held out depends on the seed and the id
-- alone. A first order turns cold only where it is the first of all, which a window may hide.
SELECT
    listed.*, -- noqa: AM04
    contacts.* EXCLUDE (customer_id),
    slipped.segment_before,
    count_text(slipped.longest_gap_days, $count) AS longest_gap,
    CASE
        WHEN list_contains($by_revenue, listed.segment) THEN listed.revenue
        ELSE listed.value_to_come
    END AS weight,
    CASE
        WHEN left(sha256($seed || ':' || listed.customer_id), 8) < $bound THEN $control
        ELSE $contacted
    END AS "group",
    count_text(listed.recency_days, $count)
    || CASE WHEN listed.recency_days = 1 THEN ' day ago' ELSE ' days ago' END AS ago,
    ago || ', ' || count_text(listed.order_count, $count)
    || CASE WHEN listed.order_count = 1 THEN ' order and ' ELSE ' orders and ' END
    || money_text(listed.revenue, $money) || $span AS standing,
    share_text(listed.chance, $share)
    || ' of customers like this order within ' || $days || ' days as things were' AS likely,
    CASE
        WHEN
            listed.order_count = 1
            AND listed.first_order_on BETWEEN $cold_from AND $cold_to
            AND listed.first_order_on = first_orders.first_order_on
            THEN
                'Only order ' || ago || ', for ' || money_text(listed.revenue, $money) || '; from '
                || day_text(listed.first_order_on + CAST($cold_after_days + 1 AS INTEGER))
                || ' the chance of a second within ' || $cold_within || ' days is below '
                || $cold_chance || '.'
    END AS cold_reason
FROM listed
LEFT JOIN contacts USING (customer_id)
LEFT JOIN slipped USING (customer_id)
LEFT JOIN first_orders USING (customer_id);

-- name: of_segment
SELECT
    *, -- noqa: AM04
    'Last order ' || standing || coalesce('; ' || likely, '') || '.' AS reason
FROM audiences
WHERE segment = $segment
ORDER BY weight DESC NULLS LAST, revenue DESC NULLS LAST, customer_id ASC;

-- name: of_slipped
SELECT
    *, -- noqa: AM04
    'Slipped from ' || segment_before || ' to ' || segment || ' since ' || $then_on
    || ': last order ' || standing || '; until now never silent for more than '
    || longest_gap || ' days.' AS reason
FROM audiences
WHERE segment_before IS NOT NULL
ORDER BY revenue DESC NULLS LAST, customer_id ASC;

-- name: of_turning_cold
SELECT
    *, -- noqa: AM04
    cold_reason AS reason
FROM audiences
WHERE cold_reason IS NOT NULL
ORDER BY revenue DESC NULLS LAST, customer_id ASC;

-- name: of_would_order
-- Who more likely than not orders without being asked.
SELECT
    *, -- noqa: AM04
    likely || '; last order ' || standing || '.' AS reason
FROM audiences
WHERE chance >= 0.5
ORDER BY chance DESC NULLS LAST, revenue DESC NULLS LAST, customer_id ASC;
