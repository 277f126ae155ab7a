"""Every setting with its default, one screen; read from `rfmreport.toml` and the command line."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from rfmreport.errors import SettingsError


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Where the transactions are and how to read them."""

    paths: tuple[str, ...] = ()
    """Files or globs: CSV, TSV (plain, .gz, .zst), Parquet, XLSX."""
    sheets: tuple[str, ...] = ()
    """Sheets of a workbook; default: all that share the largest one's headings."""
    delimiter: str | None = None
    """Field separator of text files; default: found in the file."""
    date_format: str | None = None
    """How dates are written, as in "%d/%m/%Y %H:%M"; default: found in the file."""
    decimal: Literal[".", ","] | None = None
    """Decimal mark; default: found in the file."""


@dataclass(frozen=True, slots=True)
class CleaningSettings:
    """Which lines count."""

    as_of: date | None = None
    """First day after the data that counts; default: the day after the last kept order."""
    month: str | None = None
    """Report as of a month's end: "2011-11", or "last" for the last complete one in the data."""
    window_months: int | None = None
    """Only orders of that many months before `as_of`; default: all."""
    net_returns: bool = False
    """Subtract cancellations and returns from what the customer bought, not just leave them out."""
    cancellation_prefix: str = "C"
    """Order ids of this prefix followed by digits are cancellations; "" switches it off."""
    adjustment_prefix: str = "A"
    """Order ids of this prefix followed by digits are book-keeping; "" switches it off."""
    cancelled_statuses: tuple[str, ...] = (
        "cancelled", "canceled", "refunded", "voided", "failed", "returned",
        "wc-cancelled", "wc-refunded", "wc-failed", "annulé", "annulée", "remboursé", "remboursée",
        "storniert", "erstattet", "cancelado", "reembolsado",
    )  # fmt: skip
    """Values of the status column that mean the order came to nothing."""
    non_product_codes: tuple[str, ...] = (
        "POST", "DOT", "C2", "D", "M", "S", "B", "CRUK", "PADS", "BANK CHARGES", "AMAZONFEE",
        "ADJUST", "ADJUST2", "TEST001", "TEST002", "SP1002",
    )  # fmt: skip
    """Product codes that are freight, fees or manual postings; [] keeps them as sales."""


@dataclass(frozen=True, slots=True)
class ScoringSettings:
    """How customers are scored and named."""

    scheme: str = "five"
    """A shipped scheme (five, ten, eleven, six), `clusters`, or the path of your own TOML file."""
    method: Literal["quantile", "rank-first", "fixed"] = "quantile"
    """quantile: ties share a score; rank-first: as notebooks do; fixed: the bounds in `cuts`."""
    cuts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Bounds for `fixed`: recency_days, order_count, revenue, ascending, one fewer than scores."""
    cuts_closed: Literal["left", "right"] = "right"
    """Whether a value equal to a bound belongs to the interval below (right) or above it (left)."""
    cuts_file: str | None = None
    """Where the fitted cuts are kept for the next report; default: cuts.toml among the report."""
    refit: bool = False
    """Fit new cuts although saved ones are there."""


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """What the document says about itself."""

    shop: str = ""
    """Name on the first page; default: the source's file name."""
    currency: str | None = None
    """ISO code such as GBP; default: amounts without a symbol."""
    locale: str = "en_GB"
    """How numbers are written."""
    page_size: Literal["A4", "Letter"] = "A4"
    """Paper of the PDF."""
    sections: tuple[str, ...] = ()
    """Only these sections, in the report's own order; default: all that the data can carry."""
    playbook: str | None = None
    """Path of your own playbook TOML; default: the scheme's."""
    templates: str | None = None
    """Folder with your own templates, searched before the ones that ship."""
    horizon_days: int = 90
    """How far ahead "came back" looks when the report checks itself on the past."""
    extra_return_points: tuple[float, float] = (1.0, 5.0)
    """The range that advice is costed with: so many more customers in a hundred come back."""
    second_order_chance: float = 0.20
    """Below this chance of a second order in the next `horizon_days`, a customer has gone cold."""
    discount_rate: float = 0.10
    """What money of a year from now is worth less today; 0.10 is ten per cent."""
    cost_per_contact: float | None = None
    """What reaching one customer once costs, in the source's currency; default: not known."""
    margin: float | None = None
    """The part of revenue that is left after the goods, such as 0.4; default: not known."""
    launch_days: int = 90
    """Products first sold in the last so many days, and not in the first ones, are launches."""
    compare: bool = True
    """Compare with earlier dates: what moved, whether segments hold, how soft the figures are."""
    hemisphere: Literal["north", "south"] = "north"
    """Which months are winter."""
    seasons: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Your own seasons: name → months (1 to 12), each month once; default: the four of the year."""
    previous: str | None = None
    """Folder of last month's report, to tell what was restated since."""
    decisions: str | None = None
    """Path of decisions.toml: what was decided, so that the report says what became of it."""
    departments: tuple[str, ...] = ()
    """Who gets a summary of one or two pages: names of departments, or "all"; default: nobody."""


@dataclass(frozen=True, slots=True)
class DepartmentSettings:
    """A department of your own, or what is different about one that ships; None leaves it so."""

    title: str | None = None
    """Its name on the page."""
    question: str | None = None
    """What it asks; the page begins with it."""
    sections: tuple[str, ...] | None = None
    """What its page shows, in this order; the first that can be told answers the question."""
    figures: tuple[str, ...] | None = None
    """The figures on top of the page; five of them at most."""
    insights: tuple[str, ...] | None = None
    """Which of the report's sentences it is told, by their keys, in this order."""
    recommendations: tuple[str, ...] | None = None
    """Whose advice it gets: departments as the playbook names them."""
    recipients: tuple[str, ...] | None = None
    """Who gets it by e-mail."""


@dataclass(frozen=True, slots=True)
class AudienceSettings:
    """The lists of customers that a campaign is sent to."""

    holdout: float = 0.0
    """The part of every list that is held out as a control group, such as 0.1 for a tenth."""
    seed: int = 1
    """Who is held out: the same seed holds out the same customers."""


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """The monthly e-mail: who gets it, from whom, through which server."""

    sender: str = ""
    """From whom: "Reports <reports@shop.example>"."""
    reply_to: str = ""
    """Where answers go; default: to the sender."""
    management: tuple[str, ...] = ()
    """Who gets the management report; a department's recipients stand with the department."""
    customer_lists: bool = False
    """Let lists of customers travel with the mail; else it carries sums and shares only."""
    largest_megabytes: float = 10.0
    """A message above this size, encoded, is refused before anything is sent."""
    host: str = ""
    """The mail server (SMTP)."""
    port: int | None = None
    """Default: 587 for starttls, 465 for tls, 25 for none."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted; none is allowed to this machine itself only."""
    user: str = ""
    """Login name; the password is never a setting: it comes from the environment or the keyring."""
    password_variable: str = "RFMREPORT_SMTP_PASSWORD"  # noqa: S105  the variable's name
    """The environment variable that holds the password."""
    ca_file: str | None = None
    """Certificates to trust (PEM) besides those of the system."""
    timeout_seconds: float = 30.0
    """How long the server may be silent."""
    tries: int = 3
    """How often a message is tried when the failure is a temporary one."""
    ledger: str | None = None
    """Where it is written down what was sent; default: rfmreport-sent.sqlite beside the report."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """The monthly run, unattended."""

    folder: str = "reports"
    """Where the months' reports lie, one folder each (reports/2011-11), with cuts and ledger."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the embedded engine may use."""

    memory_limit: str = "2GB"
    """Above this the engine spills to disk."""
    threads: int | None = None
    """Default: one per core."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one report; the sections of `rfmreport.toml`."""

    source: SourceSettings = field(default_factory=SourceSettings)
    columns: Mapping[str, str] = field(default_factory=dict)
    """Role → heading of the source: customer = "Client ID"."""
    cleaning: CleaningSettings = field(default_factory=CleaningSettings)
    scoring: ScoringSettings = field(default_factory=ScoringSettings)
    report: ReportSettings = field(default_factory=ReportSettings)
    departments: Mapping[str, DepartmentSettings] = field(default_factory=dict)
    """Name → what is different about that department, or a whole one of your own."""
    audiences: AudienceSettings = field(default_factory=AudienceSettings)
    email: EmailSettings = field(default_factory=EmailSettings)
    run: RunSettings = field(default_factory=RunSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)

    def tells(self, section: str) -> bool:
        """Say whether a section's figures are worth their time; departments are told of all."""
        chosen = self.report.sections
        return not chosen or section in chosen or bool(self.report.departments)

    def described(self) -> dict[str, str]:
        """Return every setting that shapes the figures as "section.name" → text.

        The files' paths are left out, so that the same data elsewhere has the same description.
        """
        described: dict[str, str] = {}
        for section in dataclasses.fields(self):
            value = getattr(self, section.name)
            pairs = value.items() if isinstance(value, dict) else _as_items(value)
            described |= {f"{section.name}.{name}": _as_text(v) for name, v in pairs}
        return {
            name: text
            for name, text in described.items()
            if not name.startswith(_NOT_OF_THE_FIGURES)
        }

    def fingerprint(self) -> str:
        """Return the SHA-256 of the settings as described."""
        return _sha256(self.described())

    def order_fingerprint(self) -> str:
        """Return the SHA-256 of all that shapes the files of a report, who gets it among it.

        Where files lie and how mail is sent is left out: it changes no file.
        """
        order = dataclasses.asdict(self)
        for section, names in _NOT_OF_THE_FILES.items():
            for name in names or tuple(order[section]):
                del order[section][name]
        return _sha256(order)


def _sha256(content: Mapping[str, object]) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def load_settings(
    config: Path | None, given: Mapping[str, Mapping[str, object]] | None = None
) -> Settings:
    """Read the configuration file, then let what was `given` (section → name → value) win.

    A value of None in `given` means "not given".

    Raises:
        SettingsError: the file cannot be read, or holds an unknown name or a wrong value.
    """
    merged: dict[str, dict[str, object]] = {}
    settings = Settings()
    for origin, sections in ((str(config), _read_toml(config)), ("command line", given or {})):
        for section, values in sections.items():
            if not isinstance(values, dict):
                message = f"{origin}: {section!r} is not a section; write [{section}] above it"
                raise SettingsError(message)
            known = {name: value for name, value in values.items() if value is not None}
            merged.setdefault(section, {}).update(known)
        settings = _build(Settings, merged, origin)
        _check_ranges(settings, origin)
    return settings


_NOT_OF_THE_FIGURES = (
    "source.paths", "scoring.cuts_file", "report.templates", "report.previous", "report.decisions",
    "report.departments", "departments.", "email.", "run.", "engine.",
)  # fmt: skip
"""Settings, or whole sections, that change no figure."""
_NOT_OF_THE_FILES: Mapping[str, tuple[str, ...]] = {
    "source": ("paths",),
    "scoring": ("cuts_file", "refit"),
    "report": ("templates", "previous", "decisions"),
    "email": (
        "host", "port", "security", "user", "password_variable", "ca_file", "timeout_seconds",
        "tries", "ledger",
    ),
    "run": (),
    "engine": (),
}  # fmt: skip
"""Settings by section, () for all of it, that change no file of a report."""
LAST_MONTH = "last"
_YEAR = range(1, 13)
SECTIONS = (
    "summary", "segments", "moved", "map", "playbook", "decisions", "concentration", "when",
    "loyalty", "sells", "worth", "hold", "method",
)  # fmt: skip
"""The sections of the management report, in its order."""
_PORTS = range(1, 65_536)
_MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")
_MOST = (
    ("cleaning", "window_months", 600),
    ("report", "horizon_days", 3_650),
    ("report", "launch_days", 3_650),
)


def _check_ranges(settings: Settings, origin: str) -> None:
    """Refuse values that their type allows and that make no sense."""
    few, many = settings.report.extra_return_points
    if not 0 < few <= many <= 100:  # noqa: PLR2004  customers in a hundred
        where = f"{origin}, report, extra_return_points"
        raise _wrong_value([few, many], "two ascending numbers above 0, up to 100", where)
    chance = settings.report.second_order_chance
    if not 0 < chance < 1:
        where = f"{origin}, report, second_order_chance"
        raise _wrong_value(chance, "between 0 and 1, such as 0.2", where)
    _check_parts(settings.report, origin)
    _check_email(settings.email, origin)
    if not 0 <= settings.audiences.holdout < 1:
        where = f"{origin}, audiences, holdout"
        raise _wrong_value(settings.audiences.holdout, "from 0 to below 1, such as 0.1", where)
    for section, name, most in _MOST:
        value = getattr(getattr(settings, section), name)
        if value is not None and value > most:
            raise _wrong_value(value, f"at most {most}", f"{origin}, {section}, {name}")
    _check_month(settings.cleaning, origin)
    _check_seasons(settings.report.seasons, origin)
    for section in settings.report.sections:
        if section not in SECTIONS:
            where = f"{origin}, report, sections"
            raise _wrong_value(section, f"one of {', '.join(SECTIONS)}", where)
    templates = settings.report.templates
    if templates is not None and not Path(templates).is_dir():
        raise _wrong_value(templates, "a folder with templates", f"{origin}, report, templates")


def _check_seasons(seasons: Mapping[str, tuple[int, ...]], origin: str) -> None:
    """Refuse seasons that do not hold each month of the year exactly once."""
    months = [month for numbers in seasons.values() for month in numbers]
    wrong = {
        "no months of the year": sorted({month for month in months if month not in _YEAR}),
        "in more than one place": sorted({month for month in months if months.count(month) > 1}),
        "in none": [month for month in _YEAR if month not in months],
    }
    told = [f"{_as_text(tuple(found))} {why}" for why, found in wrong.items() if found]
    empty = [repr(name) for name, numbers in seasons.items() if not numbers or not name.strip()]
    told += [f"{', '.join(empty)} without a name or months"] if empty else []
    if seasons and told:
        message = (
            f"{origin}, report, seasons: each month from 1 to 12 must stand in one season; found "
            f"{'; '.join(told)}"
        )
        raise SettingsError(message)


def _check_parts(report: ReportSettings, origin: str) -> None:
    """Refuse a discount, a margin or a cost that cannot be one."""
    cost, margin = report.cost_per_contact, report.margin
    if not 0 <= report.discount_rate <= 1:
        where = f"{origin}, report, discount_rate"
        raise _wrong_value(report.discount_rate, "between 0 and 1", where)
    if margin is not None and not 0 < margin <= 1:
        raise _wrong_value(margin, "above 0, up to 1", f"{origin}, report, margin")
    if cost is not None and not 0 < cost < float("inf"):
        raise _wrong_value(cost, "above 0", f"{origin}, report, cost_per_contact")


def _check_email(email: EmailSettings, origin: str) -> None:
    """Refuse sizes and times that cannot be, and a port that is none."""
    for name in ("largest_megabytes", "timeout_seconds"):
        value = getattr(email, name)
        if not 0 < value < float("inf"):
            raise _wrong_value(value, "above 0", f"{origin}, email, {name}")
    if email.port is not None and email.port not in _PORTS:
        raise _wrong_value(email.port, "a port from 1 to 65535", f"{origin}, email, port")


def _check_month(cleaning: CleaningSettings, origin: str) -> None:
    month = cleaning.month
    if month is None:
        return
    checked_month(month, f"{origin}, cleaning, month")
    if cleaning.as_of is not None:
        message = (
            f"{origin}: month {month} and as_of {cleaning.as_of} both say where the report ends; "
            "give one of them"
        )
        raise SettingsError(message)


def checked_month(month: str, where: str) -> str:
    """Return what is a month, or the word for the last one; refuse all else."""
    if month != LAST_MONTH and not _MONTH.fullmatch(month):
        raise _wrong_value(month, 'a month such as 2011-11, or "last"', where)
    return month


def _read_toml(config: Path | None) -> dict[str, Any]:
    if config is None:
        return {}
    try:
        with config.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError as error:
        message = f"{config}: no such configuration file"
        raise SettingsError(message) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{config}: not a readable TOML file ({error})"
        raise SettingsError(message) from error


def _build(kind: Any, values: Mapping[str, object], origin: str) -> Any:  # noqa: ANN401
    """Make the frozen dataclass `kind` from plain values, checking each against its type."""
    hints = typing.get_type_hints(kind)
    names = [setting.name for setting in dataclasses.fields(kind)]
    built = {}
    for name, value in values.items():
        if name not in names:
            raise _unknown_name(name, names, origin)
        where = f"{origin}, {name}"
        if dataclasses.is_dataclass(hints[name]):
            built[name] = _build(hints[name], typing.cast("dict[str, object]", value), where)
        else:
            built[name] = _checked(value, hints[name], where)
    return kind(**built)


def _unknown_name(name: str, names: list[str], origin: str) -> SettingsError:
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(names)}"
    return SettingsError(f"{origin}: unknown setting {name!r}; {hint}")


def _checked(value: object, hint: Any, where: str) -> object:  # noqa: ANN401
    """Return the value in the type that the setting declares, or say what was expected."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        kind = next(a for a in arguments if a is not types.NoneType)
        return None if value is None else _checked(value, kind, where)
    if origin is typing.Literal:
        if value in arguments:
            return value
        raise _wrong_value(value, "one of " + ", ".join(map(str, arguments)), where)
    if origin is tuple:
        return _checked_tuple(value, arguments, where)
    if origin is Mapping:
        if not isinstance(value, dict):
            raise _wrong_value(value, "a table of names and values", where)
        return {key: _checked(item, arguments[1], f"{where}.{key}") for key, item in value.items()}
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise _wrong_value(value, "a table of names and values", where)
        return _build(hint, value, where)
    return _checked_scalar(value, hint, where)


def _checked_tuple(value: object, arguments: tuple[Any, ...], where: str) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise _wrong_value(value, "a list", where)
    if arguments[-1] is not Ellipsis and len(value) != len(arguments):
        raise _wrong_value(value, f"a list of {len(arguments)}", where)
    return tuple(_checked(item, arguments[0], where) for item in value)


def _checked_scalar(value: object, hint: type, where: str) -> object:
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if hint is date:
        return _checked_date(value, where)
    if hint is int and isinstance(value, bool):
        raise _wrong_value(value, "a whole number", where)
    if hint is int and isinstance(value, int) and value < 1:
        raise _wrong_value(value, "1 or more", where)
    if not isinstance(value, hint):
        expected = {str: "text", int: "a whole number", bool: "true or false", float: "a number"}
        raise _wrong_value(value, expected[hint], where)
    return value


def _checked_date(value: object, where: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise _wrong_value(value, "a date such as 2011-12-10", where) from error


def _wrong_value(value: object, expected: str, where: str) -> SettingsError:
    return SettingsError(f"{where}: {value!r} is not {expected}")


def _as_items(section: object) -> list[tuple[str, object]]:
    fields = dataclasses.fields(typing.cast("Any", section))
    return [(setting.name, getattr(section, setting.name)) for setting in fields]


def _as_text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_as_text(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_as_text(item)}" for key, item in sorted(value.items()))
    return "" if value is None else str(value)
