"""Cuts that are kept: what they were fitted to, whether they fit another report, and their file.

The file is a small TOML that a person can read and edit.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, cast

from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.errors import OutputError, SettingsError
from rfmreport.settings import Settings
from rfmreport.settings.toml_files import TomlTable, quoted
from rfmreport.vocabulary import MEASURES, ORDER_COUNT, RECENCY_DAYS, REVENUE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rfmreport.customers.segments import Scheme
    from rfmreport.source.columns.roles import ColumnMap

VERSION = 1
NAME = "cuts.toml"
"""What the file is called, unless the settings call it otherwise."""
_OPENING = """\
# The ruler of this report: the bounds that turn a customer's days, orders and revenue into scores.
# The next report that is made with the same settings measures with it again. So a customer changes
# segment by what the customer did, and not because the ruler was changed.
#
# You may edit the bounds; take out the score_counts then, for they are of the old bounds.
# You may delete this file, or build with --refit: then new cuts are made.
"""
_NOTES = {
    RECENCY_DAYS: "whole days since the last order, few are good",
    ORDER_COUNT: "orders, many are good",
    REVENUE: "revenue in the currency of the source, much is good",
}
_CLOSED_NOTES = {"left": "above", "right": "below"}
_KEYS = {
    "version": f"version = {VERSION}",
    "fitted_as_of": "fitted_as_of = 2011-11-01",
    "customer_count": "customer_count = 3921",
    "scheme": 'scheme = "five"',
    "bins": "bins = 5",
    **{measure: f'[{measure}] and below it bounds = [1, 2, 3, 6], closed = "right"'
       for measure in MEASURES},
    "basis": '[basis] and below it "cleaning.net_returns" = "False"',
    "source": '[[source]] and below it name = "orders.csv"',
}  # fmt: skip
_MEASURE_KEYS = {
    "bounds": "bounds = [1, 2, 3, 6]",
    "closed": 'closed = "right"',
    "score_counts": "score_counts = [1505, 831, 502, 804, 692]",
}
_SOURCE_KEYS = {"name": 'name = "orders.csv"', "sha256": 'sha256 = "c35975c4…"'}
_FEWEST_BINS, _MOST_BINS = 2, 9
_BOUND_STEP = Decimal("0.0001")
_LARGEST_BOUND = Decimal(10) ** 20
_LONGEST_TOLD = 80

# Columns that decide which lines count and for how much; a name or a country does not.
_ROLES = ("customer", "order", "date", "product", "status")
_OF_THE_DATE = ("as_of", "month")
# Said by some and not by others; they are only held against each other where both say one.
_SAID_BY_SOME = ("report.shop", "report.currency")
_DEFAULTS = Settings().described()
_LONGEST_VALUE = 60
_MOST_ITEMS = 4


@dataclass(frozen=True, slots=True)
class CutsSource:
    """One file that the cuts were fitted to."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SavedCuts:
    """Cuts of method "quantile", and what they were fitted to.

    `score_counts` are customers per score, from 1 up, when they were fitted; a measure whose bounds
    a person has edited has none. `basis_words` are the parts that must be equal for the cuts to fit
    another report; see `basis_of`.
    """

    cuts: Cuts
    fitted_as_of: date
    customer_count: int
    score_counts: Mapping[str, tuple[int, ...]]
    scheme: str
    basis_words: Mapping[str, str]
    sources: tuple[CutsSource, ...] = ()
    version: int = VERSION

    @property
    def basis(self) -> str:
        """Return the SHA-256 of the parts that must be equal."""
        text = json.dumps(dict(self.basis_words), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def basis_of(settings: Settings, column_map: ColumnMap, scheme: Scheme) -> dict[str, str]:
    """Return what must be equal for cuts to be comparable, as part → words.

    These are the columns that are counted, the rules that leave lines out, and how scores are made;
    neither the files' names nor the date, which change with every report.
    """
    described = settings.described()
    amount = column_map.amount or f"{column_map.quantity} × {column_map.unit_price}"
    headings = {role: getattr(column_map, role) or "" for role in _ROLES} | {"amount": amount}
    own = (
        f"{measure}: {', '.join(f'{bound:.15g}' for bound in bounds)}"
        for measure, bounds in sorted(scheme.fixed_cuts.items())
    )
    dated = {f"cleaning.{name}" for name in _OF_THE_DATE}
    return {
        **{f"columns.{role}": heading for role, heading in headings.items()},
        **{
            name: words
            for name, words in described.items()
            if name.startswith("cleaning.") and name not in dated
        },
        "scoring.method": settings.scoring.method,
        "scoring.bins": str(scheme.bins),
        "scoring.own_cuts": "; ".join(own),
        **{name: described[name] for name in _SAID_BY_SOME},
    }


def why_not(saved: SavedCuts, basis: Mapping[str, str]) -> str | None:
    """Return None where the saved cuts fit a report of this basis, else the first difference."""
    # A part that the saved cuts do not know yet was at its default when they were made.
    for name in dict.fromkeys((*basis, *saved.basis_words)):
        default = _DEFAULTS.get(name, "")
        then, now = saved.basis_words.get(name, default), basis.get(name, default)
        if then == now or (name in _SAID_BY_SOME and not (then and now)):
            continue
        return _difference(name, then, now)
    return None


def _difference(name: str, then: str, now: str) -> str:
    """Put one difference into words: "the saved cuts were made with net_returns off, …"."""
    section, _, short = name.partition(".")
    what = f"{short} column" if section == "columns" else short
    if {then, now} == {"True", "False"}:
        then, now = ("on", "it off") if then == "True" else ("off", "it on")
    elif section == "cleaning" and (", " in then or ", " in now):
        items = f" ({list_difference(then, now)})"
        return f"the saved cuts were made with other {what} than this report{items}"
    else:
        then, now = _shortened(then), _shortened(now)
    return f"the saved cuts were made with {what} {then}, this report has {now}"


def list_difference(then: str, now: str) -> str:
    """Name what only one of two written lists has: "it adds M; it lacks POST, DOT"."""
    before, after = then.split(", "), now.split(", ")
    parts = [
        f"{verb} {', '.join(only[:_MOST_ITEMS])}{', …' if len(only) > _MOST_ITEMS else ''}"
        for verb, only in (
            ("it adds", [item for item in after if item and item not in before]),
            ("it lacks", [item for item in before if item and item not in after]),
        )
        if only
    ]
    return "; ".join(parts) or "in another order"


def _shortened(text: str) -> str:
    if not text:
        return "none"
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def write_cuts(saved: SavedCuts, path: Path) -> None:
    """Write the file that `read_cuts` reads, for a person too; bounds are exact.

    Raises:
        OutputError: the file cannot be written.
    """
    if saved.cuts.method != "quantile":
        message = f"cuts of method {saved.cuts.method} are not fitted, so there is nothing to save"
        raise ValueError(message)
    try:
        target = path.resolve()
        written = target.with_name(f"{target.name}.new")  # the old cuts stay until all is written
        written.write_text(_as_toml(saved), encoding="utf-8", newline="\n")
        written.replace(target)
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror or error})"
        raise OutputError(message) from error


def read_cuts(path: Path) -> SavedCuts:
    """Read saved cuts, which a person may have edited.

    Raises:
        SettingsError: the file cannot be read, is of another version, or says something that
            cannot be.
    """
    table = TomlTable(f"cuts {path}", _read_toml(path), _KEYS)
    _check_version(table)
    table.refuse_unknown_keys()
    bins = _whole_number(table, "bins", _FEWEST_BINS, _MOST_BINS)
    customer_count = _whole_number(table, "customer_count", 1)
    measures = {m: _measure_table(table, m) for m in MEASURES}
    counts = {m: _read_counts(t, bins, customer_count) for m, t in measures.items()}
    return SavedCuts(
        cuts=Cuts("quantile", bins, tuple(_read_bounds(t, m, bins) for m, t in measures.items())),
        fitted_as_of=table.value("fitted_as_of", date),
        customer_count=customer_count,
        score_counts={measure: found for measure, found in counts.items() if found},
        scheme=table.value("scheme", str),
        basis_words=_read_basis(table),
        sources=tuple(
            CutsSource(source.value("name", str), source.value("sha256", str))
            for source in (table.tables("source", _SOURCE_KEYS) if "source" in table.values else ())
        ),
    )


def _as_toml(saved: SavedCuts) -> str:
    lines = [
        _OPENING.rstrip("\n"),
        f"version = {saved.version}",
        f"fitted_as_of = {saved.fitted_as_of.isoformat()}",
        f"customer_count = {saved.customer_count}",
        f"scheme = {quoted(saved.scheme)}",
        f"bins = {saved.cuts.bins}",
    ]
    for cuts in saved.cuts.measures:
        lines += ["", *_measure_lines(cuts, saved.score_counts.get(cuts.measure))]
    lines += [
        "",
        "# What must be equal in a report that is to be measured with these cuts.",
        "[basis]",
    ]
    lines += [f"{quoted(part)} = {quoted(words)}" for part, words in saved.basis_words.items()]
    for source in saved.sources:
        lines += ["", "[[source]]", f"name = {quoted(source.name)}"]
        lines += [f"sha256 = {quoted(source.sha256)}"]
    return "\n".join(lines) + "\n"


def _measure_lines(cuts: MeasureCuts, counts: tuple[int, ...] | None) -> list[str]:
    side = _CLOSED_NOTES[cuts.closed]
    lines = [
        f"[{cuts.measure}]  # {_NOTES[cuts.measure]}",
        f"bounds = {_listed(cuts.bounds)}",
        f'closed = "{cuts.closed}"  # a value equal to a bound belongs to the interval {side} it',
    ]
    if counts:
        lines.append(f"score_counts = {list(counts)}  # customers per score, from 1 up")
    return lines


def _listed(bounds: tuple[Decimal, ...]) -> str:
    return f"[{', '.join(format(bound.normalize(), 'f') for bound in bounds)}]"


def _read_toml(path: Path) -> dict[str, object]:
    what_to_do = "mend it, or delete it to have new cuts made"
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text, parse_float=Decimal)
    except FileNotFoundError as error:
        message = f"cuts {path}: no such file; name the cuts.toml of an earlier report"
        raise SettingsError(message) from error
    except UnicodeDecodeError as error:
        message = f"cuts {path}: not a text file in UTF-8; {what_to_do}"
        raise SettingsError(message) from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        message = f"cuts {path}: not valid TOML: {error}; {what_to_do}"
        raise SettingsError(message) from error
    except OSError as error:
        message = f"cuts {path}: cannot be read ({error.strerror}); {what_to_do}"
        raise SettingsError(message) from error


def _check_version(table: TomlTable) -> None:
    version = table.value("version", int)
    if version != VERSION:
        message = (
            f"{table.where}: version {version} is not known, this rfmreport reads version "
            f"{VERSION}; use the rfmreport that wrote it, or delete the file to have new cuts made"
        )
        raise SettingsError(message)


def _measure_table(table: TomlTable, measure: str) -> TomlTable:
    values = cast("dict[str, object]", table.value(measure, dict))
    found = TomlTable(f"{table.where}, {measure}", values, _MEASURE_KEYS)
    found.refuse_unknown_keys()
    return found


def _read_bounds(table: TomlTable, measure: str, bins: int) -> MeasureCuts:
    closed = table.value("closed", str)
    if closed not in _CLOSED_NOTES:
        raise _wrong(table, "closed", repr(closed), '"left" or "right"')
    values = table.value("bounds", list)
    bounds = tuple(_bound(table, value) for value in values)
    is_ascending = all(low < high for low, high in itertools.pairwise(bounds))
    if len(bounds) >= bins or not is_ascending:
        expected = f"a list of at most {bins - 1} ascending numbers"
        raise _wrong(table, "bounds", _listed(bounds), expected)
    return MeasureCuts(measure, bounds, cast("Literal['left', 'right']", closed))


def _bound(table: TomlTable, value: object) -> Decimal:
    """Return a bound as the fit makes them: in steps of a ten-thousandth."""
    if type(value) is int or isinstance(value, Decimal):
        bound = Decimal(value)
        if bound.is_finite() and bound.copy_abs() < _LARGEST_BOUND:
            stepped = bound.quantize(_BOUND_STEP)
            if stepped == bound:
                return stepped
    told = str(value) if isinstance(value, Decimal) else repr(value)
    raise _wrong(table, "bounds", told, "a number with at most four decimals")


def _read_counts(table: TomlTable, bins: int, customer_count: int) -> tuple[int, ...]:
    """Return customers per score; nothing where a person took them out."""
    if "score_counts" not in table.values:
        return ()
    values = table.value("score_counts", list)
    are_counts = all(type(value) is int and value >= 0 for value in values)
    if not are_counts or len(values) != bins or sum(values) != customer_count:
        expected = f"{bins} counts that sum to the customer_count of {customer_count}, or nothing"
        raise _wrong(table, "score_counts", str(values), expected)
    return tuple(values)


def _read_basis(table: TomlTable) -> dict[str, str]:
    words = {}
    for name, value in table.value("basis", dict).items():
        if not isinstance(value, str):
            raise _wrong(table, f"basis {name!r}", repr(value), "text in quotes")
        words[name] = value
    return words


def _whole_number(table: TomlTable, key: str, least: int, most: int | None = None) -> int:
    value = table.value(key, int)
    if value < least or (most is not None and value > most):
        expected = f"{least} or more" if most is None else f"a number from {least} to {most}"
        raise _wrong(table, key, str(value), expected)
    return value


def _wrong(table: TomlTable, key: str, told: str, expected: str) -> SettingsError:
    example = table.examples.get(key)
    hint = f"; write for example: {example}" if example else ""
    if len(told) > _LONGEST_TOLD:
        told = told[:_LONGEST_TOLD] + "…"
    return SettingsError(f"{table.where}: {key} = {told} is not {expected}{hint}")
