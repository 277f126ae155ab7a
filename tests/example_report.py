# ruff: noqa: E501 - sentences stand as the program writes them
"""Literal reports for the tests of the renderers: a real shop, a hostile one and a tiny one.

The figures of the real shop are those of UCI Online Retail (CC BY 4.0; Chen, Sain & Guo 2012,
DOI 10.24432/C5BW33) after the classic filters, as of 10 December 2011.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from rfmreport.customers.figures import CutsRow, SchemeCell
from rfmreport.customers.segments import load_scheme
from rfmreport.formats import Formats
from rfmreport.report import Report
from rfmreport.sections.advice.gains import measure_gains
from rfmreport.sections.advice.plays import load_playbook
from rfmreport.sections.advice.recommendations import fill_playbook, recommend
from rfmreport.sections.map.figures import Distribution, DistributionBin, MapCell, RfmMap
from rfmreport.sections.method.figures import ColumnUse, Method
from rfmreport.sections.segments.figures import SegmentRow, SegmentTable
from rfmreport.sections.summary.figures import Kpi
from rfmreport.sections.when.figures import Month
from rfmreport.settings import ReportSettings
from rfmreport.source.audit import Audit, AuditRow, SourceFile
from rfmreport.vocabulary import Change, Estimate, Finding, Insight

HIGH, LOYAL, POTENTIAL, RISK, LOST = (
    "High-Value",
    "Loyal Customers",
    "Potential Loyalists",
    "At-Risk",
    "Lost",
)
COLORS = {
    HIGH: "#0b5d5e",
    LOYAL: "#3b9a94",
    POTENTIAL: "#e3b23c",
    RISK: "#d1603d",
    LOST: "#9aa1a9",
}
HOSTILE = "<script>alert('x')</script>\"'&{{ 7*7 }} </title></style> =HYPERLINK(\"http://x\")"
HOSTILE_NAMES = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert('segment')</script>",
    "W" * 200,
    "عملاء ذوو قيمة عالية 顧客 🎁🎄",
    "=cmd|' /C calc'!A0",
)
# name, customers, revenue, orders, median days, median orders, median and mean revenue,
# customers a month ago, (bought again, low, high, n) and what those spent, impact
_SEGMENTS = (
    (
        HIGH,
        905,
        "5597821.75",
        10379,
        10.0,
        8.0,
        "2697.80",
        "6185.44",
        698,
        (0.9117, 0.8832, 0.9338, 487),
        "3134.99",
        "One customer in five, two thirds of revenue: keep at all costs",
    ),
    (
        LOYAL,
        533,
        "1067297.08",
        2657,
        38.0,
        4.0,
        "1309.14",
        "2002.43",
        527,
        (0.7870, 0.7442, 0.8243, 399),
        "1419.85",
        "They order often, in smaller baskets: the base for upselling",
    ),
    (
        POTENTIAL,
        1172,
        "776262.24",
        1983,
        31.0,
        2.0,
        "398.49",
        "662.34",
        1174,
        (0.5422, 0.5066, 0.5774, 758),
        "693.28",
        "Recent and few orders: the second and third order decide",
    ),
    (
        RISK,
        767,
        "1093921.70",
        2261,
        132.0,
        3.0,
        "842.65",
        "1426.23",
        692,
        (0.5571, 0.5189, 0.5946, 657),
        "938.03",
        "Bought well once, silent for 132 days (median)",
    ),
    (
        LOST,
        957,
        "225763.88",
        1122,
        226.0,
        1.0,
        "226.35",
        "235.91",
        991,
        (0.3599, 0.3316, 0.3891, 1067),
        "878.15",
        "One small order, long ago: low-touch only",
    ),
)
# recency score, frequency score, customers, revenue, mean days, mean orders, segment
_CELLS = (
    (1, 1, 623, "281815.11", 280.3, 1.0, LOST),
    (1, 2, 157, "96809.90", 247.4, 2.0, LOST),
    (1, 3, 48, "125288.54", 222.5, 3.0, RISK),
    (1, 4, 30, "29387.36", 240.5, 4.7, RISK),
    (1, 5, 5, "22106.63", 267.8, 14.2, RISK),
    (2, 1, 345, "147829.29", 118.8, 1.0, LOST),
    (2, 2, 215, "153255.71", 121.7, 2.0, RISK),
    (2, 3, 129, "136960.72", 113.5, 3.0, RISK),
    (2, 4, 143, "232295.51", 106.7, 4.55, RISK),
    (2, 5, 29, "93936.81", 106.9, 9.59, RISK),
    (3, 1, 299, "122939.64", 53.5, 1.0, POTENTIAL),
    (3, 2, 179, "127240.43", 52.5, 2.0, POTENTIAL),
    (3, 3, 121, "129924.17", 51.4, 3.0, POTENTIAL),
    (3, 4, 180, "334908.05", 50.6, 4.68, LOYAL),
    (3, 5, 86, "385329.22", 49.0, 9.62, LOYAL),
    (4, 1, 171, "53501.19", 24.0, 1.0, POTENTIAL),
    (4, 2, 160, "102525.40", 23.2, 2.0, POTENTIAL),
    (4, 3, 127, "143846.64", 24.1, 3.0, POTENTIAL),
    (4, 4, 230, "431290.86", 22.9, 4.79, HIGH),
    (4, 5, 192, "997511.15", 22.5, 10.97, HIGH),
    (5, 1, 67, "22884.44", 7.7, 1.0, POTENTIAL),
    (5, 2, 120, "243550.33", 7.4, 2.0, POTENTIAL),
    (5, 3, 77, "92772.83", 6.8, 3.0, POTENTIAL),
    (5, 4, 221, "377358.29", 7.1, 4.81, HIGH),
    (5, 5, 380, "3875798.43", 6.0, 17.5, HIGH),
)
# year, month, complete, revenue, orders, customers, returning customers, top segment's revenue
_MONTHS = (
    (2010, 12, True, "567490.72", 1394, 884, 0),
    (2011, 1, True, "564026.64", 983, 739, 323),
    (2011, 2, True, "443346.02", 992, 757, 377),
    (2011, 3, True, "584562.85", 1312, 973, 521),
    (2011, 4, True, "455266.91", 1139, 853, 553),
    (2011, 5, True, "660481.90", 1544, 1054, 770),
    (2011, 6, True, "654432.56", 1390, 990, 748),
    (2011, 7, True, "592731.90", 1321, 946, 759),
    (2011, 8, True, "636807.24", 1267, 933, 764),
    (2011, 9, True, "940900.81", 1739, 1259, 960),
    (2011, 10, True, "1005642.90", 1903, 1361, 1004),
    (2011, 11, True, "1142145.77", 2642, 1660, 1337),
    (2011, 12, False, "513230.43", 776, 614, 573),
)
_RECENCY_COUNTS = (
    905,
    722,
    419,
    328,
    305,
    206,
    105,
    123,
    98,
    77,
    90,
    93,
    85,
    71,
    79,
    73,
    77,
    89,
    69,
    50,
    65,
    52,
    33,
    120,
)
_ORDER_COUNTS = (
    1505,
    831,
    502,
    395,
    236,
    173,
    139,
    98,
    69,
    54,
    54,
    43,
    29,
    20,
    26,
    9,
    19,
    13,
    12,
    13,
    94,
)
_REVENUE_COUNTS = (
    872,
    904,
    559,
    354,
    264,
    202,
    162,
    128,
    116,
    86,
    78,
    64,
    58,
    38,
    53,
    33,
    32,
    26,
    19,
    17,
    269,
)
_RECENCY_LABELS = ("181 or more days", "73–180 days", "34–72 days", "15–33 days", "1–14 days")
_ORDER_LABELS = ("1 order", "2 orders", "3 orders", "4–6 orders", "7 or more orders")
_REVENUE_LABELS = ("up to £248.42", "to £484.82", "to £925.35", "to £2,043.23", "over £2,043.23")
_CUT_COUNTS = {
    "recency_days": (863, 861, 865, 880, 865),
    "order_count": (1505, 831, 502, 804, 692),
    "revenue": (867, 867, 867, 866, 867),
}


def example_report() -> Report:
    """Return the report of the reference shop."""
    return Report(
        shop="Gift shop (UCI Online Retail)",
        currency="GBP",
        locale="en_GB",
        first_day=date(2010, 12, 1),
        last_day=date(2011, 12, 9),
        as_of=date(2011, 12, 10),
        headline="Revenue rose 14% in November 2011 against October; 21% of customers hold 64% of all revenue",
        standfirst="4,334 customers placed 18,402 orders worth £8.76M from 1 Dec 2010 to 9 Dec 2011. £1.09M of that came from 767 At-Risk customers, who have now been silent for 132 days (median).",
        kpis=_kpis(),
        months=tuple(
            Month(date(y, m, 1), full, Decimal(revenue), orders, customers, returning)
            for y, m, full, revenue, orders, customers, returning in _MONTHS
        ),
        segments=_segment_table(),
        rfm_map=_rfm_map(),
        distributions=_distributions(),
        insights=_insights(),
        **_advice(_segment_table()),
        audit=_audit(),
        findings=_findings(),
        method=_method(),
    )


def hostile_report() -> Report:
    """Return a report whose every text tries to break out of its place."""
    report = example_report()
    names = dict(zip(COLORS, HOSTILE_NAMES, strict=True))
    table = report.segments
    return replace(
        report,
        shop=HOSTILE,
        headline=f"Headline {HOSTILE}",
        standfirst="ن" + HOSTILE + "Donaudampfschifffahrt" * 12,
        segments=replace(
            table,
            rows=tuple(replace(row, name=names[row.name], impact=HOSTILE) for row in table.rows),
        ),
        rfm_map=replace(
            report.rfm_map,
            cells=tuple(replace(c, segment=names[c.segment]) for c in report.rfm_map.cells),
        ),
        insights=tuple(
            replace(insight, headline=HOSTILE, detail=HOSTILE, formula=HOSTILE)
            for insight in report.insights
        ),
        gains=tuple(
            replace(gain, segment=names[gain.segment], campaign=HOSTILE) for gain in report.gains
        ),
        recommendations=tuple(
            replace(advice, segment=names[advice.segment], title=HOSTILE, file="javascript:x.csv")
            for advice in report.recommendations
        ),
        playbook=tuple(
            replace(card, segment=names[card.segment], description=HOSTILE, offer=HOSTILE)
            for card in report.playbook
        ),
        findings=tuple(replace(finding, text=HOSTILE) for finding in report.findings),
        method=replace(
            report.method,
            sources=(SourceFile(f"{HOSTILE}.csv", HOSTILE, 1, "0" * 64),),
            columns=tuple(ColumnUse(use.role, HOSTILE) for use in report.method.columns),
            settings={HOSTILE: HOSTILE},
            scheme_cells=tuple(
                replace(cell, segment=names[cell.segment]) for cell in report.method.scheme_cells
            ),
        ),
    )


def tiny_report() -> Report:
    """Return the report of a shop of nine customers in half a month: nothing to compare with."""
    report = example_report()
    table = report.segments
    sizes = dict(zip(COLORS, (1, 0, 5, 0, 3), strict=True))
    rows = tuple(_tiny_row(row, sizes[row.name]) for row in table.rows)
    month = Month(date(2024, 2, 1), False, Decimal("900.00"), 11, 9, 0, Decimal("300.00"))
    return replace(
        report,
        shop="Corner shop",
        currency=None,
        first_day=date(2024, 2, 3),
        last_day=date(2024, 2, 17),
        as_of=date(2024, 2, 18),
        headline="9 customers ordered 11 times",
        standfirst="Too few customers to claim more.",
        kpis=tuple(
            replace(kpi, change=None, no_change_reason="no earlier month", trend=())
            for kpi in report.kpis
        ),
        months=(month,),
        segments=SegmentTable(
            rows=rows,
            total=replace(
                _tiny_row(table.total, 9), name="All customers", revenue=Decimal("900.00")
            ),
            previous_as_of=None,
            hold_out_as_of=None,
            horizon_days=90,
        ),
        rfm_map=RfmMap(
            bins=5,
            cells=(
                MapCell(5, 5, 1, Decimal(100), Decimal(100), 1.0, 3.0, HIGH),
                MapCell(4, 1, 5, Decimal(500), Decimal(100), 5.0, 1.0, POTENTIAL),
                MapCell(1, 1, 3, Decimal(300), Decimal(100), 14.0, 1.0, LOST),
            ),
            recency_labels=("14 days", "6 days", "6 days", "5 days", "1 day"),
            frequency_labels=("1 order", "2 orders", "2 orders", "2 orders", "3 orders"),
        ),
        distributions=(
            _distribution("recency_days", (1, 8, 15), (6, 3), (), (1.0, 5.0, 14.0, 14.0)),
            _distribution("order_count", (1, 2, 3), (8, 1), (), (1.0, 1.0, 1.0, 3.0)),
            _distribution("revenue", (0, 100, 200), (0, 9), (), (100.0, 100.0, 100.0, 100.0)),
        ),
        insights=(),
        gains=(),
        playbook=tuple(replace(card, gain=None) for card in report.playbook),
        recommendations=tuple(
            replace(
                advice,
                low=None,
                high=None,
                range_note="15 days of orders are too few to say what it could bring",
            )
            for advice in report.recommendations[:1]
        ),
        findings=(),
    )


def _tiny_row(row: SegmentRow, customer_count: int) -> SegmentRow:
    revenue = Decimal(100) * customer_count
    return replace(
        row,
        customer_count=customer_count,
        customer_share=customer_count / 9,
        revenue=revenue,
        revenue_share=customer_count / 9,
        order_count=customer_count,
        average_order_value=None,
        median_recency_days=None,
        median_order_count=None,
        median_revenue=None,
        mean_revenue=None,
        previous_customer_count=None,
        return_share=None,
        revenue_per_returner=None,
        anyway=None,
    )


def _kpis() -> tuple[Kpi, ...]:
    full = [month for month in _MONTHS if month[2]]
    revenue = tuple(float(month[3]) for month in full)
    orders = tuple(float(month[4]) for month in full)
    customers = tuple(float(month[5]) for month in full)
    baskets = tuple(a / b for a, b in zip(revenue, orders, strict=True))
    returning = tuple(month[6] / month[5] for month in full)
    top = (
        0.6725, 0.5570, 0.6378, 0.6339, 0.5628, 0.6460, 0.6419, 0.6494, 0.6732, 0.6647, 0.6041, 0.7240,
    )  # fmt: skip
    against = "October 2011"

    def kpi(key: str, label: str, unit: str, trend: tuple[float, ...]) -> Kpi:
        now, before = trend[-1], trend[-2]
        change = (
            Change(against, points=now - before)
            if unit == "share"
            else Change(against, relative=(now - before) / before)
        )
        value = Decimal(str(round(now, 2))) if unit == "money" else now
        return Kpi(key, label, value, unit, "November 2011", change, "", trend)  # type: ignore[arg-type]

    return (
        kpi("revenue", "Revenue", "money", revenue),
        kpi("orders", "Orders", "count", orders),
        kpi("customers", "Customers who ordered", "count", customers),
        kpi("average_order_value", "Average order value", "money", baskets),
        kpi("repeat_rate", "Repeat rate", "share", returning),
        kpi("top_segment_share", "High-Value share of revenue", "share", top),
    )


def _segment_table() -> SegmentTable:
    customers = sum(row[1] for row in _SEGMENTS)
    revenue = sum((Decimal(row[2]) for row in _SEGMENTS), Decimal(0))
    orders = sum(row[3] for row in _SEGMENTS)
    rows = tuple(
        SegmentRow(
            name=name,
            color=COLORS[name],
            customer_count=count,
            customer_share=count / customers,
            revenue=Decimal(amount),
            revenue_share=float(Decimal(amount) / revenue),
            order_count=order_count,
            average_order_value=Decimal(amount) / order_count,
            median_recency_days=days,
            median_order_count=median_orders,
            median_revenue=Decimal(median),
            mean_revenue=Decimal(mean),
            previous_customer_count=previous,
            return_share=Estimate(*again),
            revenue_per_returner=Decimal(spent),
            impact=impact,
            anyway=Estimate(*again),
        )
        for (name, count, amount, order_count, days, median_orders, median, mean, previous, again,
             spent, impact) in _SEGMENTS
    )  # fmt: skip
    total = SegmentRow(
        name="All customers",
        color="#1d2429",
        customer_count=customers,
        customer_share=1.0,
        revenue=revenue,
        revenue_share=1.0,
        order_count=orders,
        average_order_value=revenue / orders,
        median_recency_days=51.0,
        median_order_count=2.0,
        median_revenue=Decimal("668.13"),
        mean_revenue=revenue / customers,
        previous_customer_count=4082,
        return_share=Estimate(0.5698, 0.5530, 0.5864, 3368),
        revenue_per_returner=Decimal("1460.78"),
        impact="",
    )
    return SegmentTable(rows, total, date(2011, 11, 10), date(2011, 9, 11), 90)


def _rfm_map() -> RfmMap:
    return RfmMap(
        bins=5,
        cells=tuple(
            MapCell(r, f, n, Decimal(revenue), Decimal(revenue) / n, days, orders, segment)
            for r, f, n, revenue, days, orders, segment in _CELLS
        ),
        recency_labels=_RECENCY_LABELS,
        frequency_labels=_ORDER_LABELS,
    )


def _distribution(
    measure: str,
    edges: tuple[float, ...],
    counts: tuple[int, ...],
    cuts: tuple[float, ...],
    quartiles: tuple[float, float, float, float],
) -> Distribution:
    bins = tuple(
        DistributionBin(low, high, count)
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    )
    return Distribution(measure, bins, cuts, *quartiles)  # type: ignore[arg-type]


def _distributions() -> tuple[Distribution, ...]:
    return (
        _distribution(
            "recency_days",
            tuple(range(1, 376, 15))[:25],
            _RECENCY_COUNTS,
            (15, 34, 73, 181),
            (18, 51, 143, 369),
        ),
        _distribution(
            "order_count", (*range(1, 22), 210), _ORDER_COUNTS, (1, 2, 3, 6), (1, 2, 5, 30)
        ),
        _distribution(
            "revenue",
            (*range(0, 5250, 250), 280000),
            _REVENUE_COUNTS,
            (248.42, 484.82, 925.35, 2043.23),
            (305.56, 668.12, 1631.62, 18715.31),
        ),
    )


def _insights() -> tuple[Insight, ...]:
    return (
        Insight(
            key="top_segment",
            headline="21% of customers hold 64% of revenue.",
            detail="High-Value: 905 of 4,334 customers, £5.60M of £8.76M.",
            numbers={
                "customer_count": 905,
                "customer_share": 0.2088,
                "revenue": Decimal("5597821.75"),
                "revenue_share": 0.6389,
            },
            sample_size=4334,
            formula="sum of kept line amounts of the segment / sum over all customers",
            worth=Decimal("5597821.75"),
            segment="High-Value",
        ),
        Insight(
            key="segments_hold",
            headline="High-Value customers come back: 91% did within 90 days, against 36% of Lost.",
            detail="Segments as of 11 Sept 2011, orders since; 95% intervals 88% to 93% and 33% to 39%.",
            numbers={
                "best_share": 0.9117,
                "best_customer_count": 487,
                "worst_share": 0.3599,
                "worst_customer_count": 1067,
            },
            sample_size=487,
            formula="customers of the segment with an order in the horizon / customers of the segment",
            worth=Decimal("1526738.41"),
            segment="High-Value",
        ),
        Insight(
            key="largest_ten",
            headline="The ten largest customers bring 17% of revenue.",
            detail="£1.52M of £8.76M; without them the period closes at £7.24M.",
            numbers={"revenue": Decimal("1520516.56"), "revenue_share": 0.1736},
            sample_size=4334,
            formula="revenue of the ten customers with most revenue / revenue of all",
            worth=Decimal("1520516.56"),
            segment=None,
        ),
        Insight(
            key="unattributed",
            headline="£1.45M of sales has no customer to thank.",
            detail="135,080 lines carry no customer: 14.2% of what was sold is outside every segment.",
            numbers={
                "amount": Decimal("1447682.12"),
                "line_count": 135080,
                "order_count": 3710,
                "share": 0.1418,
            },
            sample_size=135080,
            formula="amount of lines without customer / (that + analysed revenue)",
            worth=Decimal("1447682.12"),
            segment=None,
        ),
        Insight(
            key="gone_quiet",
            headline="£1.09M of past revenue sits with 767 At-Risk customers.",
            detail="Half of them have not ordered for 132 days or more. Of 657 such customers on 11 Sept 2011, 56% ordered again within 90 days (95% interval 52% to 59%).",
            numbers={
                "customer_count": 767,
                "revenue": Decimal("1093921.70"),
                "median_recency_days": 132.0,
                "return_share": 0.5571,
            },
            sample_size=767,
            formula="sum of kept line amounts and median recency_days of the segment's customers",
            worth=Decimal("1093921.70"),
            segment="At-Risk",
        ),
        Insight(
            key="one_order",
            headline="35% of customers have bought only once.",
            detail="1,505 customers with one order have spent £418 each; the 831 with two have spent £870.",
            numbers={
                "one_order_count": 1505,
                "customer_share": 0.3473,
                "one_order_mean_revenue": Decimal("417.92"),
                "two_order_count": 831,
                "two_order_mean_revenue": Decimal("870.50"),
            },
            sample_size=1505,
            formula="revenue / customers among those with order_count 1, and among those with 2",
            worth=Decimal("628969.67"),
            segment=None,
        ),
    )


def _advice(table: SegmentTable) -> dict[str, Any]:
    """Return what the shipped playbook advises for the segments."""
    plays, formats = load_playbook("five", load_scheme("five")), Formats("en_GB", "GBP")
    gains = measure_gains(table, plays, (), ReportSettings())
    return {
        "gains": gains,
        "recommendations": recommend(table, plays, gains, formats),
        "playbook": fill_playbook(table, plays, gains, formats),
    }


def netted_report() -> Report:
    """Return the report of the reference shop with returns subtracted instead of left out."""
    report = example_report()
    audit = report.audit
    left_out = next(row for row in audit.excluded if row.exclusion == "cancellation")
    returns = replace(left_out, exclusion=None, label="Returns, subtracted")
    kept = replace(
        audit.kept,
        line_count=audit.kept.line_count + returns.line_count,
        order_count=audit.kept.order_count + returns.order_count,
        amount=audit.kept.amount + returns.amount,
    )
    excluded = tuple(row for row in audit.excluded if row != left_out)
    audit = replace(audit, excluded=excluded, kept=kept, kept_adjustments=(returns,))
    return replace(report, audit=audit)


def _audit() -> Audit:
    return Audit(
        read=AuditRow("read", "Read from the source", 541_909, 25_900, Decimal("9747747.934")),
        excluded=(
            AuditRow("missing_customer", "No customer", 135_080, 3_710, Decimal("1447682.120")),
            AuditRow("cancellation", "Cancellations", 8_905, 3_654, Decimal("-611342.090")),
            AuditRow("non_positive_price", "Price zero or negative", 40, 4, Decimal("0.000")),
            AuditRow(
                "non_product",
                "Freight, fees and manual postings",
                1_547,
                130,
                Decimal("150341.254"),
            ),
        ),
        kept=AuditRow(None, "Analysed", 396_337, 18_402, Decimal("8761066.650")),
    )


def _findings() -> tuple[Finding, ...]:
    return (
        Finding(
            key="fees",
            severity="note",
            text="Freight, fees and manual postings are not counted as sales: POST 77,803.96, M 53,779.93, DOT 11,906.36, C2 6,686.00, BANK CHARGES 165.00, PADS 0.00.",
            line_count=1547,
            amount=Decimal("150341.25"),
        ),
        Finding(
            key="missing_customer",
            severity="warning",
            text="Lines without a customer are revenue that no segment can claim.",
            line_count=135080,
            amount=Decimal("1447682.12"),
        ),
        Finding(
            key="cancellation",
            severity="warning",
            text="Cancellations are left out, not subtracted from what the customer bought; --net-returns subtracts them.",
            line_count=8905,
            amount=Decimal("-611342.09"),
        ),
    )


def _method() -> Method:
    names = {
        "recency_days": _RECENCY_LABELS,
        "order_count": _ORDER_LABELS,
        "revenue": _REVENUE_LABELS,
    }
    return Method(
        version="0.1.0",
        sources=(SourceFile("online_retail.csv.gz", None, 7_548_686, "6c1f" * 16),),
        columns=(
            ColumnUse("customer", "CustomerID"),
            ColumnUse("order id", "InvoiceNo"),
            ColumnUse("date", "InvoiceDate"),
            ColumnUse("quantity", "Quantity"),
            ColumnUse("unit price", "UnitPrice"),
            ColumnUse("product", "StockCode"),
        ),
        settings={
            "as of": "2011-12-10",
            "window": "everything read",
            "returns": "excluded",
            "scheme": "five",
            "cuts": "quantile",
        },
        settings_sha256="a41b" * 16,
        scheme_name="five",
        scheme_title="Five segments of a management report",
        scheme_source="rfmreport",
        scheme_cells=tuple(
            SchemeCell(r, f, m, _segment_of(r, f, m))
            for r in range(1, 6)
            for f in range(1, 6)
            for m in range(1, 6)
        ),
        cuts_method="Quantiles; equal values share a score",
        cuts=tuple(
            CutsRow(measure, score, names[measure][score - 1], count)  # type: ignore[arg-type]
            for measure, counts in _CUT_COUNTS.items()
            for score, count in enumerate(counts, start=1)
        ),
        definitions=(
            ("Recency", "whole calendar days from the customer's last order to the as-of date"),
            ("Frequency", "distinct orders of the customer in the period"),
            ("Monetary value", "sum of the customer's kept line amounts, in the source's currency"),
            ("Order", "one invoice number with at least one kept line"),
            ("As-of date", "the first day after the data that counts"),
        ),
        library_versions={"duckdb": "2.0.0", "ibis": "12.0.0", "altair": "6.3.0"},
    )


def _segment_of(r: int, f: int, m: int) -> str:
    if r <= 2:
        return RISK if f >= 3 or m >= 3 else LOST
    if min(r, f, m) >= 4:
        return HIGH
    return LOYAL if f >= 4 or (f >= 3 and m >= 4) else POTENTIAL
