"""Tables of one source, and the keys by which one may hang on another, weighed by their values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rfmreport.engine.ask import literal, read_queries
from rfmreport.errors import InputError
from rfmreport.source.columns.roles import known_columns, map_columns
from rfmreport.source.columns.words import plain
from rfmreport.source.files.parts import quoted
from rfmreport.vocabulary import VIEW_PART

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from rfmreport.engine.ask import Engine
    from rfmreport.source.files.parts import Part

PART_NUMBER = '"rfmreport:part"'
"""What no heading is called: which part of a table a row stands in."""
_QUERIES = read_queries(__file__)
_IDS = {"", "id", "no", "nr", "number", "code", "key"}
_KEYS = ("order", "customer_id", "customer_email", "product")
_SINGULARS = (("(?i)ies$", "y"), ("(?i)s$", ""))
_SAID = re.compile(r"(.+):([^:=]+)=([^=]+)")


@dataclass(frozen=True)
class Group:
    """Parts with the same headings: one table, called by its `title`; the engine has a copy.

    `chosen` (role → heading) is what the user said of all columns, `said` what to have it joined,
    perhaps by which of them; `is_beside` that it is read only if it belongs to others.
    """

    parts: tuple[Part, ...]
    title: str
    chosen: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    is_beside: bool = False
    copies: tuple[Path, ...] = ()
    row_count: int = 0

    @property
    def name(self) -> str:
        """Return by what name it is told from all others."""
        return self.parts[0].name

    @property
    def headings(self) -> tuple[str, ...]:
        """Return what its columns are called."""
        return self.parts[0].headings

    @property
    def known(self) -> Mapping[str, tuple[str, ...]]:
        """Return which headings may play each role."""
        return roles_of(self.headings, self.chosen)

    @property
    def stem(self) -> str:
        """Return what one row of it is called: "order" for orders."""
        return next((re.sub(end, to, self.title) for end, to in _SINGULARS
                     if re.search(end, self.title)), self.title)  # fmt: skip

    def called(self, heading: str) -> str:
        """Return what a column is called beside others: a product's name is no customer's."""
        told = f"{self.stem}_{heading}"
        is_known = any(known_columns([heading]).values())
        return told if not is_known and any(known_columns([told]).values()) else heading

    @property
    def scan(self) -> str:
        """Return the query of its rows, numbered; of several parts with the part of each."""
        several = len(self.parts) > 1
        of_parts = (
            f"SELECT *, {place} AS {PART_NUMBER}"  # noqa: S608  quoted
            + (f", {literal(part.name)} AS {quoted(VIEW_PART)}" if several else "")
            + f" FROM read_parquet({literal(str(copy))}, file_row_number = true)"
            for place, (part, copy) in enumerate(zip(self.parts, self.copies, strict=True))
        )
        return " UNION ALL BY NAME ".join(of_parts)


@dataclass(frozen=True)
class Link:
    """How a table hangs on another, by which columns, and what the values say of it."""

    ours: Group
    our_key: str
    other: Group
    its_key: str
    line_count: int
    found_count: int
    key_count: int
    found_key_count: int
    repeated_count: int
    joined_count: int

    @property
    def is_to_one(self) -> bool:
        """Say whether each key stands there once."""
        return self.repeated_count == 0

    @property
    def share(self) -> float:
        """Return the share of our lines that find a row."""
        return self.found_count / max(self.line_count, 1)

    @property
    def evidence(self) -> str:
        """Return what the values say, in the reader's words."""
        return (
            f"{self.found_count:,} of {self.line_count:,} rows of {self.ours.title} find theirs "
            f"({self.share:.1%}); each of {self.key_count:,} keys stands there once"
        )

    @property
    def evidence_of_list(self) -> str:
        """Return the same for a list of orders."""
        return f"{self.found_key_count:,} of its {self.key_count:,} orders are among the lines"

    @property
    def objection(self) -> str:
        """Return what a table says against being joined whose keys stand there several times."""
        return (
            f"{self.its_key!r} stands there on several rows for {self.repeated_count:,} of "
            f"{self.key_count:,} keys, so {self.line_count:,} lines of {self.ours.title} would "
            f"become {self.joined_count:,}, and their money with them"
        )


def roles_of(headings: Sequence[str], chosen: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Return which headings may play each role, first of them what the user said."""
    known = dict(known_columns(headings))
    for said, heading in chosen.items():
        role = "customer_id" if said == "customer" else said
        if heading in headings and role in known:
            known[role] = (heading, *(one for one in known[role] if one != heading))
    return known


def said_keys(said: str) -> tuple[str, str] | None:
    """Return the columns that "lines.csv:order_no=OrderID" says, ours and its; None for none."""
    found = _SAID.fullmatch(said)
    return (found[2], found[3]) if found else None


def said_table(said: str) -> str:
    """Return the file, sheet or table that the same says."""
    found = _SAID.fullmatch(said)
    return found[1] if found else said


def is_whole(headings: Sequence[str], chosen: Mapping[str, str]) -> bool:
    """Say whether headings have all that a report needs."""
    try:
        map_columns(headings, {r: h for r, h in chosen.items() if h in headings})
    except InputError:
        return False
    return True


def keys_between(ours: Group, other: Group) -> Iterator[tuple[str, str]]:
    """Yield the columns by which a table may hang on another: of one name, or of one role."""
    stems = {plain(other.title), plain(other.stem)}
    our_known, its_known = ours.known, other.known
    for our in ours.headings:
        for its in other.headings:
            is_id = plain(its) in _IDS and any(plain(our) == stem + plain(its) for stem in stems)
            is_named = plain(our) == plain(its) and plain(our) not in _IDS
            is_known = any(our in our_known[r] and its in its_known[r] for r in _KEYS)
            may_be = is_named and (is_known or plain(our).endswith(tuple(_IDS - {""})))
            if is_id or is_known or may_be:
                yield our, its


def weigh(engine: Engine, ours: Group, our_key: str, other: Group, its_key: str) -> Link:
    """Return what the values of two columns say of one table beside the other."""
    engine.define("link_ours", f"SELECT {key_sql(our_key)} AS link FROM ({ours.scan})")  # noqa: S608
    columns = ", ".join((f"{key_sql(its_key)} AS link", *map(quoted, other.headings)))
    engine.define("link_theirs", f"SELECT DISTINCT {columns} FROM ({other.scan})")  # noqa: S608
    return Link(ours, our_key, other, its_key, **engine.row(_QUERIES["weigh"]))


def kind_of_key(link: Link) -> str:
    """Return the role of a key: whose the rows of the other table are."""
    ours, theirs = link.ours.known, link.other.known
    of_role = (r for r in _KEYS if link.our_key in ours[r] or link.its_key in theirs[r])
    return next(of_role, "")


def key_sql(heading: str, table: str = "") -> str:
    """Return a key as it is compared: text, and a whole number without its fraction."""
    column = f"{table}.{quoted(heading)}" if table else quoted(heading)
    text = f"trim(CAST({column} AS VARCHAR))"
    return f"nullif(regexp_replace({text}, '^([0-9]+)\\.0+$', '\\1'), '')"
