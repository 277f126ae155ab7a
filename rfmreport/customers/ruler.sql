-- name: scores
SELECT
    recency_score,
    frequency_score,
    monetary_score,
    count(*) AS customer_count
FROM query_table($people)
GROUP BY ALL;

-- name: refit_moves
SELECT
    before.segment AS saved,
    after.segment AS refitted,
    count(*) AS customer_count
FROM query_table($saved) AS before
JOIN query_table($refitted) AS after USING (customer_id)
WHERE before.segment != after.segment
GROUP BY ALL
ORDER BY customer_count DESC, saved ASC, refitted ASC;
