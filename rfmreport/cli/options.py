"""Options that more than one command has, each declared once, with the setting that it says."""

from __future__ import annotations

import difflib
import functools
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rfmreport.errors import SettingsError

if TYPE_CHECKING:
    from rfmreport.settings import Settings

Command = Callable[..., None]
_Typed = dict[str, dict[str, object]]


@dataclass(frozen=True)
class Call:
    """What was typed of settings (section → name → value), and how the command is to speak."""

    typed: Mapping[str, Mapping[str, object]]
    config: Path | None = None
    quiet: bool = False
    as_json: bool = False

    def settings(self) -> Settings:
        """Return the settings of the file, and over them what was typed."""
        from rfmreport.settings import load_settings

        return load_settings(self.config, self.typed)


class _Option:
    """An option that says a setting, "section.name", or how the command is called."""

    def __init__(self, setting: str, about: str, *names: str, **more: Any) -> None:  # noqa: ANN401
        """Declare it as Typer does; `read` makes the setting's value of what was typed."""
        self.section, _, self.setting = setting.partition(".")
        self.read: Callable[[Any], Any] = more.pop("read", lambda value: value)
        kind, by = more.pop("kind", str | None), more.pop("by", typer.Option)
        self.default = False if kind is bool else None
        self.kind = Annotated[kind, by(*names, help=about, **more)]
        self.typed_as = names

    def names(self, key: str) -> list[str]:
        """Return what Python calls the option: its own key, and its long names with underscores."""
        long = [name for one in self.typed_as for name in one.split("/") if name.startswith("--")]
        return [key, *(name[2:].replace("-", "_") for name in long if not name.startswith("--no-"))]

    def parameter(self, name: str) -> inspect.Parameter:
        """Return it as a parameter of a function, from which Typer makes the option."""
        how = {"default": self.default, "annotation": self.kind}
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, **how)


def takes(*wanted: str) -> Callable[[Command], Command]:
    """Give a command options, by name or all of a section, in place of its parameter `call`."""
    names = [name for name, one in _OPTIONS.items() if name in wanted or one.section in wanted]

    def with_options(command: Command) -> Command:
        @functools.wraps(command)
        def called(**arguments: Any) -> None:  # noqa: ANN401  Typer has checked each
            given = {name: arguments.pop(name) for name in names}
            how = {name: given.pop(name) for name in names if not _OPTIONS[name].section}
            command(call=Call(_typed(given), **how), **arguments)

        parameters = [
            one
            for one in inspect.signature(command, eval_str=True).parameters.values()
            if one.name != "call"
        ]
        parameters += [_OPTIONS[name].parameter(name) for name in names]
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return called

    return with_options


def _typed(given: Mapping[str, object]) -> _Typed:
    """Return what was typed by section and name; nothing stands for what was not."""
    typed: _Typed = {}
    for name, value in given.items():
        if value is not None and value != []:
            option = _OPTIONS[name]
            read: Any = option.read(value) if isinstance(value, (str, list)) else value
            section = typed.setdefault(option.section, {})
            section.update({option.setting: read} if option.setting else read)
    return typed


def settings_of(
    paths: Sequence[str], given: Mapping[str, object]
) -> Mapping[str, Mapping[str, object]]:
    """Return what the options say, by section; `given` are Python values by the options' names.

    Raises:
        SettingsError: there is no such option.
    """
    known = {name: key for key, one in _OPTIONS.items() for name in one.names(key) if one.section}
    chosen: dict[str, object] = {"sources": list(paths)}
    for name, value in given.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            message = f"build_report(): unknown option {name!r}; {hint}"
            raise SettingsError(message)
        chosen[known[name]] = value
    return _typed(chosen)


def _mapping(options: list[str]) -> dict[str, str]:
    mapping = {}
    for option in options:
        role, separator, heading = option.partition("=")
        if not separator or not heading:
            message = f"'{option}' is not ROLE=HEADING, such as customer='Client ID'"
            raise typer.BadParameter(message, param_hint="--map")
        mapping[role.strip()] = heading.strip()
    return mapping


def _share(text: str) -> float:
    """Read a share of one: "10%" or "0.1"."""
    number, percent, rest = text.strip().partition("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = math.nan
    if rest or not 0 <= share < 1:
        message = f"'{text}' is not a share from 0 to below 1, such as 10% or 0.1"
        raise typer.BadParameter(message, param_hint="--holdout")
    return share


def _names(listed: str | list[str]) -> list[str]:
    if isinstance(listed, list):
        return listed
    return [name.strip() for name in listed.split(",") if name.strip()]


def _sections(listed: str | list[str]) -> list[str]:
    return listed if isinstance(listed, list) else listed.split(",")


_MANY, _SWITCH = {"kind": list[str] | None}, {"kind": bool | None}
_ON_OFF = {"kind": bool | None, "show_default": False}
# In the order in which help lists them.
_OPTIONS = {
    "sources": _Option(
        "source.paths", "Transactions: CSV, TSV, JSON, Parquet or a workbook, packed or not; "
        "several, or a glob; a database: a file of SQLite or DuckDB, postgresql://… or mysql://….",
        by=typer.Argument, metavar="FILE…", show_default=False, **_MANY),
    "config": _Option("", "Settings file (rfmreport.toml).", "--config", "-c", kind=Path | None),
    "map_options": _Option(
        "columns", "Which column plays a role: customer, order, date, amount, quantity, "
        "unit_price, product, product_name, country, status, type, refund, discount, shipping, "
        "tax, email, phone, contact_name; with --customer-level order_count, recency_days, and "
        "sums such as amount='ONLINE + SHOP'. Repeatable.", "--map", metavar="ROLE=HEADING",
        read=_mapping, **_MANY),
    "table": _Option("source.tables", "Table of a database to read. Repeatable.", **_MANY),
    "query": _Option(
        "source.query", "File with the SELECT to read from a database.", metavar="FILE"),
    "join": _Option(
        "source.joins", "File, sheet or table to put beside the lines, by a key found in both or "
        "said. Repeatable.", metavar="TABLE[:OURS=ITS]", **_MANY),
    "sheet": _Option("source.sheets", "Sheet of a workbook to read. Repeatable.", **_MANY),
    "header_row": _Option(
        "source.header_row", "Line of the headings, where it is not the one found.",
        kind=int | None, min=1),
    "columns": _Option(
        "source.columns", "What the columns are called, in their order, where no line says so.",
        metavar="NAMES", read=_names),
    "delimiter": _Option("source.delimiter", "What stands between fields: ',' or ';' or 'tab'.",
        read=lambda mark: {"tab": "\t", "\\t": "\t"}.get(mark, mark)),
    "encoding": _Option(
        "source.encoding", "How text files write letters, such as cp1252 or utf-16."),
    "date_format": _Option(
        "source.date_format", "How dates are written, such as '%d/%m/%Y %H:%M'."),
    "decimal": _Option("source.decimal", "Decimal mark of amounts: '.' or ','."),
    "amount_is": _Option(
        "source.amount_is", "Whose the amount is: line, order (counted once) or unit (a piece's). "
        "[default: found]"),
    "customer_level": _Option(
        "source.customer_level", "One row is a customer already: last order or days since, number "
        "of orders, spend.", "--customer-level", **_SWITCH),
    "guest_key": _Option(
        "cleaning.guest_key", "Who guests of a shared id are: email (told apart by the address "
        "beside it) or none. [default: email]"),
    "drop_copies": _Option(
        "cleaning.drop_copies", "Count lines that are the same in every column once.",
        "--drop-copies/--no-drop-copies", **_ON_OFF),
    "currency_column": _Option(
        "source.currency_column", "Column that names the currency of the amounts. [default: found "
        "by its values]", metavar="HEADING"),
    "only": _Option(
        "source.only_currency", "Count only amounts in this currency, of several: EUR.",
        metavar="CODE"),
    "as_of": _Option(
        "cleaning.as_of", "First day after the data that counts, such as 2011-12-10. [default: day "
        "after the last kept order]", metavar="DATE"),
    "month": _Option(
        "cleaning.month", "Report as of a month's end: 2011-11, or 'last' for the last complete "
        "one.", metavar="MONTH"),
    "window_months": _Option(
        "cleaning.window_months", "Count only so many months before the as-of date.",
        kind=int | None, min=1),
    "net_returns": _Option(
        "cleaning.net_returns", "Subtract cancellations and returns from what the customer bought.",
        "--net-returns/--no-net-returns", **_ON_OFF),
    "keep_reversed": _Option(
        "cleaning.keep_reversed", "Count orders that were reversed in full as sales.",
        "--keep-reversed/--no-keep-reversed", **_ON_OFF),
    "scheme": _Option(
        "scoring.scheme", "five, ten, eleven, six, clusters, or the path of your own. "
        "[default: five]"),
    "method": _Option(
        "scoring.method", "Scoring: quantile, rank-first or fixed. [default: quantile]"),
    "cuts": _Option(
        "scoring.cuts_file", "Where cuts are kept from report to report. [default: cuts.toml in "
        "the folder]", metavar="FILE"),
    "refit": _Option(
        "scoring.refit", "Fit new cuts although saved ones are there.", "--refit", **_SWITCH),
    "compare": _Option(
        "report.compare", "Compare with earlier dates. [default: compare]",
        "--compare/--no-compare", **_ON_OFF),
    "previous": _Option(
        "report.previous", "Last month's report, to tell what was restated.", metavar="FOLDER"),
    "decisions": _Option(
        "report.decisions", "What was decided, to tell what became of it.", metavar="FILE"),
    "holdout": _Option(
        "audiences.holdout", "Hold out a control group in the audiences: 10% or 0.1. "
        "[default: none]", metavar="SHARE", read=_share),
    "departments": _Option(
        "report.departments", "Write summaries for departments: all, or some, as in "
        "marketing,finance.", metavar="NAMES", read=_names),
    "shop": _Option("report.shop", "Name on the first page."),
    "currency": _Option("report.currency", "ISO code of the amounts: GBP."),
    "locale": _Option("report.locale", "How numbers are written. [default: en_GB]"),
    "page_size": _Option("report.page_size", "A4 or Letter. [default: A4]"),
    "sections": _Option(
        "report.sections", "Only these sections, such as summary,segments,sells. [default: all]",
        metavar="NAMES", read=_sections),
    "quiet": _Option("", "Print nothing but errors.", "--quiet", "-q", kind=bool),
    "as_json": _Option(
        "", "Print a machine-readable summary on standard output.", "--json", kind=bool),
}  # fmt: skip
