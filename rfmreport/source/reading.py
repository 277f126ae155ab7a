"""Reading: files in, their lines under one name in the engine, with the headings and a sample."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from rfmreport.engine import ask
from rfmreport.engine.ask import Engine, EngineError, one_line
from rfmreport.errors import InputError, SettingsError
from rfmreport.source.audit import SourceFile
from rfmreport.source.columns.date_parts import made_date
from rfmreport.source.databases.addresses import Address
from rfmreport.source.databases.connections import open_server
from rfmreport.source.databases.tables import read_tables
from rfmreport.source.evidence import Decision
from rfmreport.source.files.file_kinds import open_file
from rfmreport.source.files.keys import Group, said_table
from rfmreport.source.files.links import link_tables, may_belong_together
from rfmreport.source.files.misfits import count_misfits, refuse_many_misfits
from rfmreport.source.files.parts import (
    VIEW,
    Joined,
    Opened,
    Table,
    define_view,
    join_parts,
    quoted,
)
from rfmreport.source.files.places import find_places
from rfmreport.source.files.plain_copies import new_copy
from rfmreport.source.files.text_files import TextFile, next_attempt, path_literal
from rfmreport.vocabulary import VIEW_PART, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ibis.backends.duckdb import Backend

    from rfmreport.settings import EngineSettings, SourceSettings
    from rfmreport.source.columns.date_parts import MadeColumn
    from rfmreport.source.files.parts import Part

Answer = TypeVar("Answer")
Kind = Literal["text", "typed"]
_SAMPLE_ROWS, _FEWEST_SAMPLE_ROWS = 2_000, 50
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """What was opened: the engine knows its lines as `VIEW`.

    Text files and workbooks arrive as text in every column, all else in its own kinds. Where there
    are several parts (files or sheets), the column `VIEW_PART` tells them apart. `samples` hold of
    each part, by heading, what stands in its first rows, as text, without the empty cells.
    """

    parts: tuple[Part, ...]
    samples: tuple[Mapping[str, tuple[str, ...]], ...]
    joined: Joined
    kind: Kind
    unread: tuple[Finding, ...] = ()
    has_parts: bool = False
    """Whether there are several files or sheets of lines, which may repeat one another."""
    misfit_count: int = 0

    @property
    def headings(self) -> tuple[str, ...]:
        """Return what the columns are called."""
        return self.joined.headings

    @property
    def sample(self) -> Mapping[str, tuple[str, ...]]:
        """Return what stands in the first rows of all parts, by heading."""
        return {
            heading: tuple(text for sample in self.samples for text in sample.get(heading, ()))
            for heading in self.headings
        }

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the file of each part."""
        return tuple(part.path for part in self.parts)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what the reader of the report should know about how they were read."""
        found = [finding for part in self.parts for finding in part.findings]
        return (*self.unread, *found, *_told_misfits(self.misfit_count))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Return how the parts were read, where there was a choice."""
        told = (part.decision for part in self.parts if part.decision)
        return (*told, *self.joined.decisions)


def _told_misfits(count: int) -> list[Finding]:
    text = "Rows that do not fit the heading (too many or too few fields) were left unread."
    return [Finding("misfit", "warning", text, count)] if count else []


@contextmanager
def open_engine(settings: EngineSettings) -> Iterator[Backend]:
    """Open the embedded engine for those who ask in expressions.

    Raises:
        SettingsError: the memory limit or the number of threads is none.
    """
    import ibis  # noqa: PLC0415  slow, and the source is read without it

    with ask.open_engine(settings) as engine:
        yield ibis.duckdb.from_connection(engine.con)


def open_source(
    engine: Engine, settings: SourceSettings, chosen: Mapping[str, str] | None = None
) -> Source:
    """Open the files without reading more than a sample; `chosen` (role → heading) the user said.

    Raises:
        InputError: no such file, a folder, an empty or binary file, no rows, other columns.
    """
    chosen = chosen or {}
    opened = _open_all(engine, settings, chosen)
    parts = [part for one in opened for part in one.parts]
    _refuse_tables_of_files(parts, settings)
    linked = _linked(engine, opened, settings, chosen)
    if linked:
        return linked
    unread = [finding for one in opened for finding in one.told(parts)]
    are_typed = all(isinstance(part, Table) for part in parts)
    most = max(_SAMPLE_ROWS // len(parts), _FEWEST_SAMPLE_ROWS)
    sampled = [_sampled(engine, part, most) for part in parts]
    parts, samples = [part for part, _ in sampled], [sample for _, sample in sampled]
    if not any(text for sample in samples for text in sample.values()):
        raise _no_lines(parts[0])
    joined = join_parts(parts, samples, chosen)
    define_view(engine, parts, joined)
    samples = [
        {names[heading]: texts for heading, texts in sample.items()}
        for names, sample in zip(joined.renamed, samples, strict=True)
    ]
    kind: Kind = "typed" if are_typed else "text"
    source = Source(tuple(parts), tuple(samples), joined, kind, tuple(unread), len(parts) > 1)
    made = made_date(source.headings, joined.roles, source.sample)
    return source if made is None else _with_made(engine, source, made)


def _with_made(engine: Engine, source: Source, made: MadeColumn) -> Source:
    """Add a column of dates that is made of others."""
    named = ", ".join(map(quoted, made.of))
    decision = Decision("date", f"{named} together say it", "all their values are its parts")
    joined = replace(
        source.joined,
        headings=(*source.headings, made.heading),
        roles={**source.joined.roles, "date": made.heading},
        decisions=(*source.joined.decisions, decision),
        made=made,
    )
    define_view(engine, source.parts, joined)
    samples = []
    for part, sample in zip(source.parts, source.samples, strict=True):
        of_part = f"WHERE {quoted(VIEW_PART)} = $part" if source.has_parts else ""
        query = f"SELECT {quoted(made.heading)} AS made FROM {VIEW} {of_part} LIMIT $most"  # noqa: S608
        texts = engine.columns(query, part=part.name, most=_SAMPLE_ROWS)["made"]
        samples.append({**sample, made.heading: tuple(filter(None, texts))})
    return replace(source, joined=joined, samples=tuple(samples))


def _open_all(engine: Engine, settings: SourceSettings, chosen: Mapping[str, str]) -> list[Opened]:
    """Open what the paths name, and the files to join; other tables to join are in them."""
    joins = tuple(map(said_table, settings.joins))
    files = [name for name in joins if Path(name).exists()]
    inner = tuple(name for name in joins if name not in files)
    settings = replace(
        settings,
        tables=_with(settings.tables, inner),
        sheets=_with(settings.sheets, inner),
    )
    opened = []
    for place in find_places((*settings.paths, *files)):
        if isinstance(place, Address):
            tables = read_tables(engine, open_server(place), settings)
            opened.append(Opened(tables[0].path, tables))
        else:
            opened.append(open_file(engine, place, settings, chosen))
    titles = {part.title for one in opened for part in (*one.parts, *one.beside)}
    missing = next((name for name in inner if name not in titles), None)
    if missing:
        message = f"--join {missing}: no such file, sheet or table; there are {', '.join(titles)}"
        raise SettingsError(message)
    return opened


def _with(named: tuple[str, ...], inner: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tables or sheets to read, each once; none are named where all are looked at."""
    return tuple(dict.fromkeys((*named, *inner))) if named else ()


def _linked(
    engine: Engine,
    opened: Sequence[Opened],
    settings: SourceSettings,
    chosen: Mapping[str, str],
) -> Source | None:
    """Return the source of tables that belong together; None where they do not."""
    groups = _groups_of(opened, settings.joins, chosen)
    if len(groups) == 1 or not may_belong_together(groups):
        return None
    with engine.in_order():
        linked = link_tables(engine, [_copied_group(engine, one) for one in groups], chosen)
        if linked is None:
            return None
        copy = new_copy(engine, "joined")
        engine.copy(linked.query, copy, "FORMAT parquet")
    parts, headings = linked.lines.parts, tuple(linked.columns)
    table = Table(parts[0].path, headings, _parquet(copy))
    engine.define(VIEW, table.scan)
    _, sample = _sampled(engine, table, _SAMPLE_ROWS)
    if not any(sample.values()):
        raise _no_lines(table)
    used = tuple(part for group in (linked.lines, *linked.joined) for part in group.parts)
    told = (finding for one in opened for finding in one.told(used))
    sample = {heading: sample[heading] for heading in headings}
    joined = Joined(headings, (), linked.roles, linked.decisions)
    return Source(used, (sample,), joined, "typed", (*linked.findings, *told), len(parts) > 1)


def _groups_of(
    opened: Sequence[Opened], joins: Sequence[str], chosen: Mapping[str, str]
) -> list[Group]:
    """Return the tables: parts of the same headings are one, unless one of them is to be joined."""
    said = {said_table(join): join for join in joins}
    by_headings: dict[tuple[frozenset[str], bool, str], list[Part]] = {}
    for one in opened:
        for part in (*one.parts, *one.beside):
            join = said.get(str(part.path)) or said.get(part.title, "")
            headings = frozenset(heading.casefold() for heading in part.headings)
            key = (headings, part in one.beside and not join, join)
            by_headings.setdefault(key, []).append(part)
    return [
        Group(tuple(parts), parts[0].title, chosen, join, is_beside)
        for (_, is_beside, join), parts in by_headings.items()
    ]


def _copied_group(engine: Engine, group: Group) -> Group:
    """Copy the parts of a table for the engine, so that it may be asked as often as needed."""
    pairs = [_copied(engine, part) for part in group.parts]
    copies = tuple(copy for _, copy in pairs)
    group = replace(group, parts=tuple(part for part, _ in pairs), copies=copies)
    return replace(group, row_count=engine.value(f"SELECT count(*) FROM ({group.scan})"))  # noqa: S608


def _copied(engine: Engine, part: Part) -> tuple[Table, Path]:
    copy = new_copy(engine, "table")
    try:
        engine.copy(part.scan, copy, "FORMAT parquet")
    except EngineError as error:
        return _copied(engine, _after_error(engine, part, error))
    except OSError as error:
        raise unreadable(part.path, error) from error
    origin = part.origin if isinstance(part, Table) else ""
    findings = (*part.findings, *_misfits(engine, part, copy))
    table = Table(part.path, part.headings, _parquet(copy), part.sheet, part.decision, findings)
    return replace(table, origin=origin), copy


def _misfits(engine: Engine, part: Part, copy: Path) -> list[Finding]:
    count = count_misfits(engine, [part])
    row_count = engine.value(f"SELECT count(*) FROM ({_parquet(copy)})")  # noqa: S608  quoted
    refuse_many_misfits(engine, [part], count, row_count)
    return _told_misfits(count)


def _parquet(copy: Path) -> str:
    return f"SELECT * FROM read_parquet({path_literal(copy)})"  # noqa: S608  quoted


def fingerprint_files(source: Source) -> tuple[SourceFile, ...]:
    """Return each file's (or sheet's) name, size and SHA-256."""
    hashes = {path: _sha256(path) for path in set(source.files)}
    return tuple(
        SourceFile(_title(part), part.sheet, part.path.stat().st_size, hashes[part.path])
        for part in source.parts
    )


def _title(part: Part) -> str:
    is_table = isinstance(part, Table) and part.origin
    return f"{part.path.name}, {part.name.rpartition(', ')[2]}" if is_table else part.path.name


def _refuse_tables_of_files(parts: Sequence[Part], settings: SourceSettings) -> None:
    """Refuse to leave an option unheard that only databases have."""
    said = "--table" if settings.tables else "--query" if settings.query else None
    if said and not any(isinstance(part, Table) and part.origin for part in parts):
        message = f"{said}: {parts[0].path} is no database; leave the option out"
        raise SettingsError(message)


def _sampled(
    engine: Engine, part: Part, row_count: int
) -> tuple[Part, Mapping[str, tuple[str, ...]]]:
    """Return what stands in a part's first rows, and the part as it had to be read for that."""
    query = f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({part.scan} LIMIT {row_count})"  # noqa: S608
    try:
        columns = engine.columns(query)
    except EngineError as error:
        return _sampled(engine, _after_error(engine, part, error), row_count)
    texts = (tuple(text for text in column if text is not None) for column in columns.values())
    return part, dict(zip(columns, texts, strict=True))


def read_through(
    engine: Engine, source: Source, ask: Callable[[Source], Answer]
) -> tuple[Source, Answer]:
    """Return what is asked of a source's lines, and the source as it had to be read for that.

    A text file in which the engine meets what its beginning did not show is read in another way.

    Raises:
        InputError: it cannot be read even so.
    """
    while True:
        try:
            return source, ask(source)
        except EngineError as error:
            source = _after_stop(engine, source, error)


def _after_stop(engine: Engine, source: Source, error: Exception) -> Source:
    """Return the source as it has to be read after the engine stopped at one of its parts."""
    named = [
        part
        for part in source.parts
        if isinstance(part, TextFile) and str(part.plain) in str(error)
    ]
    stopped = named or [part for part in source.parts if isinstance(part, TextFile)]
    if not stopped:
        raise unreadable(source.files[0], error) from error
    parts = tuple(
        _after_error(engine, part, error) if part in stopped else part for part in source.parts
    )
    define_view(engine, parts, source.joined)
    return replace(source, parts=parts)


def _after_error(engine: Engine, part: Part, error: Exception) -> Part:
    if not isinstance(part, TextFile):
        raise unreadable(part.path, error) from error
    return next_attempt(engine, part, error)


def _no_lines(part: Part) -> InputError:
    listed = ", ".join(part.headings)
    return InputError(f"{part.name}: has a heading but no lines; its headings are {listed[:300]}")


def unreadable(path: Path, error: Exception) -> InputError:
    """Say that the engine could not read a file as what it seemed to be."""
    return InputError(f"{path}: cannot be read as a table ({one_line(error)})")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        read: Callable[[], bytes] = lambda: file.read(_BLOCK_BYTES)  # noqa: E731
        for block in iter(read, b""):
            digest.update(block)
    return digest.hexdigest()
