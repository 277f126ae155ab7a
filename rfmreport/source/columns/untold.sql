-- name: copies
SELECT
    CAST(coalesce(sum(line_count - 1), 0) AS BIGINT) AS line_count,
    coalesce(sum((line_count - 1) * amount), 0) AS amount
FROM (
    SELECT
        count(*) AS line_count,
        max(amount) AS amount
    FROM row_marks
    GROUP BY mark
    HAVING count(*) > 1
) AS repeated;
