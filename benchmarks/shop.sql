-- A bigger shop learned from a smaller one. Whole shoppers are copied, with all their invoices, so
-- that everything that hangs together stays together: heavy-tailed customers, lines per invoice,
-- cancellations, lines without a customer, postage and fees, prices, the season and the days off.
-- A copy starts in some year, stays for one or more, and repeats its reference year in each of
-- them, every order moved by up to two weeks. A year is 52 weeks, so weekdays stay what they are.
-- Variables: source, lines, years, chunk_lines, seed. Chance comes from hash(), so the same seed
-- gives the same shop however many threads work.

CREATE MACRO chance(a, b, purpose) AS
    hash(a, b, purpose, getvariable('seed')) / 18446744073709551616.0;

-- One row a line of the reference, numbered within its invoice.
CREATE TABLE reference_lines AS
SELECT *, row_number() OVER (PARTITION BY InvoiceNo ORDER BY position) - 1 AS line_number
FROM (
    SELECT *, row_number() OVER () AS position
    FROM read_csv(
        getvariable('source'),
        types = {'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR', 'InvoiceDate': 'TIMESTAMP'}
    )
);

-- One row an invoice of the reference. An invoice without a customer is a shopper of its own.
CREATE TABLE reference_orders AS
SELECT
    InvoiceNo,
    coalesce(any_value(CustomerID::BIGINT)::VARCHAR, 'invoice ' || InvoiceNo) AS shopper,
    any_value(CustomerID) IS NOT NULL AS is_known,
    min(InvoiceDate)::DATE - (SELECT min(InvoiceDate)::DATE FROM reference_lines) AS day,
    min(InvoiceDate)::TIME AS time,
    count(*) AS line_count
FROM reference_lines
GROUP BY InvoiceNo;

-- One row a new shopper, taken in random order until there are enough lines.
CREATE TABLE lives AS
WITH shoppers AS (
    SELECT shopper, any_value(is_known) AS is_known, sum(line_count) AS line_count
    FROM reference_orders
    GROUP BY shopper
),
copies AS (
    SELECT
        *,
        floor(getvariable('years') * sqrt(chance(shopper, copy, 'start')))::BIGINT AS first_year
    FROM shoppers, range((
        SELECT ceil(getvariable('lines') / sum(line_count))::BIGINT FROM shoppers
    )) AS _(copy)
),
stays AS (
    SELECT
        *,
        1 + floor(
            chance(shopper, copy, 'stay') ** 2 * (getvariable('years') - first_year)
        )::BIGINT AS year_count
    FROM copies
),
drawn AS (
    SELECT
        *,
        row_number() OVER draw AS number,
        sum(line_count * year_count) OVER draw AS lines_so_far
    FROM stays
    WINDOW draw AS (ORDER BY chance(shopper, copy, 'draw'), shopper, copy ROWS UNBOUNDED PRECEDING)
)
SELECT
    number,
    shopper,
    first_year,
    year_count,
    CASE WHEN is_known THEN 10000 + number END AS customer
FROM drawn
WHERE lines_so_far - line_count * year_count < getvariable('lines');

-- One row a new order, numbered in the order of time and cut where the lines are complete.
CREATE TABLE orders AS
WITH visits AS (
    SELECT
        lives.number AS life,
        lives.customer,
        reference_orders.*,
        364 * (first_year + year) + day AS usual_day,
        7 * (floor(5 * chance(lives.number, InvoiceNo || '/' || year, 'move'))::BIGINT - 2) AS move
    FROM lives
    JOIN reference_orders USING (shopper), range(year_count) AS _(year)
),
bounds AS (SELECT max(usual_day) AS last_day FROM visits),
moved AS (
    SELECT
        visits.* EXCLUDE (day),
        CASE
            WHEN usual_day + move BETWEEN 0 AND last_day THEN usual_day + move
            ELSE usual_day
        END AS day
    FROM visits, bounds
),
numbered AS (
    SELECT
        *,
        row_number() OVER sequence AS number,
        sum(line_count) OVER sequence - line_count AS lines_before
    FROM moved
    WINDOW sequence AS (ORDER BY day, time, life, InvoiceNo ROWS UNBOUNDED PRECEDING)
)
SELECT
    number,
    InvoiceNo AS reference_invoice,
    regexp_extract(InvoiceNo, '^[A-Za-z]*') || (500000 + number) AS InvoiceNo,
    (SELECT min(InvoiceDate)::DATE FROM reference_lines)
        + (day - 364 * (getvariable('years') - 1))::INTEGER + time AS InvoiceDate,
    customer,
    lines_before,
    lines_before // getvariable('chunk_lines') AS chunk
FROM numbered
WHERE lines_before < getvariable('lines');

-- One row a new line; generate.py fills it chunk by chunk.
CREATE TABLE lines (
    InvoiceNo VARCHAR,
    StockCode VARCHAR,
    Description VARCHAR,
    Quantity INTEGER,
    InvoiceDate TIMESTAMP,
    UnitPrice DOUBLE,
    CustomerID BIGINT,
    Country VARCHAR
);
