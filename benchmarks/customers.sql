-- The customer table by hand: classic filters, recency in calendar days, distinct orders, revenue,
-- scores 1-5 by the engine's quintiles, and the segment of scheme five.
-- sql_baseline.py puts the name of the file in place of orders.csv; a view over the file would have
-- its columns worked out twice.
-- Orders first, customers after: two plain aggregations are quicker than one count(DISTINCT ...)
-- when there are many customers.
CREATE OR REPLACE TEMP TABLE customers AS
WITH orders AS (
    SELECT
        CustomerID AS customer,
        InvoiceNo,
        max(InvoiceDate) AS ordered_at,
        sum(Quantity * UnitPrice) AS revenue
    FROM 'orders.csv'
    WHERE CustomerID IS NOT NULL
        AND InvoiceNo NOT LIKE 'C%'
        AND Quantity > 0
        AND UnitPrice > 0
    GROUP BY ALL
),
totals AS (
    SELECT
        customer,
        max(ordered_at)::DATE AS last_order,
        count(*) AS order_count,
        sum(revenue) AS revenue
    FROM orders
    GROUP BY customer
),
measures AS (
    SELECT
        customer,
        max(last_order) OVER () + 1 - last_order AS recency_days,
        order_count,
        revenue
    FROM totals
),
cuts AS (
    SELECT
        quantile_disc(recency_days, [0.2, 0.4, 0.6, 0.8]) AS recency,
        quantile_disc(order_count, [0.2, 0.4, 0.6, 0.8]) AS frequency,
        quantile_disc(revenue, [0.2, 0.4, 0.6, 0.8]) AS monetary
    FROM measures
),
scores AS (
    SELECT
        measures.*,
        5 - (recency_days > cuts.recency[1])::INT - (recency_days > cuts.recency[2])::INT
          - (recency_days > cuts.recency[3])::INT - (recency_days > cuts.recency[4])::INT
          AS recency_score,
        1 + (order_count > cuts.frequency[1])::INT + (order_count > cuts.frequency[2])::INT
          + (order_count > cuts.frequency[3])::INT + (order_count > cuts.frequency[4])::INT
          AS frequency_score,
        1 + (revenue > cuts.monetary[1])::INT + (revenue > cuts.monetary[2])::INT
          + (revenue > cuts.monetary[3])::INT + (revenue > cuts.monetary[4])::INT
          AS monetary_score
    FROM measures, cuts
)
SELECT
    *,
    CASE
        WHEN recency_score <= 2 AND (frequency_score >= 3 OR monetary_score >= 3) THEN 'At-Risk'
        WHEN recency_score <= 2 THEN 'Lost'
        WHEN least(recency_score, frequency_score, monetary_score) >= 4 THEN 'High-Value'
        WHEN frequency_score >= 4 OR (frequency_score >= 3 AND monetary_score >= 4)
            THEN 'Loyal Customers'
        ELSE 'Potential Loyalists'
    END AS segment
FROM scores
