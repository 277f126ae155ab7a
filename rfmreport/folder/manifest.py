"""The manifest of a report: what went in, how it was treated, and every file with its hash."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.source.audit import MONTH_INCOMPLETE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rfmreport.customers.scoring import Cuts
    from rfmreport.report import Report

MANIFEST = "manifest.json"


def write_manifest(report: Report, cuts: Cuts, order_sha256: str, folder: Path) -> None:
    """Write what went in, how it was treated, and every file of `folder` with its SHA-256.

    `order_sha256` is `Settings.order_fingerprint`: what was asked for, and for whom.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    content = {
        "rfmreport": report.method.version,
        "libraries": report.method.library_versions,
        "sources": [dataclasses.asdict(source) for source in report.method.sources],
        "columns": {use.role: use.heading for use in report.method.columns},
        "settings": report.method.settings,
        "settings_sha256": report.method.settings_sha256,
        "order_sha256": order_sha256,
        "is_whole_month": report.month is not None
        and all(finding.key != MONTH_INCOMPLETE for finding in report.findings),
        "period": {
            "first_day": report.first_day,
            "last_day": report.last_day,
            "as_of": report.as_of,
        },
        "scheme": report.method.scheme_name,
        "scheme_cells_sha256": _cells_sha256(report),
        "cuts": cuts_record(cuts),
        "files": [
            {
                "path": path.relative_to(folder).as_posix(),
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path),
            }
            for path in files
        ],
    }
    (folder / MANIFEST).write_text(to_json(content), encoding="utf-8")


def cuts_record(cuts: Cuts) -> dict[str, object]:
    """Return the cuts as the manifest holds them."""
    return {
        "method": cuts.method,
        "bins": cuts.bins,
        **{m.measure: {"bounds": m.bounds, "closed": m.closed} for m in cuts.measures},
    }


def to_json(content: object) -> str:
    """Return indented JSON; money is written exactly, dates in ISO form."""
    return json.dumps(content, indent=2, ensure_ascii=False, default=_plain_json) + "\n"


def _cells_sha256(report: Report) -> str:
    """Return the hash of what the scheme says: a user's own can change under the same name.

    Clusters have no cells, and say what their centres are.
    """
    centres = report.clusters.centres if report.clusters else ()
    cells = sorted(dataclasses.astuple(cell) for cell in report.method.scheme_cells)
    return cells_sha256([*cells, *(dataclasses.astuple(centre) for centre in centres)])


def cells_sha256(cells: Sequence[tuple[object, ...]]) -> str:
    """Return the hash of a scheme's cells, each three scores and a segment's name."""
    return hashlib.sha256(to_json(cells).encode()).hexdigest()


def sha256_of(path: Path) -> str | None:
    """Return the hash of a file; None where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _plain_json(value: Any) -> object:  # noqa: ANN401  the signature that json asks for
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    message = f"cannot write {type(value).__name__} as JSON"
    raise TypeError(message)
