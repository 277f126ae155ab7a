"""The parts of a source, files and sheets, as one table: columns by name, or else by role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from rfmreport.engine.ask import literal
from rfmreport.errors import InputError
from rfmreport.source.columns.roles import map_columns
from rfmreport.source.evidence import Decision
from rfmreport.vocabulary import VIEW_PART, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rfmreport.engine.ask import Engine
    from rfmreport.source.columns.date_parts import MadeColumn

    Sample = Mapping[str, tuple[str, ...]]

VIEW = "source_lines"
HEADING_LINES = "heading_lines"
"""By part, the line of its file that holds the headings; 0 where none does."""


class Part(Protocol):
    """A file, or a sheet of one, as a table: `scan` is the query of its rows."""

    @property
    def path(self) -> Path:
        """Return the file as the user knows it."""

    @property
    def name(self) -> str:
        """Return by what name it is told from others, such as "shop.xlsx#2011"."""

    @property
    def title(self) -> str:
        """Return what the table is called: a sheet's or table's name, or the file's."""

    @property
    def sheet(self) -> str | None:
        """Return which sheet of a workbook it is."""

    @property
    def headings(self) -> tuple[str, ...]:
        """Return what its columns are called, in their order."""

    @property
    def heading_line(self) -> int:
        """Return the line of the file that holds the headings; 0 where none does."""

    @property
    def scan(self) -> str:
        """Return the query of its rows, by these headings."""

    @property
    def decision(self) -> Decision | None:
        """Return how it was read, and why, where there was a choice."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the report should know about how it was read."""


@dataclass(frozen=True, slots=True)
class Table:
    """A part whose columns have kinds of their own: Parquet, or a table of a database.

    `origin` is how a table of a database is called.
    """

    path: Path
    headings: tuple[str, ...]
    scan: str
    sheet: str | None = None
    decision: Decision | None = None
    findings: tuple[Finding, ...] = ()
    origin: str = ""
    heading_line: int = 0

    @property
    def name(self) -> str:
        """Return by what name it is told from others."""
        return self.origin or (f"{self.path}#{self.sheet}" if self.sheet else str(self.path))

    @property
    def title(self) -> str:
        """Return what the table is called."""
        return self.sheet or self.origin.rpartition(" ")[2] or self.path.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file holds: the parts to use, and of a workbook which sheets it has besides.

    Sheets `beside` are read only if they belong to others. `row_counts` are of all sheets with
    rows, `hidden` have none, or are not shown.
    """

    path: Path
    parts: Sequence[Part]
    findings: tuple[Finding, ...] = ()
    beside: tuple[Part, ...] = ()
    row_counts: Mapping[str, int] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()

    def told(self, used: Sequence[Part]) -> tuple[Finding, ...]:
        """Return what should be known of it, where these parts are used."""
        names = {part.sheet for part in used if part.path == self.path}
        left = [f"{n} ({count:,} rows)" for n, count in self.row_counts.items() if n not in names]
        left += [f"{name} (hidden)" for name in self.hidden]
        if not left:
            return self.findings
        text = (
            f"Not read of {self.path.name}, because the headings differ: sheet {', '.join(left)}."
        )
        return (Finding("sheets-unread", "warning", text), *self.findings)


@dataclass(frozen=True, slots=True)
class Joined:
    """What parts are together: all headings, what each part's become, and which have a role.

    `roles` (role → heading) is what the user said and, where columns were joined by role, what
    they were joined by. `made` is the column that is made of others, the last of the headings.
    """

    headings: tuple[str, ...]
    renamed: tuple[Mapping[str, str], ...]
    roles: Mapping[str, str]
    decisions: tuple[Decision, ...] = ()
    made: MadeColumn | None = None


def join_parts(
    parts: Sequence[Part], samples: Sequence[Sample], chosen: Mapping[str, str]
) -> Joined:
    """Find which columns of the parts are one: those of one name, or else those of one role.

    `chosen` (role → heading) is what the user said.

    Raises:
        InputError: a part's roles cannot be found, or are filled by another kind of value.
    """
    headings = {heading.casefold(): heading for heading in parts[0].headings}
    renamed: list[dict[str, str]] = []
    decisions: list[Decision] = []
    roles = dict(chosen)
    for part, sample in zip(parts, samples, strict=True):
        names = {h: headings.get(h.casefold(), h) for h in part.headings}
        if {h.casefold() for h in part.headings} != {h.casefold() for h in parts[0].headings}:
            wanted = _roles_of(parts[0], chosen)
            by_role = _by_role(wanted, parts[0], part, chosen)
            _check_customers(samples[0], sample, wanted, by_role, part)
            decisions += _told(part, by_role)
            names |= by_role
            roles |= wanted
        headings |= {name.casefold(): name for name in names.values()}
        renamed.append(names)
    return Joined(tuple(headings.values()), tuple(renamed), roles, tuple(decisions))


def define_view(engine: Engine, parts: Sequence[Part], joined: Joined) -> None:
    """Name the lines of all parts `VIEW`; of several, `VIEW_PART` tells which each comes from."""
    known = ", ".join(f"({literal(part.name)}, {part.heading_line})" for part in parts)
    engine.define(HEADING_LINES, f"SELECT * FROM (VALUES {known}) AS known (part, line)")  # noqa: S608
    made = joined.made
    more = f", {made.expression} AS {quoted(made.heading)}" if made else ""
    if len(parts) == 1:
        scan = parts[0].scan
        engine.define(VIEW, f"SELECT *{more} FROM ({scan})" if more else scan)  # noqa: S608
        return
    queries = (
        f"SELECT {_renamed(names)}, {literal(part.name)} AS {quoted(VIEW_PART)} FROM ({part.scan})"  # noqa: S608
        for part, names in zip(parts, joined.renamed, strict=True)
    )
    headings = joined.headings[:-1] if made else joined.headings
    order = ", ".join(map(quoted, (*headings, VIEW_PART)))
    engine.define(VIEW, f"SELECT {order}{more} FROM ({' UNION ALL BY NAME '.join(queries)})")  # noqa: S608


def quoted(heading: str) -> str:
    """Return a heading as the engine takes it for the name of a column."""
    return '"' + heading.replace('"', '""') + '"'


def _renamed(names: Mapping[str, str]) -> str:
    return ", ".join(f"{quoted(theirs)} AS {quoted(ours)}" for theirs, ours in names.items())


def _roles_of(part: Part, chosen: Mapping[str, str]) -> dict[str, str]:
    """Return which heading of a part plays each role."""
    said = {role: heading for role, heading in chosen.items() if heading in part.headings}
    try:
        return dict(map_columns(part.headings, said).used())
    except InputError as error:
        message = f"{part.name}: {error}"
        raise InputError(message) from error


def _by_role(
    wanted: Mapping[str, str], first: Part, part: Part, chosen: Mapping[str, str]
) -> dict[str, str]:
    """Return what those columns of a part are called in the first one that play a role there.

    A column of the same name is the same, unless it plays another role in the part.
    """
    named = {heading.casefold(): heading for heading in part.headings}
    if all(heading.casefold() in named for heading in wanted.values()):
        return {named[heading.casefold()]: heading for heading in wanted.values()}
    found = _roles_of(part, chosen)
    if ("amount" in wanted) != ("amount" in found):
        message = (
            f"{part.name}: has other columns for the amount than {first.name}, a total in one and "
            "quantity and price in the other; build a report from each by itself"
        )
        raise InputError(message)
    roles = {heading: role for role, heading in found.items()}
    by_role: dict[str, str] = {}
    for role, heading in wanted.items():
        same = named.get(heading.casefold())
        theirs = same if same and roles.get(same, role) == role else found.get(role)
        if theirs and theirs not in by_role:
            by_role[theirs] = heading
    return by_role


def _check_customers(
    ours: Sample, theirs: Sample, wanted: Mapping[str, str], by_role: Mapping[str, str], part: Part
) -> None:
    """Refuse to put addresses below numbers: each customer would be two."""
    heading = wanted["customer"]
    other = next((name for name, same in by_role.items() if same == heading), heading)
    are_addresses = [
        sum("@" in text for text in texts) * 2 > len(texts)
        for texts in (ours.get(heading, ()), theirs.get(other, ()))
        if texts
    ]
    if len(set(are_addresses)) > 1:
        message = (
            f"{part.name}: names the customer in another way, by an e-mail address in one of "
            f"{other!r} and {heading!r} only; say with --map customer=HEADING what all files have"
        )
        raise InputError(message)


def _told(part: Part, by_role: Mapping[str, str]) -> list[Decision]:
    told = ", ".join(f"{theirs} as {ours}" for theirs, ours in by_role.items() if theirs != ours)
    about = f"columns of {part.path.name}"
    return [Decision(about, f"read {told}", "they play the same roles")] if told else []
