"""The manifest: every file with its hash, what went in, and how it was treated."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from shops import build_files, made_up_lines, write_csv

from rfmreport.folder.manifest import to_json

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.pipeline import BuildResult


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[BuildResult, Path]:
    """Build the report of a small shop once; tests only read it."""
    folder = tmp_path_factory.mktemp("built")
    source = write_csv(folder / "orders.csv", made_up_lines(60, days=200))
    return build_files(source, folder / "report"), folder / "report"


def test_json_writes_money_as_a_number_and_dates_in_iso_form() -> None:
    content = {"a": Decimal("9747747.9340"), "b": Decimal("5.00"), "c": date(2024, 2, 29), "d": "ü"}
    assert json.loads(to_json(content)) == {"a": 9747747.934, "b": 5, "c": "2024-02-29", "d": "ü"}
    assert "ü" in to_json(content)


def test_the_manifest_names_every_file_with_its_hash(built: tuple[BuildResult, Path]) -> None:
    result, folder = built
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    on_disk = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    listed = {file["path"]: file for file in manifest["files"]}
    assert set(listed) == on_disk - {"manifest.json"}
    assert set(result.files) == on_disk
    for name, file in listed.items():
        content = (folder / name).read_bytes()
        assert (file["bytes"], file["sha256"]) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )


def test_the_manifest_says_what_went_in_and_how_it_was_treated(
    built: tuple[BuildResult, Path],
) -> None:
    result, folder = built
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (source,) = manifest["sources"]
    content = (folder.parent / "orders.csv").read_bytes()
    assert source["sha256"] == hashlib.sha256(content).hexdigest()
    assert (source["name"], source["bytes"]) == ("orders.csv", len(content))
    assert manifest["period"]["as_of"] == result.report.as_of.isoformat()
    assert manifest["settings"] == dict(result.report.method.settings)
    assert len(manifest["cuts"]["recency_days"]["bounds"]) == manifest["cuts"]["bins"] - 1
