"""Whether the segments of Online Retail held: literal figures for the tests of the renderers.

UCI Online Retail (CC BY 4.0; Chen, Sain & Guo 2012, DOI 10.24432/C5BW33), as of 11 September and
13 June 2011, with the cuts of 10 December 2011, each followed for 90 days.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from example_report import COLORS, example_report

from rfmreport.customers.segments import load_scheme
from rfmreport.models.intervals import estimate_share
from rfmreport.sections.hold.figures import Holding, HoldOut, HoldOutRow, SchemeTrial
from rfmreport.sections.hold.measure import compare_neighbours
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from rfmreport.report import Report

LATEST, EARLIER = date(2011, 9, 11), date(2011, 6, 13)
# segment, customers, came back, revenue per customer with its interval, median per returner
_FIVE = {
    LATEST: (
        ("High-Value", 487, 444, (2858.18, 2104.95, 3824.32), "1197.63"),
        ("Loyal Customers", 399, 314, (1117.37, 883.31, 1378.81), "758.79"),
        ("Potential Loyalists", 758, 411, (375.91, 281.06, 536.93), "381.02"),
        ("At-Risk", 657, 366, (522.55, 456.08, 599.70), "654.36"),
        ("Lost", 1067, 384, (316.04, 143.98, 637.64), "332.505"),
    ),
    EARLIER: (
        ("High-Value", 383, 345, (2500.03, 1879.64, 3166.21), "1003.92"),
        ("Loyal Customers", 293, 212, (630.71, 527.77, 749.25), "612.97"),
        ("Potential Loyalists", 1037, 450, (215.02, 188.59, 241.49), "339.78"),
        ("At-Risk", 321, 135, (362.97, 288.57, 444.57), "509.64"),
        ("Lost", 785, 201, (99.72, 82.76, 121.16), "287.64"),
    ),
}
_ELEVEN = {
    LATEST: (
        ("Champions", 421, 392, (3215.53, 2335.75, 4338.28), "1334.965"),
        ("Loyal", 295, 244, (1280.30, 999.68, 1632.99), "847.755"),
        ("Need Attention", 181, 132, (681.92, 526.68, 890.79), "558.325"),
        ("Potential Loyalist", 224, 137, (563.19, 279.78, 1082.35), "334.75"),
        ("Promising", 156, 80, (381.96, 297.25, 474.23), "646.945"),
        ("At Risk", 282, 186, (669.42, 564.51, 785.17), "753.375"),
        ("New", 232, 117, (222.30, 174.00, 275.66), "239.12"),
        ("Cannot Lose Them", 95, 32, (466.66, 273.95, 681.26), "1007.945"),
        ("About To Sleep", 177, 74, (359.82, 224.61, 567.90), "560.665"),
        ("Hibernating", 871, 381, (404.32, 192.83, 802.59), "359.62"),
        ("Lost", 434, 144, (143.10, 115.65, 171.54), "321.005"),
    ),
    EARLIER: (
        ("Champions", 319, 289, (2886.83, 2168.55, 3732.22), "1174.88"),
        ("Loyal", 179, 143, (773.53, 647.63, 906.88), "702.31"),
        ("Need Attention", 201, 139, (550.84, 440.28, 691.44), "576.0"),
        ("Potential Loyalist", 243, 140, (222.29, 181.89, 264.53), "311.21"),
        ("Promising", 235, 114, (346.93, 278.06, 426.46), "550.555"),
        ("At Risk", 92, 45, (454.93, 314.35, 623.66), "581.82"),
        ("New", 352, 103, (87.66, 67.87, 109.28), "220.95"),
        ("Cannot Lose Them", 51, 17, (523.66, 232.27, 827.20), "1067.88"),
        ("About To Sleep", 227, 83, (214.61, 161.85, 275.77), "363.33"),
        ("Hibernating", 752, 235, (120.66, 103.19, 139.05), "310.45"),
        ("Lost", 168, 35, (92.78, 48.57, 158.45), "241.48"),
    ),
}
# scheme, title, segments, top segment, its (came back, customers), pairs in order, wrong, all, rank
_TRIALS = (
    ("five", "Five segments of a management report", 5, "High-Value", (444, 487), 3, 0, 4, 0.7077),
    ("eleven", "Eleven segments, code by code", 11, "Champions", (392, 421), 6, 1, 10, 0.7156),
    ("six", "Six groups on three scores", 6, "Champions", (894, 1078), 2, 0, 4, 0.7168),
    (
        "ten",
        "Ten segments on the recency and frequency grid",
        10,
        "Champions",
        (264, 296),
        2,
        0,
        9,
        0.7146,
    ),
)


def hold_out_of(as_of: date, rows: tuple) -> HoldOut:
    """Return one date, from rows as they are drawn above."""
    return HoldOut(
        as_of,
        tuple(
            HoldOutRow(
                segment=name,
                customer_count=count,
                returned_count=returned,
                share=estimate_share(returned, count),
                revenue_per_customer=Estimate(*mean, count),
                revenue_per_returner=Decimal(median) if median else None,
            )
            for name, count, returned, mean, median in rows
        ),
    )


def _holding_of(rows_by_day: dict) -> Holding:
    hold_outs = tuple(hold_out_of(day, rows) for day, rows in rows_by_day.items())
    trials = tuple(
        SchemeTrial(
            scheme=scheme,
            title=title,
            segment_count=segment_count,
            top_segment=top,
            top_customer_count=counts[1],
            top_customer_share=counts[1] / 3368,
            top_return_share=estimate_share(*counts),
            pairs_in_order=in_order,
            pairs_wrong=wrong,
            pair_count=pairs,
            rank_quality=quality,
        )
        for scheme, title, segment_count, top, counts, in_order, wrong, pairs, quality in _TRIALS
    )
    return Holding(90, hold_outs, compare_neighbours(hold_outs[0]), trials)


def example_holding() -> Holding:
    """Return how the five segments of the reference shop held."""
    return _holding_of(_FIVE)


def holding_of_eleven() -> Holding:
    """Return how eleven segments of the reference shop held: one pair stood the wrong way."""
    return _holding_of(_ELEVEN)


def holding_report() -> Report:
    """Return the report of the reference shop, with whether its segments held."""
    return replace(example_report(), holding=example_holding())


def eleven_report() -> Report:
    """Return the same with eleven segments; everything but the holding is only made up to fit."""
    report = example_report()
    scheme = load_scheme("eleven")
    sample = report.segments.rows[-1]
    rows = tuple(replace(sample, name=one.name, color=one.color) for one in scheme.segments)
    names = dict(zip(COLORS, scheme.segments, strict=False))
    return replace(
        report,
        segments=replace(report.segments, rows=rows),
        rfm_map=replace(
            report.rfm_map,
            cells=tuple(replace(c, segment=names[c.segment].name) for c in report.rfm_map.cells),
        ),
        playbook=(),
        recommendations=(),
        method=replace(report.method, scheme_name="eleven", scheme_cells=()),
        holding=holding_of_eleven(),
    )
