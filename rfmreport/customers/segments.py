"""Which segment three scores mean: schemes read from TOML, proved complete and without overlap."""

from __future__ import annotations

import itertools
import math
import re
import string
import textwrap
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.customers.scoring import score_sql
from rfmreport.engine.ask import as_text
from rfmreport.errors import SettingsError
from rfmreport.settings.toml_files import TomlTable, read_toml, shipped_names
from rfmreport.vocabulary import MEASURES, RECENCY_DAYS, SCORES, SEGMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rfmreport.customers.scoring import Cuts

Cell = tuple[int, int, int]
"""The recency, frequency and monetary score, as in the code 543."""

_FEWEST_BINS, _MOST_BINS = 2, 9  # a score is one digit of a pattern
_CODES = string.ascii_uppercase  # one letter per segment in the drawn grid
_NAMED_CELLS = 30  # an error stays readable
_WIDTH = 80
_SCORE = r"(\*|[0-9]|\[[0-9]-[0-9]\])"
_PATTERN = re.compile(_SCORE * 3)
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")

_SCHEME_KEYS = {
    "title": 'title = "Our four segments"',
    "source": 'source = "agreed in the sales meeting of March"',
    "bins": "bins = 5",
    "cuts": "[cuts] and below it recency_days = [30, 60, 120, 240]",
    "segment": '[[segment]] and below it name = "Loyal"',
}
_SEGMENT_KEYS = {
    "name": 'name = "Loyal"',
    "color": 'color = "#3b9a94"',
    "cells": 'cells = "[4-5]3* 355"',
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment's name and the colour it has in every chart and table."""

    name: str
    color: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """The map from three scores, each from 1 to `bins`, to a segment.

    `segments` are listed best first. `fixed_cuts` holds, for the measures that the scheme cuts
    itself, ascending inclusive upper bounds, one fewer than `bins`. `cell_segments` has every cell.
    """

    name: str
    title: str
    source: str
    bins: int
    segments: tuple[Segment, ...]
    fixed_cuts: Mapping[str, tuple[float, ...]]
    cell_segments: Mapping[Cell, str]

    @property
    def segment_sql(self) -> str:
        """Return the SQL of a customer's segment, by its three scores."""
        scores = range(1, self.bins + 1)
        cells = itertools.product(scores, scores, scores)
        names = ", ".join(as_text(self.cell_segments[cell]) for cell in cells)
        recency, frequency, monetary = (f"CAST({name} AS INTEGER)" for name in SCORES)
        rank = f"(({recency} - 1) * {self.bins} + {frequency} - 1) * {self.bins} + {monetary}"
        return f"[{names}][{rank}]"


def scheme_names() -> tuple[str, ...]:
    """Return the names of the schemes that ship, the default one first."""
    return shipped_names("scheme")


def load_scheme(name_or_path: str) -> Scheme:
    """Load a shipped scheme by its name, or a user's TOML file, and prove that it covers all.

    Raises:
        SettingsError: the file cannot be read, a value is wrong, a cell has no segment or several.
    """
    table = TomlTable(f"scheme {name_or_path}", read_toml("scheme", name_or_path), _SCHEME_KEYS)
    table.refuse_unknown_keys()
    bins = _read_bins(table)
    title = table.text("title")
    segment_tables = table.tables("segment", _SEGMENT_KEYS)
    segments = tuple(_read_segment(segment) for segment in segment_tables)
    _refuse_unfit_segments(segments, table.where)
    cells = [(segment.text("name"), _read_cells(segment, bins)) for segment in segment_tables]
    return Scheme(
        name=Path(name_or_path).stem,
        title=title,
        source=table.text("source") if "source" in table.values else "",
        bins=bins,
        segments=segments,
        fixed_cuts=_read_cuts(table, bins),
        cell_segments=_prove(cells, bins, table.where),
    )


def draw_grid(scheme: Scheme) -> str:
    """Draw the scheme for a terminal: a block of letters per recency and frequency score.

    The letters of a block are the segments of its monetary scores from left to right, or one
    letter where the monetary score plays no part. Up to 8 scores fit 80 columns.
    """
    codes = {segment.name: code for segment, code in zip(scheme.segments, _CODES, strict=False)}
    blocks = {
        (recency, frequency): [
            codes[scheme.cell_segments[recency, frequency, monetary]]
            for monetary in range(1, scheme.bins + 1)
        ]
        for recency, frequency in itertools.product(range(1, scheme.bins + 1), repeat=2)
    }
    uses_monetary = any(len(set(block)) > 1 for block in blocks.values())
    heading = [scheme.title, scheme.source] if scheme.source else [scheme.title]
    notes = [_how_to_read(scheme.bins, uses_monetary=uses_monetary)]
    notes += [_own_cuts(measure, bounds) for measure, bounds in scheme.fixed_cuts.items()]
    parts = (
        _wrapped(heading),
        _draw_blocks(blocks, scheme.bins, letters=scheme.bins if uses_monetary else 1),
        _wrapped(notes),
        _legend(codes, Counter(scheme.cell_segments.values())),
    )
    return "\n\n".join("\n".join(lines) for lines in parts)


def _read_bins(table: TomlTable) -> int:
    bins = table.value("bins", int)
    if not _FEWEST_BINS <= bins <= _MOST_BINS:
        message = (
            f"{table.where}: bins = {bins} is not from {_FEWEST_BINS} to {_MOST_BINS}; "
            "scores run from 1 to bins"
        )
        raise SettingsError(message)
    return bins


def _read_segment(table: TomlTable) -> Segment:
    color = table.text("color")
    if not _COLOR.fullmatch(color):
        message = f"{table.where}: color {color!r} is not of the form #rrggbb, such as #3b9a94"
        raise SettingsError(message)
    return Segment(table.text("name"), color.lower())


def _refuse_unfit_segments(segments: Sequence[Segment], where: str) -> None:
    """Refuse two segments of one name (capitals apart), and more than can be told apart."""
    seen: dict[str, str] = {}
    for segment in segments:
        same = segment.name.casefold()
        if same in seen:
            message = f"{where}: two segments have the name {seen[same]!r}; rename or join them"
            raise SettingsError(message)
        seen[same] = segment.name
    if len(segments) > len(_CODES):
        message = (
            f"{where}: {len(segments)} segments are more than a reader can tell apart; "
            f"join some, {len(_CODES)} is the most"
        )
        raise SettingsError(message)


def _read_cells(table: TomlTable, bins: int) -> set[Cell]:
    patterns = table.text("cells").split()
    return {cell for pattern in patterns for cell in _matching_cells(pattern, bins, table.where)}


def _matching_cells(pattern: str, bins: int, where: str) -> Iterable[Cell]:
    match = _PATTERN.fullmatch(pattern)
    if not match:
        message = (
            f"{where}: {pattern!r} is not a pattern for three scores; each is a digit, a range or "
            "*, as in [4-5]3*"
        )
        raise SettingsError(message)
    scores = []
    for part in match.groups():
        digits = f"1{bins}" if part == "*" else part.strip("[]")
        first, last = int(digits[0]), int(digits[-1])
        if not 1 <= first <= last <= bins:
            message = f"{where}: {part} in {pattern!r} is not within the scores 1 to {bins}"
            raise SettingsError(message)
        scores.append(range(first, last + 1))
    recency, frequency, monetary = scores
    return itertools.product(recency, frequency, monetary)


def _read_cuts(table: TomlTable, bins: int) -> dict[str, tuple[float, ...]]:
    if "cuts" not in table.values:
        return {}
    bounds = [30 * 2**step for step in range(bins - 1)]
    examples = {measure: f"{measure} = {bounds}" for measure in MEASURES}
    cuts = TomlTable(f"{table.where}, cuts", table.value("cuts", dict), examples)
    cuts.refuse_unknown_keys()
    return {measure: _read_bounds(cuts, measure, bins) for measure in cuts.values}


def _read_bounds(cuts: TomlTable, measure: str, bins: int) -> tuple[float, ...]:
    bounds = cuts.value(measure, list)
    if len(bounds) == bins - 1 and all(type(bound) in {int, float} for bound in bounds):
        edges = (-math.inf, *map(float, bounds), math.inf)
        if all(low < high for low, high in itertools.pairwise(edges)):
            return edges[1:-1]
    message = (
        f"{cuts.where}: {measure} = {bounds!r} is not a list of {bins - 1} ascending numbers, "
        f"one fewer than there are scores; write for example: {cuts.examples[measure]}"
    )
    raise SettingsError(message)


def _prove(cells: Sequence[tuple[str, set[Cell]]], bins: int, where: str) -> dict[Cell, str]:
    """Return the segment of every cell, or name the cells that have none or several."""
    scores = range(1, bins + 1)
    every_cell = list(itertools.product(scores, scores, scores))
    owners = {cell: [name for name, owned in cells if cell in owned] for cell in every_cell}
    total = len(every_cell)
    uncovered = [_code(cell) for cell in every_cell if not owners[cell]]
    doubled = [
        f"{_code(cell)} ({', '.join(owners[cell])})" for cell in every_cell if len(owners[cell]) > 1
    ]
    problems = []
    if uncovered:
        have, them = ("has", "it") if len(uncovered) == 1 else ("have", "them")
        problems.append(
            f"{len(uncovered)} of {total} cells {have} no segment: {_listed(uncovered)}; "
            f"add {them} to a segment's cells"
        )
    if doubled:
        have, each = ("has", "it") if len(doubled) == 1 else ("have", "each")
        problems.append(
            f"{len(doubled)} of {total} cells {have} more than one segment: {_listed(doubled)}; "
            f"leave {each} in one segment's cells"
        )
    if problems:
        message = f"{where}: {'. '.join(problems)}"
        raise SettingsError(message)
    return {cell: owner[0] for cell, owner in owners.items()}


def _code(cell: Cell) -> str:
    return "".join(map(str, cell))


def _listed(items: Sequence[str]) -> str:
    hidden = len(items) - _NAMED_CELLS
    return " ".join(items[:_NAMED_CELLS]) + (f" and {hidden} more" if hidden > 0 else "")


def _draw_blocks(
    blocks: Mapping[tuple[int, int], Sequence[str]], bins: int, letters: int
) -> list[str]:
    width = max(letters, 2)  # as wide as "F1"
    scores = range(1, bins + 1)
    lines = ["    " + "  ".join(f"F{score}".center(width) for score in scores)]
    for recency in reversed(scores):
        row = ("".join(blocks[recency, score][:letters]).center(width) for score in scores)
        lines.append(f"R{recency}  " + "  ".join(row))
    return [line.rstrip() for line in lines]


def _how_to_read(bins: int, *, uses_monetary: bool) -> str:
    note = f"R is the recency score, F the frequency score, {bins} is best. "
    if uses_monetary:
        return note + f"The letters of a block are the monetary scores 1 to {bins}."
    return note + "The monetary score plays no part."


def _own_cuts(measure: str, bounds: Sequence[float]) -> str:
    """Put a measure's own bounds into words, as in "up to 180 scores 3"."""
    scores = list(range(1, len(bounds) + 2))
    if measure == RECENCY_DAYS:
        scores.reverse()
    steps = [
        f"up to {bound:.15g} scores {score}" for bound, score in zip(bounds, scores, strict=False)
    ]
    return f"Own cuts of {measure}: {', '.join(steps)}, anything above {scores[-1]}."


def _legend(codes: Mapping[str, str], cell_counts: Mapping[str, int]) -> list[str]:
    return [
        f"{code}  {cell_counts[name]:>3} {'cell ' if cell_counts[name] == 1 else 'cells'}  {name}"
        for name, code in codes.items()
    ]


def _wrapped(paragraphs: Iterable[str]) -> list[str]:
    wrapper = textwrap.TextWrapper(_WIDTH - 1, break_long_words=False, break_on_hyphens=False)
    return [line for paragraph in paragraphs for line in wrapper.wrap(paragraph)]


def named_sql(people: str, cuts: Cuts, scheme: Scheme, day: str = "") -> str:
    """Return the query for customers with measures: their columns, three scores and `segment`.

    `people` is a table, or a query in brackets; `day` as for `score_sql`.
    """
    scored = f"SELECT *, {score_sql(cuts, day)} FROM {people}"  # noqa: S608  names of our own
    return f"SELECT *, {scheme.segment_sql} AS {SEGMENT} FROM ({scored})"  # noqa: S608  as above
