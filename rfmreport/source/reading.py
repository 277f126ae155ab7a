"""Reading: files in, their lines under one name in the engine, with the headings and a sample."""

from __future__ import annotations

import glob
import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from rfmreport.engine import ask
from rfmreport.engine.ask import Engine, EngineError, one_line
from rfmreport.errors import InputError, SettingsError
from rfmreport.source.audit import SourceFile
from rfmreport.source.databases.addresses import Address, address_of, is_url, without_password
from rfmreport.source.databases.connections import open_server
from rfmreport.source.databases.tables import read_tables
from rfmreport.source.files.file_kinds import open_file
from rfmreport.source.files.parts import Joined, Table, define_view, join_parts
from rfmreport.source.files.text_files import TextFile, next_attempt
from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ibis.backends.duckdb import Backend

    from rfmreport.settings import EngineSettings, SourceSettings
    from rfmreport.source.evidence import Decision
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
    def has_parts(self) -> bool:
        """Say whether there are several files or sheets, which may repeat one another."""
        return len(self.parts) > 1

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what the reader of the report should know about how they were read."""
        found = [finding for part in self.parts for finding in part.findings]
        if self.misfit_count:
            text = "Rows that do not fit the heading (too many or too few fields) were left unread."
            found.append(Finding("misfit", "warning", text, self.misfit_count))
        return (*self.unread, *found)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Return how the parts were read, where there was a choice."""
        told = (part.decision for part in self.parts if part.decision)
        return (*told, *self.joined.decisions)


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
    parts: list[Part] = []
    unread: list[Finding] = []
    for place in _find_places(settings.paths):
        if isinstance(place, Address):
            parts += read_tables(engine, open_server(place), settings)
            continue
        opened, findings = open_file(engine, place, settings, chosen or {})
        parts += opened
        unread += findings
    _refuse_tables_of_files(parts, settings)
    are_typed = all(isinstance(part, Table) for part in parts)
    row_count = max(_SAMPLE_ROWS // len(parts), _FEWEST_SAMPLE_ROWS)
    sampled = [_sampled(engine, part, row_count) for part in parts]
    parts = [part for part, _ in sampled]
    samples = [sample for _, sample in sampled]
    if not any(text for sample in samples for text in sample.values()):
        raise _no_lines(parts[0])
    joined = join_parts(parts, samples, chosen or {})
    define_view(engine, parts, joined)
    samples = [
        {names[heading]: texts for heading, texts in sample.items()}
        for names, sample in zip(joined.renamed, samples, strict=True)
    ]
    return Source(
        tuple(parts), tuple(samples), joined, "typed" if are_typed else "text", tuple(unread)
    )


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


def _find_places(patterns: Sequence[str]) -> tuple[Path | Address, ...]:
    if not patterns:
        message = "no source given: name a file or a glob, as in rfmreport build orders.csv"
        raise InputError(message)
    addresses = [address_of(pattern) for pattern in patterns if is_url(pattern)]
    return (*_find_files([one for one in patterns if not is_url(one)]), *addresses)


def _find_files(patterns: Sequence[str]) -> tuple[Path, ...]:
    found: list[Path] = []
    for pattern in patterns:
        path = Path(pattern)
        matches = [path] if path.exists() else [Path(m) for m in sorted(glob.glob(pattern))]  # noqa: PTH207
        if not matches:
            shown = without_password(pattern)
            message = f"{shown}: no such file; check the path (this folder is {Path.cwd()})"
            raise InputError(message)
        found += (match for match in matches if match not in found)
    undecodable = next((path for path in found if not _is_decodable(path)), None)
    if undecodable is not None:
        message = f"{str(undecodable)!r}: the file's name is not valid text; rename the file"
        raise InputError(message)
    for path in found:
        _check_file(path)
    return tuple(found)


def _is_decodable(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_file(path: Path) -> None:
    if path.is_dir():
        message = f"{path}: is a folder, expected a file; name its files with '{path}/*.csv'"
        raise InputError(message)
    try:
        if path.stat().st_size == 0:
            message = f"{path}: the file is empty; expected a heading and at least one line"
            raise InputError(message)
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        message = f"{path}: cannot be opened ({error.strerror})"
        raise InputError(message) from error


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
