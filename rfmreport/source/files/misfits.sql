-- name: count
WITH misfits AS (
    SELECT DISTINCT
        file_path,
        line_byte_position
    FROM reject_errors
    JOIN reject_scans USING (scan_id, file_id)
)
SELECT count(*)
FROM misfits;

-- name: first
-- What holds ends of lines has a quote that does not close: what lies behind it is lost.
SELECT
    file_path,
    line,
    csv_line,
    error_type = 'LINE SIZE OVER MAXIMUM' AS is_too_long,
    error_type = 'UNQUOTED VALUE' AND contains(trim(csv_line, chr(10) || chr(13)), chr(10))
        AS is_open
FROM reject_errors
JOIN reject_scans USING (scan_id, file_id)
ORDER BY is_too_long DESC, is_open DESC, line ASC, file_path ASC
LIMIT 1;
