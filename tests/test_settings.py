"""Settings: file and command line, what wins, and what each mistake is answered with."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING

import pytest

from rfmreport.errors import SettingsError
from rfmreport.settings import (
    CleaningSettings,
    DepartmentSettings,
    ReportSettings,
    ScoringSettings,
    Settings,
    SourceSettings,
    load_settings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EVERY_SECTION = """
[source]
paths = ["a.csv", "b.csv"]
sheets = ["Year 1"]
delimiter = ";"
date_format = "%d.%m.%Y"
decimal = ","

[columns]
customer = "Client ID"

[cleaning]
as_of = 2011-12-10
window_months = 12
net_returns = true
cancellation_prefix = "K"
non_product_codes = []

[scoring]
scheme = "ten"
method = "fixed"
cuts_closed = "left"

[scoring.cuts]
recency_days = [30, 60, 90, 180]
revenue = [10, 20.5, 30, 40]

[report]
shop = "Pots & Pans"
currency = "EUR"
locale = "de_DE"
page_size = "Letter"
extra_return_points = [0.5, 2]

[engine]
threads = 4
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "rfmreport.toml"
    path.write_text(text, encoding="utf-8")
    return path


def message_of(folder: Path, text: str, given: Mapping[str, Mapping[str, object]] | None = None):
    """Return what the file is refused with, from the file's name on."""
    path = write(folder, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, given)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(str(path))


def test_without_file_and_options_all_is_default():
    assert load_settings(None) == load_settings(None, {}) == Settings()


def test_a_file_sets_every_section(tmp_path: Path):
    settings = load_settings(write(tmp_path, EVERY_SECTION))
    assert settings.source == SourceSettings(
        paths=("a.csv", "b.csv"),
        sheets=("Year 1",),
        delimiter=";",
        date_format="%d.%m.%Y",
        decimal=",",
    )
    assert settings.columns == {"customer": "Client ID"}
    assert settings.cleaning == CleaningSettings(
        as_of=date(2011, 12, 10),
        window_months=12,
        net_returns=True,
        cancellation_prefix="K",
        non_product_codes=(),
    )
    assert settings.scoring == ScoringSettings(
        scheme="ten",
        method="fixed",
        cuts={"recency_days": (30.0, 60.0, 90.0, 180.0), "revenue": (10.0, 20.5, 30.0, 40.0)},
        cuts_closed="left",
    )
    assert settings.report == ReportSettings(
        shop="Pots & Pans",
        currency="EUR",
        locale="de_DE",
        page_size="Letter",
        extra_return_points=(0.5, 2.0),
    )
    assert settings.engine.threads == 4


def test_the_command_line_wins_over_the_file_and_none_means_not_given(tmp_path: Path):
    given = {
        "source": {"paths": ["c.csv"], "decimal": None},
        "columns": {"order": "Bill"},
        "cleaning": {"as_of": "2012-01-01", "net_returns": False},
        "scoring": {"scheme": None},
    }
    settings = load_settings(write(tmp_path, EVERY_SECTION), given)
    assert settings.source.paths == ("c.csv",)
    assert settings.source.decimal == ","
    assert settings.columns == {"customer": "Client ID", "order": "Bill"}
    assert settings.cleaning.as_of == date(2012, 1, 1)
    assert settings.cleaning.net_returns is False
    assert settings.cleaning.window_months == 12
    assert settings.scoring.scheme == "ten"


@pytest.mark.parametrize("value", ["2011-12-10", '"2011-12-10"', "2011-12-10T08:00:00"])
def test_a_date_may_be_written_as_date_text_or_time(tmp_path: Path, value: str):
    settings = load_settings(write(tmp_path, f"[cleaning]\nas_of = {value}\n"))
    assert settings.cleaning.as_of == date(2011, 12, 10)


MISTAKES = [
    ("[scorring]\n", ": unknown setting 'scorring'; did you mean 'scoring'?"),
    (
        "[cleaning]\nwindow_month = 3\n",
        ", cleaning: unknown setting 'window_month'; did you mean 'window_months'?",
    ),
    (
        "[engine]\nxyz = 3\n",
        ", engine: unknown setting 'xyz'; expected one of memory_limit, threads",
    ),
    ("scoring = 5\n", ": 'scoring' is not a section; write [scoring] above it"),
    (
        '[cleaning]\nas_of = "10.12.2011"\n',
        ", cleaning, as_of: '10.12.2011' is not a date such as 2011-12-10",
    ),
    (
        '[cleaning]\nnet_returns = "yes"\n',
        ", cleaning, net_returns: 'yes' is not true or false",
    ),
    (
        "[cleaning]\nwindow_months = true\n",
        ", cleaning, window_months: True is not a whole number",
    ),
    (
        "[cleaning]\nwindow_months = 1.5\n",
        ", cleaning, window_months: 1.5 is not a whole number",
    ),
    (
        '[scoring]\nmethod = "kmeans"\n',
        ", scoring, method: 'kmeans' is not one of quantile, rank-first, fixed",
    ),
    ('[source]\npaths = "a.csv"\n', ", source, paths: 'a.csv' is not a list"),
    ("[source]\npaths = [1]\n", ", source, paths: 1 is not text in quotes"),
    ("[columns]\ncustomer = 3\n", ", columns.customer: 3 is not text in quotes"),
    ("[scoring]\ncuts = [1]\n", ", scoring, cuts: [1] is not a table"),
    (
        '[scoring.cuts]\nrevenue = [1, "2"]\n',
        ", scoring, cuts.revenue: '2' is not a number",
    ),
    (
        "[report]\nextra_return_points = [1]\n",
        ", report, extra_return_points: [1] is not a list of 2",
    ),
    (
        '[report]\npage_size = "A3"\n',
        ", report, page_size: 'A3' is not one of A4, Letter",
    ),
]


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_a_mistake_in_the_file_is_named_in_one_line(tmp_path: Path, text: str, expected: str):
    assert message_of(tmp_path, text) == expected


def test_a_mistake_on_the_command_line_does_not_blame_the_file(tmp_path: Path):
    given = {"cleaning": {"as_of": "soon"}}
    message = message_of(tmp_path, "[scoring]\nscheme = 'ten'\n", given)
    assert message == "command line, cleaning, as_of: 'soon' is not a date such as 2011-12-10"


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("cleaning", "window_months", 0),
        ("report", "horizon_days", -1),
        ("report", "discount_rate", 1.5),
        ("report", "cost_per_contact", 0.0),
        ("report", "margin", 40.0),
        ("engine", "threads", -1),
    ],
)
def test_a_number_that_cannot_be_meant_is_refused(tmp_path: Path, section, name, value):
    message = message_of(tmp_path, f"[{section}]\n{name} = {value}\n")
    assert message.startswith(f", {section}, {name}: {value} is not ")


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"nowhere\.toml: no such configuration file$"):
        load_settings(tmp_path / "nowhere.toml")


def test_a_folder_is_no_configuration(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"cannot be read \(Is a directory\)"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"shop = ", "not valid TOML: "), (b"\xff\xfe\x00", "not a text file in UTF-8")],
)
def test_what_is_not_toml_is_said_to_be_so(tmp_path: Path, content: bytes, expected: str):
    path = tmp_path / "rfmreport.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=rf"rfmreport\.toml: {expected}"):
        load_settings(path)


def test_a_mark_that_editors_on_windows_put_in_front_is_no_mistake(tmp_path: Path):
    path = tmp_path / "rfmreport.toml"
    path.write_bytes(b'\xef\xbb\xbf[report]\nshop = "Pots"\n')
    assert load_settings(path).report.shop == "Pots"


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().cleaning.net_returns = True  # type: ignore[misc]


def test_the_fingerprint_does_not_depend_on_places_or_machine():
    def fingerprint(path: str, threads: int | None) -> str:
        source, engine = {"paths": [path]}, {"threads": threads, "memory_limit": f"{threads}GB"}
        return load_settings(None, {"source": source, "engine": engine}).fingerprint()

    assert fingerprint("here/orders.csv", 2) == fingerprint("there/orders.csv", 8)
    assert len(fingerprint("a.csv", 1)) == 64


def test_the_fingerprint_does_not_depend_on_the_order_in_a_file():
    def fingerprint(*measures: str) -> str:
        cuts = {measure: [1, 2, 3, 4] for measure in measures}
        return load_settings(None, {"scoring": {"cuts": cuts}}).fingerprint()

    assert fingerprint("revenue", "order_count") == fingerprint("order_count", "revenue")


@pytest.mark.parametrize(
    "given",
    [
        {"columns": {"customer": "Client"}},
        {"cleaning": {"net_returns": True}},
        {"cleaning": {"non_product_codes": []}},
        {"scoring": {"cuts": {"revenue": [1, 2, 3, 4]}}},
        {"report": {"horizon_days": 60}},
    ],
)
def test_a_setting_that_shapes_the_figures_changes_the_fingerprint(given):
    assert load_settings(None, given).fingerprint() != Settings().fingerprint()


def test_every_setting_has_its_sentence():
    """A string stands below each setting, for the documentation to be made from."""
    import inspect

    for kind in (SourceSettings, CleaningSettings, ScoringSettings, ReportSettings):
        source = inspect.getsource(kind)
        assert source.count('"""') == 2 * (len(dataclasses.fields(kind)) + 1), kind.__name__


def test_seasons_of_ones_own_are_read_in_their_order(tmp_path: Path):
    text = "[report.seasons]\nRest = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\nChristmas = [11, 12]"
    seasons = load_settings(write(tmp_path, text)).report.seasons
    assert list(seasons.items()) == [("Rest", tuple(range(1, 11))), ("Christmas", (11, 12))]


@pytest.mark.parametrize(
    ("seasons", "expected"),
    [
        ("A = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\nB = [11]", "found 12 in none"),
        (
            "A = [1, 2, 3, 4, 5, 6, 7]\nB = [7, 8, 9, 10, 11, 12]",
            "found 7 in more than one place",
        ),
        (
            "A = [1, 2, 3, 4, 5, 6]\nB = [6, 7, 8, 9, 10, 13]",
            "found 13 no months of the year; 6 in more than one place; 11, 12 in none",
        ),
        ("A = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]\nB = []", "found 'B' without a name"),
    ],
)
def test_seasons_hold_each_month_once_or_it_is_said(tmp_path: Path, seasons: str, expected: str):
    message = message_of(tmp_path, f"[report.seasons]\n{seasons}")
    assert "report, seasons: each month from 1 to 12 must stand in one season" in message
    assert expected in message
    assert "\n" not in message


def test_the_sections_are_those_of_the_report():
    from rfmreport.sections.registry import REPORT as TOLD
    from rfmreport.settings import SECTIONS

    assert tuple(section.name for section in TOLD) == SECTIONS


def test_a_section_is_told_when_it_is_named_or_none_is():
    assert Settings().tells("sells")
    some = load_settings(None, {"report": {"sections": ["summary", "sells"]}})
    assert some.tells("sells")
    assert not some.tells("worth")


def test_an_unknown_section_is_refused_with_those_that_there_are(tmp_path: Path):
    message = message_of(tmp_path, '[report]\nsections = ["summary", "sels"]\n')
    assert message.startswith(", report, sections: 'sels' is not one of summary, segments, bridge")


def test_a_department_is_a_table_of_its_own_settings(tmp_path):
    text = '[departments.sales]\nrecipients = ["sales@shop.example"]\nsections = []\n'
    settings = load_settings(write(tmp_path, text))
    assert settings.departments == {
        "sales": DepartmentSettings(recipients=("sales@shop.example",), sections=())
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[departments]\nsales = 3", ", departments.sales: 3 is not a table"),
        (
            "[departments.sales]\nrecipiens = []",
            ", departments.sales: unknown setting 'recipiens'; did you mean 'recipients'?",
        ),
        ('[departments.sales]\nsections = "x"', ", departments.sales, sections: 'x' is not a list"),
        ("[departments.sales]\ntitle = 1", ", departments.sales, title: 1 is not text in quotes"),
    ],
)
def test_a_slip_in_a_department_is_told_with_its_place(tmp_path, text, expected):
    assert message_of(tmp_path, text) == expected


def test_departments_change_no_figure():
    given = {"report": {"departments": ["all"]}, "departments": {"sales": {"title": "Sales"}}}
    assert load_settings(None, given).fingerprint() == Settings().fingerprint()


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({"email": {"host": "smtp.shop.example", "tries": 5}}, False),
        ({"source": {"paths": ["elsewhere.csv"]}, "run": {"folder": "months"}}, False),
        ({"engine": {"threads": 1}, "scoring": {"cuts_file": "own.toml"}}, False),
        ({"email": {"management": ["board@shop.example"]}}, True),
        ({"departments": {"crm": {"recipients": ["crm@shop.example"]}}}, True),
        ({"report": {"departments": ["crm"]}}, True),
        ({"audiences": {"seed": 2}}, True),
        ({"columns": {"customer": "Client"}}, True),
    ],
)
def test_what_shapes_the_files_is_what_was_ordered(given, changes):
    ordered = load_settings(None, given).order_fingerprint()
    assert (ordered != Settings().order_fingerprint()) == changes
