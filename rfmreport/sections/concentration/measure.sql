-- name: orders_each
SELECT
    count_if(order_count = 1) AS one_order_count,
    count_if(order_count = 2) AS two_order_count,
    coalesce(sum(revenue) FILTER (WHERE order_count = 1), 0) AS one_order_revenue,
    coalesce(
        median(CAST(revenue AS DOUBLE)) FILTER (WHERE order_count = 1), 0
    ) AS one_order_median,
    coalesce(
        median(CAST(revenue AS DOUBLE)) FILTER (WHERE order_count = 2), 0
    ) AS two_order_median
FROM customers;

-- One row per hundredth of the customers, the largest first: those up to that share of all, rounded
-- down, and how many of them it takes to reach four fifths of it all.
-- name: ranks
WITH ranked AS (
    SELECT
        revenue,
        row_number() OVER (ORDER BY revenue DESC) AS place,
        count(*) OVER () AS everybody,
        sum(revenue) OVER () AS total,
        -- Rows, not values: of equal customers each adds to the sum in turn.
        sum(revenue) OVER (
            ORDER BY revenue DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS running
    FROM customers
)

SELECT
    -- Rounded up: the last customer of a hundredth is the last that lies in it as a whole.
    (place * 100 + everybody - 1) // everybody AS percent,
    count(*) AS customer_count,
    sum(revenue) AS revenue,
    coalesce(sum(revenue) FILTER (WHERE place <= 10), 0) AS top_ten_revenue,
    count_if(running - revenue < total * 0.8) AS needed_count
FROM ranked
GROUP BY percent
ORDER BY percent;
