"""Preconditions of texts: when a sentence of the playbook fits a segment of this shop."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.engine.ask import Engine
    from rfmreport.sections.segments.figures import SegmentTable

    Figures = Mapping[str, float | None]

CONDITION_NAMES = (
    "customer_share", "revenue_share", "median_recency_days", "median_order_count",
    "one_order_share", "order_chance", "lowest_order_chance", "typical_gap_days",
)  # fmt: skip
"""The figures that a condition may name. `one_order_share` of the segment ordered once;
`order_chance` is the share that comes anyway, and `lowest_order_chance` that of the last segment;
`typical_gap_days` lie between two orders of the median customer who ordered twice."""
_LONGEST = 200
_OPERATORS: Mapping[type, Any] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Not: operator.not_, ast.USub: operator.neg,
}  # fmt: skip
_PARTS = (
    ast.Expression,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.BinOp,
    ast.Compare,
    ast.Load,
)
_SQL = read_queries(__file__)


def read_condition(text: str, where: str) -> ast.expr:
    """Return a condition ready to be asked: names, numbers, comparisons, and/or/not, + - * /.

    Raises:
        SettingsError: it holds anything else, or a name that is no figure.
    """
    try:
        tree = ast.parse(text if len(text) <= _LONGEST else "", mode="eval")
    except (SyntaxError, ValueError) as error:
        message = f"{where} {text[:_LONGEST]!r} is no condition; write for example {_EXAMPLE}"
        raise SettingsError(message) from error
    for part in ast.walk(tree):
        if isinstance(part, ast.Name) and part.id not in CONDITION_NAMES:
            message = f"{where} names {part.id!r}; write one of {', '.join(CONDITION_NAMES)}"
            raise SettingsError(message)
        is_number = isinstance(part, ast.Constant) and type(part.value) in {int, float}
        if not (is_number or isinstance(part, (ast.Name, *_PARTS, *_OPERATORS))):
            what = ast.unparse(part) if isinstance(part, ast.expr) else type(part).__name__
            message = f"{where} has {what!r}; a condition is made of figures, numbers, {_SIGNS}"
            raise SettingsError(message)
    return tree.body


_EXAMPLE = '"median_recency_days < typical_gap_days * 2"'
_SIGNS = "comparisons, and, or, not, + - * /"


def holds(condition: ast.expr, figures: Figures) -> bool:
    """Say whether a condition holds; not where it asks for a figure that is not known."""
    try:
        return bool(_value(condition, figures))
    except (TypeError, ZeroDivisionError, OverflowError):  # None is no number
        return False


def _value(part: ast.expr, figures: Figures) -> Any:  # noqa: ANN401  a number, a truth, or None
    match part:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return figures[name]
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATORS[type(op)](_value(operand, figures))
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_value(left, figures), _value(right, figures))
        case ast.BoolOp(op=op, values=values):
            every = [_value(one, figures) for one in values]
            return all(every) if isinstance(op, ast.And) else any(every)
        case ast.Compare(left=left, ops=ops, comparators=others):
            ends = [_value(one, figures) for one in (left, *others)]
            pairs = zip(ops, ends, ends[1:], strict=False)
            return all(_OPERATORS[type(op)](one, other) for op, one, other in pairs)
    raise AssertionError(part)  # what is read was checked


def typical_gap(engine: Engine) -> float | None:
    """Return the days between two orders of the median customer who ordered on two days."""
    rows = engine.rows(_SQL["typical_gap"])
    return rows[0]["typical_gap_days"] if rows else None


def measure_conditions(engine: Engine, table: SegmentTable) -> Mapping[str, Figures]:
    """Return by segment the figures that conditions name, those of `CONDITION_NAMES`."""
    once = {row["segment"]: row["one_order_share"] for row in engine.rows(_SQL["one_order"])}
    gap = typical_gap(engine)
    chances = [row.anyway.value for row in table.rows[-1:] if row.anyway]
    return {
        row.name: {
            "customer_share": row.customer_share,
            "revenue_share": row.revenue_share,
            "median_recency_days": row.median_recency_days,
            "median_order_count": row.median_order_count,
            "one_order_share": once.get(row.name),
            "order_chance": row.anyway.value if row.anyway else None,
            "lowest_order_chance": chances[0] if chances else None,
            "typical_gap_days": gap,
        }
        for row in table.rows
    }
