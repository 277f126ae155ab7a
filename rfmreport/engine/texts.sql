-- noqa: disable=CP05
-- The parameters of macros are taken for types.

-- name: macros
-- A pattern says what stands before and behind the digits, the mark between their groups, and how
-- many digits are in a group before the last three: in 12,34,567 two.
CREATE OR REPLACE MACRO in_groups(number, pattern) AS
CASE
    WHEN pattern.size = 3 OR number < 1000 THEN replace(format('{:,}', number), ',', pattern.mark)
    ELSE
        ltrim(
            reverse(
                regexp_replace(
                    reverse(CAST(number // 1000 AS VARCHAR)), '(\d\d)', '\1' || pattern.mark, 'g'
                )
            ),
            pattern.mark
        ) || pattern.mark || right(CAST(number AS VARCHAR), 3)
END;

CREATE OR REPLACE MACRO count_text(number, pattern) AS
CASE WHEN number < 0 THEN '−' ELSE '' END
|| pattern.before || in_groups(CAST(abs(number) AS BIGINT), pattern) || pattern.behind;

-- Whole units, rounded half away from zero: 1239.5 → "£1,240".
CREATE OR REPLACE MACRO money_text(amount, pattern) AS count_text(round(amount), pattern);

-- Whole per cent; nearly none is "under 1%": a share of one is no certainty of many.
CREATE OR REPLACE MACRO share_text(share, pattern) AS
CASE
    WHEN share > 0 AND CAST(share AS DECIMAL(9, 6)) < 0.005
        THEN 'under ' || count_text(1, pattern)
    WHEN share < 1 AND CAST(share AS DECIMAL(9, 6)) >= 0.995
        THEN 'over ' || count_text(99, pattern)
    ELSE count_text(round(CAST(share AS DECIMAL(9, 6)) * 100), pattern)
END;

-- The engine's names of months are English, as the report's are, but for a British September.
CREATE OR REPLACE MACRO day_text(day) AS replace(strftime(day, '%-d %b %Y'), 'Sep', 'Sept');
