"""By which form a column of dates is read: the one that all its values can have, and only that."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rfmreport.engine.ask import Engine, EngineError, one_line
from rfmreport.errors import InputError, SettingsError
from rfmreport.source.evidence import Decision
from rfmreport.source.formats.all_values import Look, lines_of, looks_of, name_of
from rfmreport.source.formats.dates import EXCEL, ISO, day_of, forms_of, is_plausible, timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import Table

_ISO_DATE = re.compile(r"\s*(19|20|21)\d\d-[01]\d-[0-3]\d([ T][0-2]\d:[0-5]\d|\s*$)")
_OFFSET = re.compile(r":\d\d(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)$")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_ALL_DIGITS = ("%y%", "%Y%", "%d%m", "%m%d")
_SWAPPED = str.maketrans("dm", "md")
_FEW, _SHORT = 20, 40
_FORMS_TRIED = 24
_LOOKS_TRIED = 2_000
_TIMES_DENSER, _DECADES_DAYS = 3, 15 * 365
_CALENDARS = (
    (2440, 2680, "Buddhist", "543 years ahead"),
    (1300, 1500, "Islamic or Persian", "about 600 years behind"),
)
_UNUSUAL = "year first, then the day"
_KINDS = {ISO: "year first", EXCEL: "days as Excel counts them"}
_ORDERS = {
    "dmy": "day first",
    "mdy": "month first",
    "ymd": "year first",
    "ydm": _UNUSUAL,
    "dby": "day first, months by name",
    "bdy": "month first, by name",
    "ybd": "year first, months by name",
}


@dataclass(frozen=True, slots=True)
class DateForms:
    """The form of dates: of the first part, and of those that differ; and why.

    `is_presumed` says that only the first rows were looked at.
    """

    of_first: str
    of_others: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    is_presumed: bool = False


@dataclass(frozen=True, slots=True)
class _Readings:
    """What each form makes of the values of one part: by form, a day or None for each look."""

    heading: str
    part: str
    looks: tuple[Look, ...]
    days: Mapping[str, tuple[datetime.date | None, ...]]

    @property
    def total(self) -> int:
        """Return how many values there are that have digits."""
        return sum(look.value_count for look in self.looks)

    def read_by(self, form: str, *, but_not_by: str | None = None) -> tuple[Look, ...]:
        """Return the looks that a form reads, and another, if named, does not."""
        other = self.days[but_not_by] if but_not_by else (None,) * len(self.looks)
        rows = zip(self.looks, self.days[form], other, strict=True)
        return tuple(look for look, day, another in rows if day and not another)

    def count(self, form: str, *, but_not_by: str | None = None) -> int:
        """Return how many values a form reads, and another, if named, does not."""
        return sum(look.value_count for look in self.read_by(form, but_not_by=but_not_by))

    def span_days(self, form: str) -> int:
        """Return how many days lie between the dates, the outermost left out."""
        days = sorted(day for day in self.days[form] if day)
        few = len(days) // 50
        return (days[-1 - few] - days[few]).days


def find_date_forms(
    sample: Mapping[str, Sequence[str]],
    heading: str,
    table: Table,
    *,
    from_all_lines: bool = False,
) -> DateForms:
    """Return the form of the dates under a heading, of each part.

    The first rows decide, where one form reads all of them and no other can.

    Raises:
        InputError: no form reads them, several do, or they are written in several.
    """
    kind, known = table[heading].type(), sample[heading]
    if not kind.is_string() and not kind.is_numeric():
        return DateForms(ISO)
    zones = _zones(heading, known)
    sure = None if from_all_lines else _sure_form(heading, known, table)
    if sure:
        form, evidence = sure
        decision = _decided(heading, "", form, evidence)
        return DateForms(form, {}, (decision, *zones), is_presumed=True)
    looks = looks_of(table, heading, day_of) or {"": ()}
    by_part = {part: _readings(heading, part, found, table) for part, found in looks.items()}
    forms = {part: _settled(found, table, sample) for part, found in by_part.items()}
    decisions = [
        _decided(heading, part, forms[part], _tally(found, forms[part]))
        for part, found in by_part.items()
    ]
    of_first = next(iter(forms.values()))
    others = {part: form for part, form in forms.items() if form != of_first}
    return DateForms(of_first, others, (*decisions, *zones))


def check_date_format(known: Sequence[str], heading: str, table: Table, date_format: str) -> None:
    """Make sure that the user's format reads something.

    Raises:
        InputError: it reads none of the first rows.
        SettingsError: it has a meaningless part.
    """
    try:
        readings = _days_by_form(known, [date_format], table)
    except EngineError as error:
        message = f"date format {date_format!r}: {one_line(error)}"
        raise SettingsError(message) from error
    if not any(readings[date_format]):
        message = f"column {heading!r}: no date reads as {date_format!r}; it holds {_shown(known)}"
        raise InputError(message)


def looks_like_dates(texts: Sequence[str]) -> bool:
    """Say whether the first texts have a day, a month and a year."""
    some = texts[:_FEW]
    return bool(some) and all(any(map(_is_of_a_day, forms_of(text))) for text in some)


def _is_of_a_day(form: str) -> bool:
    return form == ISO or (form.count("%") == len("dmy") and not form.startswith(_ALL_DIGITS))


def _sure_form(heading: str, known: Sequence[str], table: Table) -> tuple[str, str] | None:
    """Return the form that all of the first rows have, if only one can be meant, and how many."""
    if known and all(map(_ISO_DATE.match, known)):
        return ISO, f"{len(known):,} of the first {len(known):,} values"
    found = _readings(heading, "", _looks_of_sample(known), table)
    best = _best_forms(found)
    if len(best) != 1 or found.count(best[0]) < found.total or "%y" in best[0]:
        return None
    return best[0], _tally(found, best[0], "the first ")


def _looks_of_sample(known: Sequence[str]) -> tuple[Look, ...]:
    return tuple(Look(text, text, count) for text, count in Counter(known).items())


def _readings(heading: str, part: str, looks: Sequence[Look], table: Table) -> _Readings:
    """Ask what the forms that the looks themselves propose make of them."""
    dated = tuple(look for look in looks if any(map(str.isdigit, look.text)))
    proposals: Counter[str] = Counter()
    for look in dated[:_LOOKS_TRIED]:
        for form in forms_of(look.text):
            proposals[form] += look.value_count
    forms = [form for form, _ in proposals.most_common(_FORMS_TRIED)]
    return _Readings(heading, part, dated, _days_by_form([k.text for k in dated], forms, table))


def _days_by_form(
    texts: Sequence[str], forms: Sequence[str], table: Table
) -> dict[str, tuple[datetime.date | None, ...]]:
    """Return what each form makes of the texts, in their order, as the engine reads them."""
    backend = table.get_backend()
    engine = Engine(backend.con)
    numbered = (
        "SELECT unnest(range(len($texts))) AS number, unnest(CAST($texts AS VARCHAR[])) AS text"
    )
    engine.hold("date_texts", numbered, texts=list(texts))
    asked = backend.table("date_texts")
    days = {}
    for place, form in enumerate(forms):
        time = timestamp(asked.text, form)
        days[f"f{place}"] = is_plausible(time).ifelse(time, None).date()
    if not days:
        return {}
    answer = asked.select("number", **days).order_by("number")
    columns = engine.columns(backend.compile(answer))
    return {form: columns[f"f{place}"] for place, form in enumerate(forms)}


def _best_forms(found: _Readings) -> list[str]:
    """Return the forms that read most values, of those that read the same the first."""
    counts = {form: found.count(form) for form in found.days}
    most = max(counts.values(), default=0)
    best: dict[tuple[datetime.date | None, ...], str] = {}
    for form, count in counts.items():
        if count == most and most:
            best.setdefault(found.days[form], form)
    forms = list(best.values())
    return [form for form in forms if words_of(form) != _UNUSUAL] or forms


def _settled(found: _Readings, table: Table, sample: Mapping[str, Sequence[str]]) -> str:
    """Return the one form of a part's dates, or say why there is none."""
    best = _best_forms(found)
    if not best or _count_with_rival(found, best[0]) * 2 <= found.total:
        raise _unreadable(found, sample)
    if len(best) > 1:
        best = _denser(found, best)
    if len(best) > 1 and found.count(best[1], but_not_by=best[0]):
        raise _two_forms(found, best[0], best[1], table)
    if len(best) > 1:
        message = (
            f"column {found.heading!r}{name_of(found.part, ' of ')}: the day and the month cannot "
            f"be told apart, every date reads as {best[0]} and as {best[1]}; say which with "
            f"--date-format '{best[0]}'"
        )
        raise InputError(message)
    (form,) = best
    rival, count = _rival(found, form)
    if count:
        raise _two_forms(found, form, rival, table)
    if "%y" in form and _is_ahead(found, form):
        message = (
            f"column {found.heading!r}: {_shown([found.looks[0].text])} and most others would be "
            "of years to come; say how dates are written with --date-format, or export Gregorian "
            "years of four digits"
        )
        raise InputError(message)
    return form


def _rival(found: _Readings, form: str) -> tuple[str, int]:
    """Return the form that reads most of what another does not, and how many values."""
    rivals = [other for other in found.days if words_of(other) != _UNUSUAL]
    others = {other: found.count(other, but_not_by=form) for other in rivals}
    rival = max(others, key=lambda other: others[other], default=form)
    return rival, others.get(rival, 0)


def _count_with_rival(found: _Readings, form: str) -> int:
    """Return how many values a form reads, or the one that reads most of the rest."""
    return found.count(form) + _rival(found, form)[1]


def _is_ahead(found: _Readings, form: str) -> bool:
    """Say whether most dates would lie in the future."""
    today = datetime.datetime.now(tz=datetime.UTC).date()
    read = zip(found.looks, found.days[form], strict=True)
    ahead = sum(look.value_count for look, day in read if day and day > today)
    return ahead * 2 > found.count(form)


def _denser(found: _Readings, forms: Sequence[str]) -> list[str]:
    """Leave out forms that scatter the dates over decades where another keeps them together.

    So does the day taken for the year. A single date is taken to begin with its day or month.
    """
    if len(found.looks) == 1:
        return [form for form in forms if not form.startswith("%y")]
    spans = {form: found.span_days(form) for form in forms}
    most = max(_TIMES_DENSER * min(spans.values()), _DECADES_DAYS)
    return [form for form in forms if spans[form] <= most]


def _decided(heading: str, part: str, form: str, evidence: str) -> Decision:
    about = f"dates of {heading!r}{name_of(part, ' in ')}"
    return Decision(about, words_of(form), evidence, f"--date-format '{form}'")


def said_form(heading: str, form: str) -> DateForms:
    """Return the form that the user said."""
    return DateForms(form, decisions=(_decided(heading, "", form, "as said"),))


def words_of(form: str) -> str:
    """Say in words how dates are written."""
    order = "".join(re.findall("%([dmybBY])", form)).lower()
    return _KINDS.get(form) or _ORDERS.get(order) or form


def _tally(found: _Readings, form: str, of: str = "") -> str:
    """Say how many values a form reads, and how many of them no other order could."""
    words = f"{found.count(form):,} of {of}{found.total:,} values"
    other = next((o for o in found.days if _has_swapped(form, o)), None)
    if other is None:
        return words
    return f"{words}, {found.count(form, but_not_by=other):,} of them cannot be {words_of(other)}"


def _has_swapped(form: str, other: str) -> bool:
    return form.translate(_SWAPPED) == other


def _zones(heading: str, known: Sequence[str]) -> tuple[Decision, ...]:
    """Say which offsets from universal time are written, and that the clock's time is kept."""
    offsets = Counter(found[1] for found in map(_OFFSET.search, known) if found)
    if not offsets:
        return ()
    counted = ", ".join(f"{offset} {count:,} times" for offset, count in sorted(offsets.items()))
    evidence = f"offsets in the first rows: {counted}"
    return (Decision(f"time zone of {heading!r}", "the clock's time as written", evidence),)


def _unreadable(found: _Readings, sample: Mapping[str, Sequence[str]]) -> InputError:
    texts = [look.text for look in found.looks] or list(sample[found.heading])
    where = f"column {found.heading!r}{name_of(found.part, ' of ')}"
    for first, last, calendar, difference in _CALENDARS:
        years = [year for text in texts for year in _YEAR.findall(text)]
        such = [year for year in years if first <= int(year) <= last]
        if len(such) * 2 > len(texts):
            return InputError(
                f"{where}: years such as {such[0]} are of the {calendar} calendar, {difference}; "
                "export the dates with Gregorian years"
            )
    others = [h for h, known in sample.items() if h != found.heading and looks_like_dates(known)]
    option = f"'{others[0]}', for one" if others else "HEADING"
    return InputError(
        f"{where} does not hold dates that can be read: {_shown(texts)}; expected such as "
        f"2011-12-09 08:26; say which column does with --map date={option}"
    )


def _two_forms(found: _Readings, form: str, rival: str, table: Table) -> InputError:
    """Say that some dates have one form and some another, and which lines."""

    def shown(one: str, other: str) -> str:
        looks = found.read_by(one, but_not_by=other)
        text, lines = lines_of(table, found.heading, day_of, looks, found.part)
        return f"{text!r} ({lines}, {words_of(one)})"

    written, turned = (rival, form) if form == ISO else (form, rival)
    if turned == ISO and _is_half_turned(found, written):
        share = found.count(ISO) / found.total
        return InputError(
            f"column {found.heading!r}: a spreadsheet turned {found.count(ISO):,} of "
            f"{found.total:,} dates ({share:.0%}), perhaps with day and month swapped, such as "
            f"{shown(ISO, written)}, and left others as they were, such as {shown(written, ISO)}; "
            "get the export again and do not save it in a spreadsheet"
        )
    return InputError(
        f"column {found.heading!r}: dates are written in two ways, {shown(form, rival)} and "
        f"{shown(rival, form)}; mend these lines, or keep those of one with --date-format '{form}'"
    )


def _is_half_turned(found: _Readings, written: str) -> bool:
    """Say whether only dates that the other order can have were turned: no day beyond the 12th."""
    turned = [day for day in found.days[ISO] if day]
    swapped = next((other for other in found.days if _has_swapped(written, other)), None)
    left = found.read_by(written, but_not_by=swapped) if swapped else ()
    return bool(left) and all(day.day <= 12 for day in turned)  # noqa: PLR2004


def _shown(texts: Sequence[str]) -> str:
    return ", ".join(repr(text[:_SHORT]) for text in dict.fromkeys(texts[:3]))
