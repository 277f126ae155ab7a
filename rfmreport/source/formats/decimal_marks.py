"""Which decimal mark a column of numbers has: its values vote, then those of money beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.errors import InputError
from rfmreport.source.evidence import Decision
from rfmreport.source.formats.all_values import Look, lines_of, looks_of, name_of
from rfmreport.source.formats.numbers import is_plain_number, shape_of
from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ibis.expr.types import Column, Table

    from rfmreport.source.formats.numbers import Shape

_MARKS: Mapping[Shape, str] = {"point": ".", "comma": ","}
_WORDS = {".": "point", ",": "comma", None: "none is needed"}
_OTHER: Mapping[Shape, Shape] = {"point": "comma", "comma": "point"}
_MONEY = re.compile(r"[1-9][0-9'.,\s]*[.,][0-9]{2}\D*$")
_MOST = 0.9
_ENOUGH = 100
_ALL_ALIKE = str.maketrans("12345678", "99999999")


@dataclass(frozen=True, slots=True)
class Marks:
    """The decimal marks by heading, None where the numbers are plain, and why.

    `of_others` are the parts whose marks differ from those of the first. `presumed` are the columns
    of which only the first rows were looked at.
    """

    of_first: Mapping[str, str | None]
    of_others: Mapping[str, Mapping[str, str | None]]
    presumed: frozenset[str]
    decisions: tuple[Decision, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Votes:
    """How many values of a column, in one part of the source, have which shape."""

    heading: str
    part: str
    looks: Mapping[Shape, tuple[Look, ...]]

    def count(self, *shapes: Shape) -> int:
        """Return how many values have one of the shapes; without any, how many there are."""
        chosen = shapes or tuple(self.looks)
        return sum(look.value_count for shape in chosen for look in self.looks.get(shape, ()))

    def example(self, shape: Shape) -> str:
        """Return the longest value of a shape: it shows most of how numbers are written."""
        return max((look.text for look in self.looks[shape]), key=lambda text: (len(text), text))

    @property
    def winner(self) -> Shape:
        """Return the mark that most values show; "whole" where none shows any."""
        points, commas = self.count("point"), self.count("comma")
        if not points and not commas:
            return "whole"
        return "comma" if commas > points else "point"

    @property
    def mark(self) -> str | None:
        """Return the mark that most values show; None where none does."""
        return _MARKS.get(self.winner)

    @property
    def is_open(self) -> bool:
        """Say whether values may be read either way, and the others do not agree on one."""
        has_points, has_commas = bool(self.count("point")), bool(self.count("comma"))
        return bool(self.count("either")) and has_points == has_commas

    @property
    def is_plain(self) -> bool:
        """Say whether a program reads all of them, and nobody can read them in another way."""
        is_sure = self.winner == "point" or not self.count("either")
        texts = (look.text for looks in self.looks.values() for look in looks)
        return is_sure and all(map(is_plain_number, texts))

    @property
    def money_mark(self) -> str | None:
        """Return the mark, if nearly all decimals come in pairs, as only money's do."""
        mark = self.winner
        if mark == "whole" or self.count(_OTHER[mark]):
            return None
        pairs = sum(look.value_count for look in self.looks[mark] if _MONEY.search(look.text))
        return _MARKS[mark] if pairs > _MOST * self.count(mark) else None


def count_votes(heading: str, part: str, looks: Iterable[Look]) -> Votes:
    """Return the votes of values that look so."""
    by_shape: dict[Shape, list[Look]] = {}
    for look in looks:
        by_shape.setdefault(shape_of(look.text), []).append(look)
    return Votes(heading, part, {shape: tuple(found) for shape, found in by_shape.items()})


def look_like_numbers(texts: Sequence[str]) -> bool:
    """Say whether most of the first texts are numbers, however they are written."""
    some = texts[:_ENOUGH]
    return sum(shape_of(text) != "none" for text in some) > len(some) / 2


def find_marks(
    sample: Mapping[str, Sequence[str]],
    asked: Sequence[str],
    table: Table,
    *,
    said: str | None = None,
    from_all_lines: bool = False,
) -> Marks:
    """Return the marks of the columns in the sample; those `asked` must be known for sure.

    What the user `said` is one mark for all.

    Raises:
        InputError: values of a column that is asked may be read either way.
    """
    if said:
        decision = Decision("decimal mark", _WORDS[said], "as said", f"--decimal {said}")
        return Marks(dict.fromkeys(sample, said), {}, frozenset(), (decision,), ())
    first = {
        heading: count_votes(heading, "", _looks_of_sample(texts))
        for heading, texts in sample.items()
    }
    written = [heading for heading in asked if not table[heading].type().is_numeric()]
    presumed = [h for h in written if first[h].is_plain and not from_all_lines]
    looks = {h: looks_of(table, h, alike) for h in written if h not in presumed}
    parts = sorted({part for found in looks.values() for part in found}) or [""]
    marks: dict[str, dict[str, str | None]] = {}
    decisions = [
        _decided(first[h], first[h].mark, _tally(first[h], "the first ")) for h in presumed
    ]
    findings: list[Finding] = []
    for part in parts:
        counted = {h: count_votes(h, part, found.get(part, ())) for h, found in looks.items()}
        votes = first | counted
        settled = {h: _settled(one, votes.values(), table) for h, one in counted.items()}
        marks[part] = {heading: one.mark for heading, one in votes.items()}
        marks[part] |= {heading: mark for heading, (mark, _) in settled.items()}
        decisions += [_decided(counted[h], mark, why) for h, (mark, why) in settled.items()]
        findings += [finding for one in counted.values() for finding in _mixed(one)]
    of_first = marks.pop(parts[0])
    others = {part: found for part, found in marks.items() if found != of_first}
    return Marks(of_first, others, frozenset(presumed), tuple(decisions), tuple(findings))


def alike(text: Column) -> Column:
    """Leave of a number how it is written: all digits but 0 are as good as 9."""
    is_whole = ~text.contains(".") & text.try_cast("int64").notnull()
    return is_whole.ifelse("9", text.translate("12345678", "99999999"))


def _looks_of_sample(texts: Sequence[str]) -> list[Look]:
    looks: dict[str, list[str]] = {}
    for text in texts:
        looks.setdefault(text.translate(_ALL_ALIKE), []).append(text)
    return [Look(look, min(found), len(found)) for look, found in looks.items()]


def _settled(votes: Votes, beside: Iterable[Votes], table: Table) -> tuple[str | None, str]:
    """Return the mark of a column and why; money beside it may help."""
    if not votes.is_open:
        return votes.mark, _tally(votes)
    helpers = {other.money_mark: other.heading for other in beside if other.money_mark}
    if votes.count("point") or len(helpers) != 1:
        raise _undecided(votes, table)
    ((mark, helper),) = helpers.items()
    return mark, f"{votes.example('either')} may be read either way; as in column {helper!r}"


def _decided(votes: Votes, mark: str | None, why: str) -> Decision:
    about = f"decimal mark of {votes.heading!r}{name_of(votes.part, ' in ')}"
    return Decision(about, _WORDS[mark], why, f"--decimal {mark}" if mark else "")


def _tally(votes: Votes, of: str = "") -> str:
    shape, total = votes.winner, votes.count()
    against = votes.count("none") + (votes.count(_OTHER[shape]) if shape in _OTHER else 0)
    words = f"{total - against:,} of {of}{total:,} values"
    return f"{words} such as {votes.example(shape)}" if votes.count(shape) else words


def _mixed(votes: Votes) -> tuple[Finding, ...]:
    """Say which values have another mark than most, and that each was read by its own."""
    if not (votes.count("point") and votes.count("comma")):
        return ()
    text = (
        f"Column {votes.heading!r}{name_of(votes.part, ' of ')} has numbers with a decimal point "
        f"and with a decimal comma, such as {votes.example('point')} and "
        f"{votes.example('comma')}; each was read by its own shape."
    )
    return (Finding("decimal_marks", "warning", text, votes.count(_OTHER[votes.winner])),)


def _undecided(votes: Votes, table: Table) -> InputError:
    def first_of(shape: Shape) -> tuple[str, str]:
        return lines_of(table, votes.heading, alike, votes.looks[shape], votes.part)

    shown, where = first_of("either")
    say = "say which mark stands before decimals: --decimal , or --decimal ."
    if not votes.count("point"):
        return InputError(
            f"column {votes.heading!r}, {where}: {shown!r} may have a mark of thousands or of "
            f"decimals; {votes.count('either'):,} of {votes.count():,} values are so; {say}"
        )
    (point, in_lines), (comma, in_others) = first_of("point"), first_of("comma")
    return InputError(
        f"column {votes.heading!r}: {point!r} ({in_lines}) has a decimal point, {comma!r} "
        f"({in_others}) a decimal comma, so {shown!r} ({where}) may be read either way; mend these "
        f"lines, or {say}"
    )
