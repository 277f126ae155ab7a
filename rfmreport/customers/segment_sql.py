"""The segments as one query, for a warehouse or a mail tool that makes the same ones every day."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.errors import SettingsError
from rfmreport.vocabulary import MEASURES, SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from rfmreport.customers.scoring import Cuts, MeasureCuts
    from rfmreport.customers.segments import Scheme

_TABLE = re.compile(r'[\w.$"`-]+')
_LINE_END = "\n            "
_QUERY = """\
-- Customer segments, as rfmreport makes them: {title}
-- The bounds are of the report as of {fitted_as_of}, and stay until you export newer ones.
-- Reads {table}, one row per order or line that counts (`rfmreport check` shows which do not):
--   customer_id, order_id, ordered_at (a date or time), amount (below 0 where money went back).
-- Gives one row per customer: three measures, three scores, the segment.
WITH measured AS (
    SELECT
        customer_id,
        {recency_days} AS recency_days,
        COUNT(DISTINCT CASE WHEN amount > 0 THEN order_id END) AS order_count,
        SUM(amount) AS revenue
    FROM {table}
    WHERE
        customer_id IS NOT NULL
        AND CAST(ordered_at AS DATE) < {as_of}{window}
    GROUP BY customer_id
    HAVING COUNT(DISTINCT CASE WHEN amount > 0 THEN order_id END) > 0
),

scored AS (
    SELECT
        customer_id,
        recency_days,
        order_count,
        revenue,
{scores}
    FROM measured
)

SELECT
    customer_id,
    recency_days,
    order_count,
    revenue,
    recency_score,
    frequency_score,
    monetary_score,
    CASE
{segments}
    END AS segment
FROM scored
"""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """Where one engine's SQL differs from the others': days, months, and how a text is said."""

    days_between: str
    months_before: str
    has_escapes: bool = False  # a backslash in a text means something

    def text(self, text: str) -> str:
        """Return a text as this SQL says it."""
        if self.has_escapes:
            return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return "'" + text.replace("'", "''") + "'"


DIALECTS: Mapping[str, _Dialect] = {
    "bigquery": _Dialect(
        "DATE_DIFF({last}, {first}, DAY)",
        "DATE_SUB({day}, INTERVAL {months} MONTH)",
        has_escapes=True,
    ),
    "duckdb": _Dialect("date_diff('day', {first}, {last})", "{day} - INTERVAL {months} MONTH"),
    "postgres": _Dialect("({last} - {first})", "{day} - INTERVAL '{months} months'"),
    "snowflake": _Dialect(
        "DATEDIFF('day', {first}, {last})", "ADD_MONTHS({day}, -{months})", has_escapes=True
    ),
    "spark": _Dialect(
        "DATEDIFF({last}, {first})", "ADD_MONTHS({day}, -{months})", has_escapes=True
    ),
}
"""How each engine says it: Google's, DuckDB's, PostgreSQL's, Snowflake's and Spark's manuals."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """What turns a customer's measures into a segment, as one report used it."""

    cuts: Cuts
    scheme: Scheme
    as_of: date
    window_months: int | None


def segment_query(ruler: Ruler, dialect: str, table: str, as_of: date | None = None) -> str:
    """Return the query that gives each customer of `table` the report's segment.

    Recency is counted to `as_of`, None for the day on which the query runs. Scores are those of
    `scoring.score_sql`, segments those of the scheme's cells.

    Raises:
        SettingsError: no such dialect, a table that is no name, or scores that need all customers.
    """
    if dialect not in DIALECTS:
        message = f"dialect {dialect!r}: not known; known are {', '.join(DIALECTS)}"
        raise SettingsError(message)
    if not _TABLE.fullmatch(table):
        message = f"table {table!r}: not a table's name, such as shop.orders"
        raise SettingsError(message)
    if ruler.cuts.method == "rank-first":
        message = (
            "scores of the method rank-first are ranks among all customers, and no bounds; build "
            "the report with --method quantile, and export its segments"
        )
        raise SettingsError(message)
    speech = DIALECTS[dialect]
    day = f"DATE '{as_of}'" if as_of else "CURRENT_DATE"
    last_order = "MAX(CASE WHEN amount > 0 THEN CAST(ordered_at AS DATE) END)"
    first_day = speech.months_before.format(day=day, months=ruler.window_months)
    return _QUERY.format(
        title=" ".join(ruler.scheme.title.split()),
        fitted_as_of=ruler.as_of,
        table=table,
        as_of=day,
        window=f"\n        AND CAST(ordered_at AS DATE) >= {first_day}" * bool(ruler.window_months),
        recency_days=speech.days_between.format(first=last_order, last=day),
        scores=",\n".join(
            f"        {_score(ruler.cuts.of(measure))} AS {score}"
            for score, measure in zip(SCORES, MEASURES, strict=True)
        ),
        segments=_segments(ruler.scheme, speech),
    )


def _score(cuts: MeasureCuts) -> str:
    """Return one CASE for a measure: the first bound that the value does not pass."""
    below = "<=" if cuts.closed == "right" else "<"
    scores = range(1, len(cuts.bounds) + 2)
    *steps, last = reversed(scores) if cuts.best_is_low else scores
    if not steps:
        return "1"
    branches = [
        f"WHEN {cuts.measure} {below} {_number(bound)} THEN {score}"
        for bound, score in zip(cuts.bounds, steps, strict=True)
    ]
    return f"CASE{_LINE_END}{_LINE_END.join(branches)}{_LINE_END}ELSE {last}\n        END"


def _segments(scheme: Scheme, speech: _Dialect) -> str:
    cells = defaultdict(list)
    for cell, name in scheme.cell_segments.items():
        cells[name].append("".join(map(str, cell)))
    code = "recency_score * 100 + frequency_score * 10 + monetary_score"
    return "\n".join(
        f"        WHEN {code} IN ({', '.join(cells[one.name])}) THEN {speech.text(one.name)}"
        for one in scheme.segments
        if one.name in cells
    )


def _number(bound: Decimal) -> str:
    return format(bound.normalize(), "f")
