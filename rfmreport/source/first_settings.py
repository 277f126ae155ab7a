"""A settings file to begin with: what was found in the data, and what only a person can say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.errors import OutputError, SettingsError
from rfmreport.settings.toml_files import quoted
from rfmreport.source.databases.addresses import without_password
from rfmreport.source.evidence import agreed_values

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.settings import Settings
    from rfmreport.source.orders import CleanOrders

_TEXTS = {"--encoding": "encoding", "--amount-is": "amount_is"}
_TEXT = """\
# Settings of rfmreport, made by `rfmreport init`. What begins with # is off: take the # away.
#   rfmreport check -c {name}    what would be read, mapped and left out
#   rfmreport build -c {name}    a report of all that the data hold
#   rfmreport run -c {name}      every month: report, department summaries, e-mail

[source]
paths = {paths}
{formats}
[columns]  # which heading plays which role, as found
{columns}

[cleaning]  # lines read: {line_count:,}; analysed: {kept_count:,}, from {first_day} to {last_day}
{net_returns}

[report]
shop = {shop}
{currency}
locale = "en_GB"  # how numbers are written: de_DE, fr_FR, en_US …
# cost_per_contact = 0.8  # with the margin: from which response on a campaign pays
# margin = 0.4

[audiences]
holdout = 0.0  # 0.1 leaves every tenth customer of a list alone, to see what a campaign did

[run]
folder = "reports"

[email]
sender = ""  # "Reports <reports@shop.example>"
management = []  # ["board@shop.example"]
host = ""  # the mail server; its password stands in the variable RFMREPORT_SMTP_PASSWORD
# security = "starttls"  # or "tls"
# user = "reports@shop.example"

# Who gets which department's summary:
# [departments.marketing]
# recipients = ["marketing@shop.example"]
"""


def describe_first_settings(clean: CleanOrders, settings: Settings, name: str) -> str:
    """Return the text of a settings file called `name` for the source that was looked at.

    The columns are written down as found, so that an export with other headings is refused and not
    read in another way next month.
    """
    source, coverage = clean.source, clean.coverage
    return _TEXT.format(
        name=name,
        paths=_listed(tuple(map(without_password, settings.source.paths))),
        formats=_formats(clean, settings),
        columns="\n".join(
            f"{role} = {quoted(heading)}" for role, heading in clean.column_map.used()
        ),
        line_count=clean.audit.read.line_count,
        kept_count=clean.audit.kept.line_count,
        first_day=coverage.first_day,
        last_day=coverage.last_day,
        net_returns=f"net_returns = {'true' if settings.cleaning.net_returns else 'false'}"
        "  # true subtracts returns from what was bought",
        shop=quoted(settings.report.shop or source.files[0].name.split(".")[0]),
        currency=_currency(clean, settings),
    )


def write_first_settings(text: str, path: Path) -> None:
    """Write the file; one that is there stays as it is.

    Raises:
        SettingsError: there is such a file.
        OutputError: it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        message = f"{path}: is there already and was left alone; name another one with -o"
        raise SettingsError(message) from error
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror})"
        raise OutputError(message) from error


def _formats(clean: CleanOrders, settings: Settings) -> str:
    source = settings.source
    lists = {name: getattr(source, name) for name in ("tables", "joins", "sheets")}
    texts = {name: getattr(source, name) for name in ("query", "delimiter")}
    lines = [f"{name} = {_listed(said)}" for name, said in lists.items() if said]
    lines += [f"{name} = {quoted(said)}" for name, said in texts.items() if said]
    if source.customer_level:
        lines.append("customer_level = true")
    found = agreed_values(clean.decisions)
    lines += [f"{name} = {quoted(found[o])}" for o, name in _TEXTS.items() if o in found]
    if "--header-row" in found:
        lines.append(f"header_row = {found['--header-row']}")
    written = clean.value_formats.date
    if "%" in written:
        lines.append(f"date_format = {quoted(written)}")
    marks = {clean.value_formats.decimals[heading] for heading in clean.column_map.numbers} - {None}
    if marks == {","}:
        lines.append('decimal = ","')
    for name in ("currency_column", "only_currency"):
        said = getattr(settings.source, name)
        if said:
            lines.append(f"{name} = {quoted(said)}")
    return "".join(f"{line}\n" for line in lines)


def _currency(clean: CleanOrders, settings: Settings) -> str:
    code = settings.report.currency or clean.value_formats.currency.iso_code
    return (
        f"currency = {quoted(code)}" if code else '# currency = "GBP"  # amounts without a symbol'
    )


def _listed(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"
