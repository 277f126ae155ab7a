"""Every setting with its default, one screen; read from `rfmreport.toml` and the command line."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from rfmreport.errors import SettingsError
from rfmreport.settings.toml_files import build, read_toml_file, wrong_value

LAST_MONTH = "last"
Section = Literal[
    "summary", "segments", "bridge", "moved", "playbook", "decisions", "loyalty",
    "worth", "sells", "when", "concentration", "map", "hold", "method",
]  # fmt: skip
SECTIONS: tuple[Section, ...] = typing.get_args(Section)
"""The sections of the management report, in its order."""
_OF_CUSTOMERS = ("summary", "segments", "playbook", "concentration", "map", "method")
"""Those that need no orders, only what is known of each customer."""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Where the transactions are and how to read them."""

    paths: tuple[str, ...] = ()
    """Files or globs: CSV, TSV, JSON (plain, .gz, .zst, .zip), Parquet, XLSX, XLS, XLSB, ODS,
    SQLite, DuckDB; or postgresql://… or mysql://…."""
    tables: tuple[str, ...] = ()
    """Tables of a database; default: its only one."""
    query: str | None = None
    """File with the SELECT to read from a database, instead of a table."""
    joins: tuple[str, ...] = ()
    """Files, sheets or tables to put beside the lines: "lines.csv", or with the columns that say
    the same, "lines.csv:order_no=OrderID"; default: what the report needs, by a key of one name."""
    sheets: tuple[str, ...] = ()
    """Sheets of a workbook; default: all that share the largest one's headings."""
    delimiter: str | None = None
    """Field separator of text files; default: found in each file."""
    encoding: str | None = None
    """How text files write letters, such as "cp1252" or "utf-16"; default: found in each file."""
    header_row: int | None = None
    """The line (or row of a sheet) that holds the headings, from 1; default: found in each file."""
    columns: tuple[str, ...] = ()
    """What the columns are called, in their order, where no line holds headings."""
    date_format: str | None = None
    """How dates are written, as in "%d/%m/%Y %H:%M"; default: found in the file."""
    decimal: Literal[".", ","] | None = None
    """Decimal mark; default: found in the file."""
    customer_level: bool = False
    """One row is a customer already, with last order, number of orders and spend: no order is."""
    amount_is: Literal["line", "order", "unit"] | None = None
    """Whose the amount is: a line's, its order's (counted once), or a piece's; default: found."""
    currency_column: str | None = None
    """Heading of the column that names the amounts' currency; default: found by its values."""
    only_currency: str | None = None
    """Of several currencies, the one that counts, such as EUR; default: several are refused."""


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
    keep_reversed: bool = False
    """Count orders as sales that the same customer reversed in full, as notebooks do."""
    house_accounts: tuple[str, ...] = ()
    """Ids that are no customer's: the till's own, "0", a guest account that many share."""
    cancellation_prefix: str = "C"
    """Order ids of this prefix followed by digits are cancellations; "" switches it off."""
    adjustment_prefix: str = "A"
    """Order ids of this prefix followed by digits are book-keeping; "" switches it off."""
    cancelled_statuses: tuple[str, ...] | None = None
    """Values of the status column that mean the order came to nothing; default: words that say so
    in thirteen languages."""
    sold_statuses: tuple[str, ...] | None = None
    """Values that mean the order stands, whatever other lists say; default: words such as paid."""
    unpaid_statuses: tuple[str, ...] | None = None
    """Values that mean it was not paid; default: words for pending, failed and fraud."""
    refund_types: tuple[str, ...] | None = None
    """Values of the type column whose lines pay money back; default: words for refunds."""
    other_types: tuple[str, ...] | None = None
    """Values of the type column whose lines are no sale; default: words such as payment, and what
    the values show to stand there twice."""
    guest_key: Literal["email", "none"] = "email"
    """Who guests are that share an id: told apart by the e-mail beside it, or nobody."""
    drop_copies: bool = False
    """Count lines that are the same in every column once; else they are only told."""
    non_product_codes: tuple[str, ...] = (
        "POST", "DOT", "C2", "D", "M", "S", "B", "CRUK", "PADS", "BANK CHARGES", "AMAZONFEE",
        "ADJUST", "ADJUST2", "TEST001", "TEST002", "SP1002",
    )  # fmt: skip
    """Product codes that are freight, fees or manual postings; [] keeps them as sales."""


@dataclass(frozen=True, slots=True)
class PresetSettings:
    """What an export of yours means, taken where all of `headings` are there."""

    headings: tuple[str, ...] = ()
    """Headings by which the export is known."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Role → heading, as in `[columns]`."""
    sold_statuses: tuple[str, ...] = ()
    """Words that mean so besides those that ship; so with the other four."""
    cancelled_statuses: tuple[str, ...] = ()
    """The order came to nothing."""
    unpaid_statuses: tuple[str, ...] = ()
    """It was not paid."""
    refund_types: tuple[str, ...] = ()
    """Lines that pay money back."""
    other_types: tuple[str, ...] = ()
    """Lines that are no sale."""


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
    sections: tuple[Section, ...] = ()
    """Only these sections, in the report's own order; default: all that the data can carry."""
    playbook: str | None = None
    """Path of your own playbook TOML; default: the scheme's."""
    templates: str | None = None
    """Folder with your own templates, searched before the ones that ship."""
    horizon_days: int = 90
    """How far ahead "came back" looks when the report checks itself on the past."""
    extra_return_points: tuple[float, float] = (1.0, 5.0)
    """What advice supposes: so many in a hundred of those who would not come order once."""
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
    private: bool = True
    """Let only the user who builds read the e-mails and the files that list customers."""


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
    presets: Mapping[str, PresetSettings] = field(default_factory=dict)
    """Name → an export of yours, besides those that are known."""
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

    def without_orders(self) -> Settings:
        """Return the settings of what a table with one row per customer can be asked; else these.

        Raises:
            SettingsError: departments are asked for, or no section is left.
        """
        if not self.source.customer_level:
            return self
        wanted = self.report.sections or SECTIONS
        sections = tuple(name for name in _OF_CUSTOMERS if name in wanted)
        what = "departments" if self.report.departments else f"sections {', '.join(wanted)}"
        if self.report.departments or not sections:
            message = (
                f"{what}: need the orders, and a table with one row per customer has none; it can "
                f"tell the sections {', '.join(_OF_CUSTOMERS)}"
            )
            raise SettingsError(message)
        report = dataclasses.replace(self.report, sections=sections, compare=False)
        return dataclasses.replace(self, report=report)

    def described(self) -> dict[str, str]:
        """Return every setting that shapes the figures as "section.name" → text.

        The files' paths are left out, so that the same data elsewhere has the same description.
        """
        return {
            f"{section}.{name}": _as_text(value)
            for section, values in dataclasses.asdict(self).items()
            for name, value in values.items()
            if not f"{section}.{name}".startswith(_NOT_OF_THE_FIGURES)
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
    file = read_toml_file(str(config), config, "no such configuration file") if config else {}
    for origin, sections in ((str(config), file), ("command line", given or {})):
        for section, values in sections.items():
            if not isinstance(values, dict):
                message = f"{origin}: {section!r} is not a section; write [{section}] above it"
                raise SettingsError(message)
            known = {name: value for name, value in values.items() if value is not None}
            merged.setdefault(section, {}).update(known)
        settings = build(Settings, merged, origin)
        _check_ranges(settings, origin)
    return settings


_NOT_OF_THE_FIGURES = (
    "source.paths", "scoring.cuts_file", "report.templates", "report.previous", "report.decisions",
    "report.departments", "report.private", "departments.", "email.", "run.", "engine.",
)  # fmt: skip
"""Settings, or whole sections, that change no figure."""
_NOT_OF_THE_FILES: Mapping[str, tuple[str, ...]] = {
    "source": ("paths",),
    "scoring": ("cuts_file", "refit"),
    "report": ("templates", "previous", "decisions", "private"),
    "email": (
        "host", "port", "security", "user", "password_variable", "ca_file", "timeout_seconds",
        "tries", "ledger",
    ),
    "run": (),
    "engine": (),
}  # fmt: skip
"""Settings by section, () for all of it, that change no file of a report."""
_MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")
_MOST_MONTHS, _MOST_DAYS, _HUNDRED, _LAST_PORT = 600, 3_650, 100, 65_535
_A_MONTH = 'a month such as 2011-11, or "last"'


def _is_month(text: str) -> bool:
    return text == LAST_MONTH or _MONTH.fullmatch(text) is not None


_RANGES: tuple[tuple[str, str, Callable[[Any], bool], str], ...] = (
    ("cleaning", "month", _is_month, _A_MONTH),
    ("cleaning", "window_months", lambda count: count <= _MOST_MONTHS, f"at most {_MOST_MONTHS}"),
    ("report", "horizon_days", lambda days: days <= _MOST_DAYS, f"at most {_MOST_DAYS}"),
    ("report", "launch_days", lambda days: days <= _MOST_DAYS, f"at most {_MOST_DAYS}"),
    ("report", "extra_return_points", lambda pair: 0 < pair[0] <= pair[1] <= _HUNDRED,
     "two ascending numbers above 0, up to 100"),
    ("report", "second_order_chance", lambda chance: 0 < chance < 1,
     "between 0 and 1, such as 0.2"),
    ("report", "discount_rate", lambda rate: 0 <= rate <= 1, "between 0 and 1"),
    ("report", "cost_per_contact", lambda cost: 0 < cost < math.inf, "above 0"),
    ("report", "margin", lambda margin: 0 < margin <= 1, "above 0, up to 1"),
    ("report", "templates", lambda path: Path(path).is_dir(), "a folder with templates"),
    ("audiences", "holdout", lambda share: 0 <= share < 1, "from 0 to below 1, such as 0.1"),
    ("email", "largest_megabytes", lambda size: 0 < size < math.inf, "above 0"),
    ("email", "timeout_seconds", lambda seconds: 0 < seconds < math.inf, "above 0"),
    ("email", "port", lambda port: port <= _LAST_PORT, f"a port from 1 to {_LAST_PORT}"),
)  # fmt: skip
"""Section, name, what a value must fulfil beyond its type, and how that is told."""


def _check_ranges(settings: Settings, origin: str) -> None:
    """Refuse values that their type allows and that make no sense."""
    for section, name, is_possible, expected in _RANGES:
        value = getattr(getattr(settings, section), name)
        if value is not None and not is_possible(value):
            told = list(value) if isinstance(value, tuple) else value
            raise wrong_value(told, expected, f"{origin}, {section}, {name}")
    cleaning = settings.cleaning
    if cleaning.month and cleaning.as_of:
        message = (
            f"{origin}: month {cleaning.month} and as_of {cleaning.as_of} both say where the "
            "report ends; give one of them"
        )
        raise SettingsError(message)
    _check_seasons(settings.report.seasons, origin)


def _check_seasons(seasons: Mapping[str, tuple[int, ...]], origin: str) -> None:
    """Refuse seasons that do not hold each month of the year exactly once."""
    months, year = sorted(sum(seasons.values(), ())), range(1, 13)
    wrong = {
        "no months of the year": [month for month in months if month not in year],
        "in more than one place": [month for month in months if months.count(month) > 1],
        "in none": [month for month in year if month not in months],
    }
    told = [f"{_as_text(tuple(dict.fromkeys(f)))} {why}" for why, f in wrong.items() if f]
    empty = [repr(name) for name, numbers in seasons.items() if not numbers or not name.strip()]
    told += [f"{', '.join(empty)} without a name or months"] if empty else []
    if seasons and told:
        message = (
            f"{origin}, report, seasons: each month from 1 to 12 must stand in one season; found "
            f"{'; '.join(told)}"
        )
        raise SettingsError(message)


def checked_month(month: str, where: str) -> str:
    """Return what is a month, or the word for the last one; refuse all else."""
    if not _is_month(month):
        raise wrong_value(month, _A_MONTH, where)
    return month


def _as_text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_as_text(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_as_text(item)}" for key, item in sorted(value.items()))
    return "" if value is None else str(value)
