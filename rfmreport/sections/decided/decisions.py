"""What the shop decided: read from decisions.toml, and who was contacted and who left alone."""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rfmreport.engine.csv_files import without_apostrophe
from rfmreport.errors import InputError, SettingsError
from rfmreport.settings.toml_files import TomlTable, read_toml_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rfmreport.customers.segments import Scheme

_FILE_KEYS = {"decision": '[[decision]] and below it segment = "At-Risk"'}
_KEYS = {
    "segment": 'segment = "At-Risk"',
    "action": 'action = "Win-back mail with 10 % off"',
    "owner": 'owner = "CRM"',
    "since": "since = 2011-10-01",
    "control_group": 'control_group = "audience.csv"',
}

CUSTOMER_HEADING, GROUP_HEADING = "customer_id", "group"
CONTACTED, CONTROL = "contacted", "control"
# A spreadsheet in a country that writes 0,5 saves a CSV with semicolons.
_DELIMITERS = ",;\t"
# What cleaning takes off ids; Python's own list is longer, and an id may end in \xa0.
_BLANKS = " \t\r\n\v\f"


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that was decided about a segment; `control_group` is the file of who got it."""

    segment: str
    action: str
    owner: str
    since: date
    control_group: Path | None = None


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """The ids of the customers that a measure reached, and of those that were left alone."""

    reached: tuple[str, ...]
    held_out: tuple[str, ...]


def load_decisions(path: Path, scheme: Scheme) -> tuple[Decision, ...]:
    """Load the decisions in the file's order; a path in it counts from the file's own folder.

    Raises:
        SettingsError: the file cannot be read, a value is wrong, or the scheme has no such segment.
    """
    where = f"decisions {path}"
    table = TomlTable(where, read_toml_file(where, path), _FILE_KEYS)
    table.refuse_unknown_keys()
    names = [segment.name for segment in scheme.segments]
    return tuple(
        _read_decision(entry, names, path.parent) for entry in table.tables("decision", _KEYS)
    )


def control_group_files(decisions_file: str | None) -> tuple[Path, ...]:
    """Return the control files that a file of decisions names, whatever the scheme.

    Raises:
        SettingsError: the file cannot be read, or a value is wrong.
    """
    if decisions_file is None:
        return ()
    where, path = f"decisions {decisions_file}", Path(decisions_file)
    table = TomlTable(where, read_toml_file(where, path), _FILE_KEYS)
    entries = table.tables("decision", _KEYS)
    return tuple(_read_path(one, path.parent) for one in entries if "control_group" in one.values)


def with_control_groups(
    decisions: Iterable[Decision],
) -> tuple[tuple[Decision, ControlGroup | None], ...]:
    """Return each decision with its group, None for those that have none.

    Raises:
        InputError: a file cannot be read, or does not say of every customer which group it is.
    """
    return tuple(
        (decision, read_control_group(decision.control_group) if decision.control_group else None)
        for decision in decisions
    )


def read_control_group(path: Path) -> ControlGroup:
    """Read a CSV with the columns customer_id and group ("contacted" or "control").

    Other columns are passed over. An apostrophe that keeps a spreadsheet from running an id as a
    formula is taken off again.

    Raises:
        InputError: the file cannot be read, a column is missing, a group is another word, or a
            customer stands in it twice.
    """
    where = f"control group {path}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            members = list(_read_members(file, where))
    except OSError as error:
        message = f"{where}: cannot be read ({error.strerror}); mend control_group in the decisions"
        raise InputError(message) from error
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"{where}: not a CSV file in UTF-8 ({error}); save it as one"
        raise InputError(message) from error
    _refuse_slips(members, where)
    return ControlGroup(
        reached=tuple(member.customer_id for member in members if member.group == CONTACTED),
        held_out=tuple(member.customer_id for member in members if member.group == CONTROL),
    )


def _read_decision(entry: TomlTable, names: Sequence[str], folder: Path) -> Decision:
    return Decision(
        segment=_read_segment(entry, names),
        action=entry.text("action"),
        owner=entry.text("owner"),
        since=entry.value("since", date),
        control_group=_read_path(entry, folder) if "control_group" in entry.values else None,
    )


def _read_segment(entry: TomlTable, names: Sequence[str]) -> str:
    name = entry.text("segment")
    if name not in names:
        by_lower = {known.casefold(): known for known in names}
        near = difflib.get_close_matches(name.casefold(), by_lower, n=1)
        hint = f"did you mean {by_lower[near[0]]!r}?" if near else f"it has {', '.join(names)}"
        message = f"{entry.where}: the scheme has no segment {name!r}; {hint}"
        raise SettingsError(message)
    return name


def _read_path(entry: TomlTable, folder: Path) -> Path:
    entry.text("control_group")  # refuses an empty one; a path keeps its blanks
    return folder / entry.value("control_group", str)


class _Member(NamedTuple):
    """One row of a control file, by its number in a spreadsheet."""

    row_number: int
    customer_id: str
    group: str


def _read_members(lines: Iterator[str], where: str) -> Iterator[_Member]:
    heading = next(lines, "")
    delimiter = max(_DELIMITERS, key=heading.count)
    headings = [
        cell.strip().casefold() for cell in next(csv.reader([heading], delimiter=delimiter))
    ]
    for name in (CUSTOMER_HEADING, GROUP_HEADING):
        if name not in headings:
            found = ", ".join(repr(cell) for cell in headings if cell) or "nothing"
            message = (
                f"{where}: no column {name!r} in row 1, which has {found}; "
                f"expected the columns {CUSTOMER_HEADING} and {GROUP_HEADING}"
            )
            raise InputError(message)
    places = headings.index(CUSTOMER_HEADING), headings.index(GROUP_HEADING)
    for row_number, row in enumerate(csv.reader(lines, delimiter=delimiter), start=2):
        if any(cell.strip() for cell in row):
            customer_id, group = (row[i].strip(_BLANKS) if i < len(row) else "" for i in places)
            yield _Member(row_number, without_apostrophe(customer_id), group.casefold())


def _refuse_slips(members: Sequence[_Member], where: str) -> None:
    if not members:
        message = f"{where}: no customer stands in it; list who was contacted and who left alone"
        raise InputError(message)
    nameless = [member for member in members if not member.customer_id]
    if nameless:
        message = f"{where}: no {CUSTOMER_HEADING} in row {nameless[0].row_number}{_more(nameless)}"
        raise InputError(message)
    astray = [member for member in members if member.group not in {CONTACTED, CONTROL}]
    if astray:
        message = (
            f"{where}: {GROUP_HEADING} is {astray[0].group!r} in row {astray[0].row_number}"
            f"{_more(astray)}; expected {CONTACTED!r} or {CONTROL!r}"
        )
        raise InputError(message)
    _refuse_twins(members, where)


def _refuse_twins(members: Sequence[_Member], where: str) -> None:
    first_rows: dict[str, int] = {}
    twins = [
        m for m in members if first_rows.setdefault(m.customer_id, m.row_number) != m.row_number
    ]
    if twins:
        twin = twins[0]
        message = (
            f"{where}: customer {twin.customer_id!r} stands in row {first_rows[twin.customer_id]} "
            f"and again in row {twin.row_number}{_more(twins)}; keep one row per customer"
        )
        raise InputError(message)


def _more(slips: Sequence[_Member]) -> str:
    return f" (and {len(slips) - 1} more)" if len(slips) > 1 else ""
