"""A report that was written: its manifest and small files, read back, their hashes checked."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.customers import clusters
from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.customers.segment_sql import Ruler
from rfmreport.customers.segments import load_scheme
from rfmreport.engine.csv_files import without_apostrophe
from rfmreport.errors import InputError
from rfmreport.folder import commit
from rfmreport.folder.manifest import MANIFEST, cells_sha256
from rfmreport.sections.when.figures import Month
from rfmreport.source.audit import AuditRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

SEGMENTS = "data/segments.csv"
AUDIT = "data/audit.csv"
MONTHS = "data/months.csv"
_EVERYBODY = "All customers"
_DAYS = ("first_day", "last_day", "as_of")
MEASURE_NAMES = ("recency_days", "order_count", "revenue")


@dataclass(frozen=True, slots=True)
class SegmentSize:
    """One segment, or all customers, as data/segments.csv says."""

    name: str
    customer_count: int
    customer_share: float
    revenue: Decimal
    revenue_share: float


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """What a folder's manifest and small files say.

    `columns` is role → heading, `sources` name (with sheet) → SHA-256, `cuts` method, bins and
    each measure's bounds in words. `audit` rows are keyed by their part and exclusion. `months` is
    None where the report has no such file. `altered` names the files that are no longer as the
    manifest says.
    """

    folder: str
    versions: Mapping[str, str]
    sources: Mapping[str, str]
    columns: Mapping[str, str]
    settings: Mapping[str, str]
    scheme: str
    scheme_cells_sha256: str | None
    cuts: Mapping[str, str]
    first_day: date
    last_day: date
    as_of: date
    audit: Mapping[tuple[str, str], AuditRow]
    segments: tuple[SegmentSize, ...]
    total: SegmentSize
    months: tuple[Month, ...] | None
    altered: tuple[str, ...]


def is_report(folder: Path) -> bool:
    """Say whether a folder holds a finished report: its manifest is written last."""
    commit.settle(folder)
    return (folder / MANIFEST).is_file()


def is_month_made_for(folder: Path, order_sha256: str) -> bool:
    """Say whether a folder holds a report of a whole month that just these settings ordered."""
    commit.settle(folder)
    try:
        manifest = _read_manifest(folder)
    except InputError:
        return False
    return manifest.get("order_sha256") == order_sha256 and manifest.get("is_whole_month") is True


def read_report_folder(folder: Path) -> WrittenReport:
    """Read the report that stands in a folder.

    Raises:
        InputError: there is no report of rfmreport, or a part of it cannot be read.
        OutputError: half a report is there, and cannot be finished.
    """
    return commit.read_whole(folder, _read_report)


def read_ruler(folder: Path) -> Ruler:
    """Read what the report in a folder measured its customers with.

    Raises:
        InputError: there is no report, it has no bounds, or its scheme is another one now.
    """
    manifest = commit.read_whole(folder, _read_manifest)
    if manifest["scheme"] == clusters.NAME:
        message = f"{folder}: its segments are clusters, which have no bounds; use a scheme"
        raise InputError(message)
    scheme = load_scheme(manifest["settings"]["scoring.scheme"])
    cells = sorted((*cell, name) for cell, name in scheme.cell_segments.items())
    if cells_sha256(cells) != manifest["scheme_cells_sha256"]:
        message = f"{folder}: the scheme {scheme.name} has changed since; build the report again"
        raise InputError(message)
    cuts, months = manifest["cuts"], manifest["settings"]["cleaning.window_months"]
    measures = (
        MeasureCuts(name, tuple(map(Decimal, cuts[name]["bounds"])), cuts[name]["closed"])
        for name in MEASURE_NAMES
    )
    return Ruler(
        Cuts(cuts["method"], cuts["bins"], tuple(measures)),
        scheme,
        date.fromisoformat(manifest["period"]["as_of"]),
        int(months) if months else None,
    )


def _read_report(folder: Path) -> WrittenReport:
    manifest = _read_manifest(folder)
    try:
        files = {str(file["path"]): str(file["sha256"]) for file in manifest["files"]}
        names = [SEGMENTS, AUDIT]
        if MONTHS in files and (folder / MONTHS).exists():
            names.append(MONTHS)
        contents = {name: _content(folder / name) for name in names}
        altered = tuple(n for n, found in contents.items() if _sha256(found) != files.get(n))
        return _written(folder, manifest, contents, altered)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        message = (
            f"{folder}: not a report as rfmreport writes it ({type(error).__name__}: {error}); "
            "build it again"
        )
        raise InputError(message) from error


def _written(
    folder: Path,
    manifest: Mapping[str, Any],
    contents: Mapping[str, bytes],
    altered: tuple[str, ...],
) -> WrittenReport:
    segments, total = _sized([_segment(row) for row in _rows(contents[SEGMENTS])])
    days = {name: date.fromisoformat(manifest["period"][name]) for name in _DAYS}
    return WrittenReport(
        folder=str(folder),
        versions=_texts({"rfmreport": manifest["rfmreport"], **manifest["libraries"]}),
        sources=_sources(manifest["sources"]),
        columns=_texts(manifest["columns"]),
        settings=_texts(manifest["settings"]),
        scheme=str(manifest["scheme"]),
        scheme_cells_sha256=manifest.get("scheme_cells_sha256"),
        cuts=cuts_in_words(manifest["cuts"]),
        audit={_audit_key(row): _audit_row(row) for row in _rows(contents[AUDIT])},
        segments=segments,
        total=total,
        months=tuple(map(_month, _rows(contents[MONTHS]))) if MONTHS in contents else None,
        altered=altered,
        **days,
    )


def _sized(rows: Sequence[SegmentSize]) -> tuple[tuple[SegmentSize, ...], SegmentSize]:
    """Return the segments, and all customers, of whom older reports have a last row."""
    *segments, last = rows
    if (last.name, last.customer_share) == (_EVERYBODY, 1):
        return tuple(segments), last
    count = sum(row.customer_count for row in rows)
    revenue = sum((row.revenue for row in rows), Decimal(0))
    return tuple(rows), SegmentSize(_EVERYBODY, count, 1.0, revenue, 1.0 if revenue else 0.0)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not folder.is_dir():
        message = f"{folder}: no such folder; name the folder that `rfmreport build -o` wrote"
        raise InputError(message)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError as error:
        message = (
            f"{folder}: no {MANIFEST} in it, so it is no report; name the folder that "
            "`rfmreport build -o` wrote"
        )
        raise InputError(message) from error
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror})"
        raise InputError(message) from error
    except (ValueError, RecursionError) as error:
        message = f"{path}: not readable JSON ({error}); build the report again"
        raise InputError(message) from error
    if not isinstance(manifest, dict) or "rfmreport" not in manifest:
        message = f"{path}: not a manifest of rfmreport; name a folder that `rfmreport build` wrote"
        raise InputError(message)
    return manifest


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); build the report again"
        raise InputError(message) from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _rows(content: bytes) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _sources(sources: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Return the hash by name; files of one name in several folders have theirs in a row."""
    hashes: dict[str, list[str]] = {}
    for source in sources:
        sheet = source.get("sheet")
        name = f"{source['name']}, sheet {sheet}" if sheet else str(source["name"])
        hashes.setdefault(name, []).append(str(source["sha256"]))
    return {name: ", ".join(sorted(found)) for name, found in hashes.items()}


def cuts_in_words(cuts: Mapping[str, Any]) -> dict[str, str]:
    """Return cuts as the manifest holds them (see `manifest.cuts_record`) in words that compare."""
    words = {"method": str(cuts["method"]), "bins": str(cuts["bins"])}
    for measure in MEASURE_NAMES:
        bounds = ", ".join(
            format(Decimal(bound).normalize(), "f") for bound in cuts[measure]["bounds"]
        )
        words[measure] = f"{bounds or 'no bounds'} (closed {cuts[measure]['closed']})"
    return words


def _segment(row: Mapping[str, str]) -> SegmentSize:
    return SegmentSize(
        name=without_apostrophe(row["name"]),
        customer_count=int(row["customer_count"]),
        customer_share=float(row["customer_share"]),
        revenue=_money(row["revenue"]),
        revenue_share=float(row["revenue_share"]),
    )


def _audit_key(row: Mapping[str, str]) -> tuple[str, str]:
    return row["part"], row["exclusion"] or row["label"]


def _audit_row(row: Mapping[str, str]) -> AuditRow:
    return AuditRow(
        row["exclusion"] or None,
        row["label"],
        int(row["lines"]),
        int(row["orders"]),
        _money(row["amount"]),
    )


def _month(row: Mapping[str, str]) -> Month:
    return Month(
        first_day=date.fromisoformat(f"{row['month']}-01"),
        complete=row["complete"] == "yes",
        revenue=_money(row["revenue"]),
        order_count=int(row["order_count"]),
        customer_count=int(row["customer_count"]),
        returning_customer_count=int(row["returning_customer_count"]),
    )


def _money(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite():
        message = f"{text!r} is no amount"
        raise ValueError(message)
    return amount
