"""Dates whose parts stand in columns of their own: year, month and day, or day and time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.source.columns.roles import known_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.source.formats.value_formats import Sample

_MOST = 0.98
_YEAR = re.compile(r"(?:19|20)\d\d(?:\.0)?")
_MONTH = re.compile(r"(?:0?[1-9]|1[0-2])(?:\.0)?")
_DAY = re.compile(r"(?:0?[1-9]|[12]\d|3[01])(?:\.0)?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")


@dataclass(frozen=True, slots=True)
class MadeColumn:
    """A column that is made of others: its heading, theirs, and how the engine writes it."""

    heading: str
    of: tuple[str, ...]
    expression: str


def made_date(
    headings: Sequence[str], said: Mapping[str, str], sample: Sample
) -> MadeColumn | None:
    """Return the column of dates to be made; None where one column says them, or none does.

    Only columns whose values are the parts of a date are put together.
    """
    found = known_columns(headings, "date_parts")
    year, month, day, time = (next(iter(found[n]), "") for n in ("year", "month", "day", "time"))
    others = [h for h in known_columns(headings)["date"] if h not in {year, month, day, time}]
    three, whole = (year, month, day), f"{year}-{month}-{day}"
    is_open = said["date"] == whole if "date" in said else not others
    if all(three) and is_open and _are(sample, three, (_YEAR, _MONTH, _DAY)):
        parts = (f"regexp_replace(trim({_text(h)}), '[.]0$', '')" for h in three)
        padded = (f"regexp_replace({part}, '^(.)$', '0\\1')" for part in parts)
        return MadeColumn(whole, three, " || '-' || ".join(padded))
    return _with_time(said.get("date", next(iter(others), "")), time, sample)


def _with_time(date: str, time: str, sample: Sample) -> MadeColumn | None:
    date = date.removesuffix(f" {time}")  # where the user said what was made before
    if not time or time == date or not _are(sample, (date, time), (_DATE, _TIME)):
        return None
    padded = f"regexp_replace(trim({_text(time)}), '^(.):', '0\\1:')"
    whole = f"trim({_text(date)}) || coalesce(' ' || nullif({padded}, ''), '')"
    return MadeColumn(f"{date} {time}", (date, time), whole)


def _are(sample: Sample, headings: Sequence[str], shapes: Sequence[re.Pattern[str]]) -> bool:
    """Say whether nearly all values of each column have its shape."""
    columns = [sample.get(heading, ()) for heading in headings]
    return all(
        texts and sum(bool(shape.fullmatch(text.strip())) for text in texts) >= _MOST * len(texts)
        for texts, shape in zip(columns, shapes, strict=True)
    )


def _text(heading: str) -> str:
    name = heading.replace('"', '""')
    return f'CAST("{name}" AS VARCHAR)'
