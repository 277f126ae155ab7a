"""The settings file that `init` writes: as found, understood again, never in place of another."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from rfmreport.errors import OutputError, SettingsError
from rfmreport.pipeline import build_report
from rfmreport.settings import Settings, load_settings
from rfmreport.source.first_settings import describe_first_settings, write_first_settings
from rfmreport.source.orders import read_orders
from rfmreport.source.reading import open_engine
from rfmreport.stopwatch import Stopwatch

if TYPE_CHECKING:
    from pathlib import Path

GERMAN = "Kunde;Auftrag;Datum;Betrag €\n" + "".join(
    f"00{number % 7};{number};{1 + number % 28:02}.{1 + number % 12:02}.2024;€ 1.{number:03},50\n"
    for number in range(100, 160)
)


def first_settings_of(path: Path, **given: dict[str, object]) -> str:
    settings = load_settings(None, {"source": {"paths": [str(path)]}, **given})
    with open_engine(settings.engine) as engine:
        clean = read_orders(engine, settings, Stopwatch())
    return describe_first_settings(clean, settings, "rfmreport.toml")


@pytest.fixture
def german(tmp_path: Path) -> Path:
    path = tmp_path / "Aufträge.csv"
    path.write_text(GERMAN, encoding="utf-8")
    return path


@pytest.fixture
def text(german: Path) -> str:
    columns = {"customer": "Kunde", "order": "Auftrag", "date": "Datum", "amount": "Betrag €"}
    return first_settings_of(german, columns=columns)


def test_what_was_found_is_written_down(text: str, german: Path) -> None:
    written = tomllib.loads(text)
    assert written["source"] == {
        "paths": [str(german)],
        "date_format": "%d.%m.%Y",
        "decimal": ",",
    }
    assert written["columns"] == {
        "customer": "Kunde",
        "order": "Auftrag",
        "date": "Datum",
        "amount": "Betrag €",
    }
    assert written["report"]["currency"] == "EUR"
    assert written["report"]["shop"] == "Aufträge"
    assert "lines read: 60; analysed: 60, from 2024-01-" in text


def test_a_report_made_with_it_says_what_one_without_it_says(text: str, tmp_path: Path) -> None:
    path = tmp_path / "rfmreport.toml"
    path.write_text(text, encoding="utf-8")
    report = build_report(load_settings(path))
    assert report.segments.total.customer_count == 7
    assert report.audit.read.line_count == report.audit.kept.line_count == 60
    assert report.currency == "EUR"


def test_apart_from_what_was_found_it_says_the_defaults(text: str) -> None:
    written = tomllib.loads(text)
    settings = load_settings(None, written)
    assert settings.email == Settings().email
    assert settings.run == Settings().run
    assert settings.audiences == Settings().audiences
    assert settings.cleaning == Settings().cleaning


def test_what_check_decides_of_rows_and_amounts_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    rows = "".join(
        f"{n // 2},2024-01-{1 + n % 28:02},c{n // 2 % 7},sku{n % 3},{10 + n // 2}.50\n"
        for n in range(40)
    )
    path.write_text("Orders of the year\n\norder,date,customer,sku,order total\n" + rows)
    written = tomllib.loads(first_settings_of(path))["source"]
    assert {name: written.get(name) for name in ("header_row", "amount_is")} == {
        "header_row": 3,
        "amount_is": "order",
    }


def test_a_hostile_heading_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    heading = 'evil" \\ ]= # {x}'
    rows = "".join(f"{n % 6},2024-01-{1 + n % 28:02},5\n" for n in range(40))
    path.write_text('"evil"" \\ ]= # {x}",date,amount\n' + rows, encoding="utf-8")
    written = tomllib.loads(first_settings_of(path, columns={"customer": heading}))
    assert written["columns"]["customer"] == heading


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rfmreport.toml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError, match="is there already and was left alone"):
        write_first_settings("new", path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_first_settings("new", tmp_path / "none" / "rfmreport.toml")


def test_the_command_writes_it_and_says_what_to_do_next(german: Path) -> None:
    command = [sys.executable, "-m", "rfmreport", "init", german.name]
    maps = ["customer=Kunde", "order=Auftrag", "date=Datum", "amount=Betrag €"]
    command += [word for one in maps for word in ("--map", one)]
    ended = subprocess.run(
        command, cwd=german.parent, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert ended.stdout.startswith("Wrote rfmreport.toml.")
    settings = load_settings(german.parent / "rfmreport.toml")
    assert settings.source.paths == ("Aufträge.csv",)
