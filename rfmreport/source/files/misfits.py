"""Rows of text files that do not fit the headings: counted where few, refused where many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries
from rfmreport.errors import InputError
from rfmreport.source.files.headings import Row
from rfmreport.source.files.text_files import TextFile
from rfmreport.source.files.text_layout import misfit_error, read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.engine.ask import Engine
    from rfmreport.source.files.parts import Part

_QUERIES = read_queries(__file__)
_SHARE_BORNE, _COUNT_BORNE = 0.05, 10


def count_misfits(engine: Engine, parts: Sequence[Part]) -> int:
    """Return how many rows were left unread, after a query has read them all.

    Raises:
        InputError: one of them hides others, or is larger than a row can be.
    """
    texts = (part for part in parts if isinstance(part, TextFile))
    lenient = {str(part.plain): part for part in texts if part.is_lenient}
    if not lenient:
        return 0
    count: int = engine.value(_QUERIES["count"])
    if not count:
        return 0
    first = engine.row(_QUERIES["first"])
    part = lenient[first["file_path"]]
    if first["is_too_long"]:
        message = (
            f"{part.path}: line {first['line']:,} has more than 2,000,000 letters, at most so many "
            "are read; a quote that never closes is the likely cause"
        )
        raise InputError(message)
    if first["is_open"]:
        message = (
            f"{part.path}: on line {first['line']:,} a quote opens that does not close where a "
            "field ends, so rows behind it cannot be told apart; double the quotes within the field"
        )
        raise InputError(message)
    return count


def refuse_many_misfits(
    engine: Engine, parts: Sequence[Part], misfit_count: int, line_count: int
) -> None:
    """Refuse a source of which many rows were left unread, naming the first.

    Raises:
        InputError: they are more than a slip of the pen.
    """
    if misfit_count <= max(_COUNT_BORNE, _SHARE_BORNE * line_count):
        return
    first = engine.row(_QUERIES["first"])
    part = next(p for p in parts if isinstance(p, TextFile) and str(p.plain) == first["file_path"])
    layout = part.layout
    (row,) = read_rows(first["csv_line"], layout.delimiter, layout.quote, layout.escape)
    share = f"{misfit_count:,} of {line_count:,} rows do not fit"
    raise misfit_error(
        str(part.path), Row(first["line"], row.cells), len(part.headings), layout.delimiter, share
    )
