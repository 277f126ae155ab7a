-- The lines of the orders of one chunk, quantities varied by up to a half: few sums are alike.
INSERT INTO lines
SELECT
    orders.InvoiceNo,
    StockCode,
    Description,
    sign(Quantity) * greatest(
        1, round(abs(Quantity) * (0.5 + chance(number, line_number, 'quantity')))
    ),
    orders.InvoiceDate,
    UnitPrice,
    customer,
    Country
FROM orders
JOIN reference_lines ON reference_lines.InvoiceNo = reference_invoice
WHERE chunk = getvariable('chunk')
    AND lines_before + line_number < getvariable('lines')
ORDER BY number, line_number
