"""Which of several columns of dates is the order's: the day of an export stands in every line."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rfmreport.errors import InputError
from rfmreport.source.evidence import Decision
from rfmreport.source.formats.all_values import looks_of
from rfmreport.source.formats.date_forms import looks_like_dates
from rfmreport.source.formats.dates import day_in, day_of
from rfmreport.vocabulary import Finding

# ruff: noqa: RUF001  letters of other languages are meant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import Table

    from rfmreport.source.columns.roles import ColumnMap

_FEWEST_VALUES = 10
_NEARLY_ALL = 0.9
_OF_AN_ORDER = re.compile(
    "order|plac|purchas|bought|paid|payment|sale|sold|invoice|transaction|creat|bestell|kauf|auftrag"
    "|rechnung|beleg|command|achat|vente|factur|pedido|compra|venta|ordin|acquist|vendit|encomend"
    "|zam[oó]w|zakup|sprzeda|sipari|sat[iı]|заказ|покупк|продаж|注文|購入|受注|下单|订单|付款",
    re.IGNORECASE,
)


def find_date_column(
    sample: Mapping[str, Sequence[str]], columns: ColumnMap, table: Table
) -> tuple[ColumnMap, tuple[Decision, ...], tuple[Finding, ...]]:
    """Return the columns with the order's date in place of one that has one day in all lines.

    Raises:
        InputError: several others have dates that vary.
    """
    known = sample[columns.date]
    if len(known) < _FEWEST_VALUES or len(set(map(day_in, known))) > 1:
        return columns, (), ()
    others = [heading for heading in sample if _varies(sample[heading], len(known))]
    if not others or len(*looks_of(table, columns.date, day_of).values()) > 1:
        return columns, (), ()
    found = f"column {columns.date!r} has one day, {day_in(known[0])}, in all lines"
    likely = [heading for heading in others if _OF_AN_ORDER.search(heading)] or others
    if len(likely) > 1:
        options = " or ".join(f"--map date={heading!r}" for heading in likely)
        message = f"{found}, others have many; say which is the order's date: {options}"
        raise InputError(message)
    (other,) = likely
    option = f"--map date={other!r}"
    text = f"{found[0].upper()}{found[1:]}; orders were dated by column {other!r} instead."
    return (
        replace(columns, date=other),
        (Decision("column of dates", repr(other), found, option),),
        (Finding("date_column", "warning", text),),
    )


def _varies(texts: Sequence[str], row_count: int) -> bool:
    """Say whether a column has dates, of more than one day, in nearly all rows."""
    is_full = len(texts) > _NEARLY_ALL * row_count
    return is_full and len(set(map(day_in, texts))) > 1 and looks_like_dates(texts)
