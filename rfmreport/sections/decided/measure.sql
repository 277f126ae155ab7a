-- name: purchases
-- Whoever bought last on a day or later has ordered since that day, so one row serves every day.
SELECT
    customer_id,
    min(first_at) AS first_at,
    max(first_at) AS latest_at
FROM all_orders
WHERE exclusion IS NULL AND NOT is_return AND first_at < $as_of
GROUP BY customer_id;

-- name: members
SELECT
    customer_id,
    segment,
    as_of
FROM earlier_customers
WHERE list_contains(CAST($days AS DATE[]), as_of);

-- name: segments
-- Each segment on each of the days, and as of the report's date; a rank is a place in the scheme.
WITH members AS (
    SELECT
        customer_id,
        segment,
        as_of
    FROM decided_members
    UNION ALL
    SELECT
        customer_id,
        segment,
        CAST($as_of AS DATE) AS as_of
    FROM customers
)

SELECT
    members.as_of,
    members.segment,
    count(*) AS customer_count,
    count(*) FILTER (WHERE purchases.latest_at >= members.as_of) AS ordered_count,
    count(*) FILTER (
        WHERE
        list_position($names, customers.segment) <= list_position($names, members.segment)
    ) AS stayed_or_better_count
FROM members
LEFT JOIN decided_purchases AS purchases USING (customer_id)
LEFT JOIN customers USING (customer_id)
GROUP BY members.as_of, members.segment;

-- name: groups
-- The customers of each group who were in the segment that day; where the data do not reach back to
-- tell, all count who had bought. Who bought first since the decision was no customer then: known
-- only because of that order, such a one would always have ordered.
WITH listed AS (
    SELECT
        unnest($numbers) AS number,
        unnest($are_control) AS is_control,
        unnest($customer_ids) AS customer_id
),

decisions AS (
    SELECT
        unnest(range(len($since))) AS number,
        unnest($since) AS since,
        unnest($segments) AS segment
)

SELECT
    listed.number,
    listed.is_control,
    count(*) AS customer_count,
    count(*) FILTER (WHERE purchases.latest_at >= decisions.since) AS ordered_count
FROM listed
JOIN decisions USING (number)
JOIN decided_purchases AS purchases
    ON listed.customer_id = purchases.customer_id AND decisions.since > purchases.first_at
LEFT JOIN decided_members AS members
    ON listed.customer_id = members.customer_id AND decisions.since = members.as_of
WHERE
    decisions.segment = members.segment
    OR decisions.since NOT IN (SELECT known.as_of FROM decided_members AS known)
GROUP BY listed.number, listed.is_control;
