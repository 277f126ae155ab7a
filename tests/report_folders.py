"""Report folders for the tests of the comparison: written by hand, so that each part can differ."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

SEGMENTS = """\
name,customer_count,customer_share,revenue,revenue_share
High-Value,{high},0.25,{revenue},0.8
Lost,30,0.75,20.5,0.2
All customers,{all},1.0,{total},1.0
"""
AUDIT = """\
part,exclusion,label,lines,orders,amount
read,,Read from the source,{read},50,{read_amount}
excluded,missing_customer,No customer,10,5,12.5
kept,,Analysed,100,45,102.5
"""
MONTHS = """\
month,complete,revenue,order_count,customer_count,returning_customer_count
2011-09,no,5.25,3,3,0
2011-10,yes,{october},20,15,5
2011-11,{november},40,22,18,9
"""
CUTS = {
    "recency_days": {"bounds": [15, 34.5], "closed": "left"},
    "order_count": {"bounds": [1, 2], "closed": "right"},
    "revenue": {"bounds": [248.42, 1000], "closed": "right"},
}


def write_folder(folder: Path, as_of: str = "2011-11-01", **changed: Any) -> Path:
    """Write a small report as of a date; `changed` are figures of the files or manifest parts."""
    figures = {
        "high": 10, "revenue": "82", "all": 40, "total": "102.5", "read": 110,
        "read_amount": "115", "october": "57.25", "november": "no",
    }  # fmt: skip
    figures |= {name: value for name, value in changed.items() if name in figures}
    files = {
        "data/segments.csv": SEGMENTS.format(**figures),
        "data/audit.csv": AUDIT.format(**figures),
        "data/months.csv": MONTHS.format(**figures),
    }
    files |= changed.get("files", {})
    (folder / "data").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    settings = {"cleaning.net_returns": "False", "report.locale": "en_GB", "report.currency": "GBP"}
    manifest = {
        "rfmreport": "0.1.0",
        "libraries": {"duckdb": "2.0.0"},
        "sources": [{"name": "orders.csv", "sheet": None, "bytes": 1, "sha256": "a" * 64}],
        "columns": {"customer": "CustomerID", "country": "Country"},
        "settings": settings | changed.get("settings", {}),
        "settings_sha256": "0" * 64,
        "period": {"first_day": "2011-09-20", "last_day": "2011-10-31", "as_of": as_of},
        "scheme": "five",
        "scheme_cells_sha256": "c" * 64,
        "cuts": {"method": "quantile", "bins": 3, **CUTS},
        "files": [
            {"path": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
            for name in files
        ],
    }
    manifest |= changed.get("manifest", {})
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
