"""The ruler on disk: saved cuts in a small TOML file that a person can read and edit."""

from __future__ import annotations

import itertools
import tomllib
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, cast

from rfmreport.customers.saved_cuts import VERSION, CutsSource, SavedCuts
from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.errors import OutputError, SettingsError
from rfmreport.settings.toml_files import TomlTable, quoted
from rfmreport.vocabulary import (
    MEASURES,
    ORDER_COUNT,
    RECENCY_DAYS,
    REVENUE,
)

if TYPE_CHECKING:
    from pathlib import Path

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
