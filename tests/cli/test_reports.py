"""The command line: bad input is one line and an exit code, and nothing is written."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
from commands import Ended, command_of
from shops import HALF_A_YEAR_GIVES, HEADING, draw_here, made_up_lines, write_csv

import rfmreport
from rfmreport.customers.segments import scheme_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = made_up_lines(40, days=200)
ONE_ORDER_EACH = [f"c{n},o{n},2024-01-{n:02},10" for n in range(1, 9)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that holds a good file, orders.csv."""
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "orders.csv", GOOD)
    return tmp_path


@pytest.fixture
def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Run the command line in this process; charts are drawn here too."""
    draw_here(monkeypatch)
    return command_of(monkeypatch, capfd)


def program(*arguments: object, folder: Path, **environment: str) -> Ended:
    """Run the installed program as a process of its own."""
    command = [sys.executable, "-m", "rfmreport", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr
    return Ended(done.returncode, done.stdout, done.stderr)


def names_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


# --- sources that cannot carry a report ---------------------------------------------------------


def text(path: str, *lines: str, heading: str = HEADING) -> Callable[[Path], None]:
    return lambda folder: write_csv(folder / path, list(lines), heading) and None


def content(path: str, data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / path).write_bytes(data) and None


BAD_SOURCES = {
    "no such file": (lambda _: None, 3, "no such file"),
    "empty": (content("bad.csv", b""), 3, "the file is empty"),
    "header only": (text("bad.csv"), 3, "has a heading but no lines; its headings are customer"),
    "no customer": (
        text("bad.csv", "1,2024-01-01,5", heading="invoice,date,amount"),
        3,
        "no column holds the same twice, so nothing tells who came back) among the headings ",
    ),
    "no date": (text("bad.csv", "c1,5", heading="customer,amount"), 3, "no column with the order"),
    "no amount": (
        text("bad.csv", "c1,2024-01-01", heading="customer,date"), 3, "no column with an amount",
    ),
    "all excluded": (
        text("bad.csv", "c1,o1,2024-01-01,-3", "c2,o2,2024-01-02,0"),
        4,
        "all 2 lines were left out (price zero or negative 2)",
    ),
    "one customer": (
        text("bad.csv", "c1,o1,2024-01-01,3", "c1,o2,2024-01-02,4"), 4, "only 1 customer",
    ),
    "one order each": (
        text("bad.csv", *ONE_ORDER_EACH), 4, "each of the 8 customers has exactly one order",
    ),
    "unreadable dates": (
        text("bad.csv", "c1,o1,soon,3", "c2,o2,later,4"),
        3,
        "column 'date' does not hold dates that can be read: 'soon', 'later'",
    ),
    "a directory": (lambda folder: (folder / "bad.csv").mkdir(), 3, "is a folder"),
    "binary": (content("bad.csv", bytes(range(256)) * 9), 3, "is a binary file"),
    "not gzip": (content("bad.csv", b"\x1f\x8b\x00broken"), 3, "bad.csv"),
    "not parquet": (content("bad.parquet", b"PAR1 not PAR1"), 3, "cannot be read as Parquet"),
    "not a workbook": (content("bad.xlsx", b"PK\x03\x04 no"), 3, "cannot be unpacked"),
    "blank lines only": (content("bad.csv", b"\n\n\n\n"), 3, "nothing but blank lines"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_SOURCES)
def test_a_bad_source_is_one_line_and_nothing_is_written(
    kind: str, run: Callable[..., Ended], folder: Path
) -> None:
    make, code, message = BAD_SOURCES[kind]
    make(folder)
    source = next(iter(sorted(folder.glob("bad.*"))), folder / "bad.csv")
    before = names_in(folder)
    ended = run("build", source.name, "-o", "report")
    assert (ended.code, ended.out) == (code, "")
    assert message in ended.message
    assert names_in(folder) == before


@pytest.mark.parametrize("kind", ["no such file", "empty", "no customer", "a directory", "binary"])
def test_check_refuses_the_same_sources(kind: str, run: Callable[..., Ended], folder: Path) -> None:
    make, code, message = BAD_SOURCES[kind]
    make(folder)
    ended = run("check", "bad.csv")
    assert (ended.code, ended.out) == (code, "")
    assert message in ended.message


def test_no_source_at_all_says_what_to_type(run: Callable[..., Ended]) -> None:
    ended = run("build")
    assert (ended.code, ended.out) == (3, "")
    assert "rfmreport build orders.csv" in ended.message


# --- options and settings that cannot be followed -----------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--map", "boss=date"), "no such role; the roles are customer, order"),
        (("--map", "customer=boss"), "no such heading in the source"),
        (("--scheme", "seven"), "no such file, and none of that name ships"),
        (("--method", "magic"), "'magic' is not one of quantile, rank-first, fixed"),
        (("--locale", "xx_YY"), "locale 'xx_YY' is not known"),
        (("--locale", "not a locale"), "is not known"),
        (("--currency", "POUNDS"), "POUNDS"),
        (("--currency", "£"), "£"),
        (("--page-size", "A3"), "'A3' is not one of A4, Letter"),
        (("--as-of", "tomorrow"), "'tomorrow' is not a date such as"),
        (("--decimal", "x"), "'x' is not one of ., ,"),
        (("--config", "none.toml"), "no such configuration file"),
        (("--config", "orders.csv"), "not valid TOML"),
        (("--config", "."), "cannot be read (Is a directory)"),
    ],
)
def test_a_bad_option_is_one_line_and_nothing_is_written(
    options: tuple[str, str], message: str, run: Callable[..., Ended], folder: Path
) -> None:
    ended = run("build", "orders.csv", *options)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.message
    assert names_in(folder) == {"orders.csv"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[scoring]\nschem = 'ten'", "unknown setting 'schem'; did you mean 'scheme'?"),
        ("[scorin]\nscheme = 'ten'", "did you mean 'scoring'?"),
        ("scoring = 'ten'", "'scoring' is not a section"),
        ("[report]\nhorizon_days = 'long'", "'long' is not a whole number"),
        ("[report]\nextra_return_points = [1, 2, 3]", "is not a list of 2"),
        ("[columns]\ncustomer = 7", "7 is not text"),
        ("[engine]\nmemory_limit = 'lots'", "lots"),
        ("[engine]\nthreads = -1", "threads"),
        ("[report]\ntemplates = 'nowhere'", "nowhere"),
        ("[report]\nplaybook = 'nowhere.toml'", "nowhere.toml"),
        ("[report]\nhorizon_days = -5", "horizon_days"),
        ("[report]\nextra_return_points = [5, -1]", "extra_return_points"),
        ("[scoring]\nmethod = 'fixed'\n[scoring.cuts]\nrevenue = [3, 2]", "ascending bounds"),
        ("[scoring]\nmethod = 'fixed'\n[scoring.cuts]\nmoney = [1, 2, 3, 4]", "unknown measure"),
        ("[cleaning]\nwindow_months = 0", "window_months"),
    ],
)
def test_a_bad_setting_is_one_line_and_nothing_is_written(
    settings: str, message: str, run: Callable[..., Ended], folder: Path
) -> None:
    (folder / "rfmreport.toml").write_text(settings, encoding="utf-8")
    ended = run("build", "orders.csv", "--config", "rfmreport.toml")
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.message
    assert names_in(folder) == {"orders.csv", "rfmreport.toml"}


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        ("title = ", "not valid TOML"),
        ("title = 'x'\nbins = 5", "'segment' is missing"),
        (
            "title = 'x'\nbins = 2\n[[segment]]\nname = 'A'\ncolor = '#000000'\ncells = '1**'",
            "4 of 8 cells have no segment: 211 212 221 222",
        ),
    ],
)
def test_a_bad_scheme_file_is_one_line_and_nothing_is_written(
    scheme: str, message: str, run: Callable[..., Ended], folder: Path
) -> None:
    (folder / "mine.toml").write_text(scheme, encoding="utf-8")
    for ended in (
        run("build", "orders.csv", "--scheme", "mine.toml"),
        run("schemes", "mine.toml"),
    ):
        assert (ended.code, ended.out) == (2, "")
        assert message in ended.message
    assert names_in(folder) == {"orders.csv", "mine.toml"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "orders.csv", "--map", "customer"),
        ("build", "orders.csv", "--map", "customer="),
        ("build", "orders.csv", "--window-months", "0"),
        ("build", "orders.csv", "--window-months", "many"),
        ("build", "orders.csv", "--nonsense"),
        ("nonsense",),
    ],
)
def test_a_slip_in_typing_shows_the_usage(
    arguments: tuple[str, ...], run: Callable[..., Ended], folder: Path
) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "Usage: " in ended.err
    assert names_in(folder) == {"orders.csv"}


# --- outputs that cannot be written -------------------------------------------------------------


@pytest.mark.parametrize(
    "output", ["orders.csv", "orders.csv/report", "/proc/report", "x" * 300, "/dev/null"]
)
def test_an_output_that_cannot_be_written_is_one_line(
    output: str, run: Callable[..., Ended], folder: Path
) -> None:
    ended = run("build", "orders.csv", "-o", output)
    assert (ended.code, ended.out) == (5, "")
    assert ended.message.startswith(f"{output}: ")
    assert "-o" in ended.message
    assert names_in(folder) == {"orders.csv"}


def test_a_failed_build_leaves_the_last_report_as_it_was(
    run: Callable[..., Ended], folder: Path
) -> None:
    assert run("build", "orders.csv", "-q").code == 0
    before = {name: (folder / name).read_bytes() for name in names_in(folder) if "." in name}
    write_csv(folder / "bad.csv", ONE_ORDER_EACH)
    assert run("build", "bad.csv").code == 4
    (folder / "bad.csv").unlink()
    assert {
        name: (folder / name).read_bytes() for name in names_in(folder) if "." in name
    } == before


# --- what it prints -----------------------------------------------------------------------------


def test_a_build_says_what_was_read_left_out_found_and_written(
    run: Callable[..., Ended], folder: Path
) -> None:
    write_csv(folder / "orders.csv", [*GOOD, ",o9999,2023-02-01,12.50"])
    ended = run("build", "orders.csv", "--currency", "GBP", "--shop", "Corner shop")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert re.fullmatch(
        rf"Read {len(GOOD) + 1} lines, analysed {len(GOOD)}: 40 customers, \d+ orders, £[\d,.]+ .*",
        lines[0],
    )
    assert lines[1] == "Left out: no customer 1."
    assert [line.split("  ")[1].strip() for line in lines[3:8]] == [
        "High-Value", "Loyal Customers", "Potential Loyalists", "At-Risk", "Lost",
    ]  # fmt: skip
    data, lists = (
        sum(name.startswith(kind) for name in HALF_A_YEAR_GIVES) for kind in ("data/", "audiences/")
    )
    assert lines[-1].startswith(
        f"Wrote report/: cuts.toml, manifest.json, report.html, {data} data files and {lists} "
        "audiences, in "
    )
    assert names_in(folder / "report") == HALF_A_YEAR_GIVES | {"data", "audiences"}


@pytest.mark.parametrize(("share", "holdout"), [("25%", 0.25), ("0.25", 0.25)])
def test_a_control_group_is_held_out_by_a_share_or_a_percentage(
    share: str, holdout: float, run: Callable[..., Ended], folder: Path
) -> None:
    arguments = ("build", "orders.csv", "--quiet", "--no-compare", "--holdout", share)
    assert run(*arguments) == Ended(0, "", "")
    manifest = json.loads((folder / "report/manifest.json").read_text(encoding="utf-8"))
    assert float(manifest["settings"]["audiences.holdout"]) == holdout
    lists = [p.read_text(encoding="utf-8") for p in (folder / "report/audiences").iterdir()]
    assert any("control" in text for text in lists)


@pytest.mark.parametrize("share", ["10", "110%", "-5%", "a tenth", "5%x", "nan", "%", ""])
def test_a_share_that_is_none_is_refused(
    share: str, run: Callable[..., Ended], folder: Path
) -> None:
    ended = run("build", "orders.csv", f"--holdout={share}")
    assert ended.code == 2
    assert "is not a share from 0 to below 1, such as 10% or 0.1" in ended.err
    assert not (folder / "report").exists()


def test_no_contact_is_printed(run: Callable[..., Ended], folder: Path) -> None:
    lines = [f"{line},mail-{line[:4]}@secret.example" for line in GOOD]
    write_csv(folder / "orders.csv", lines, f"{HEADING},Mail")
    for arguments in ("check", "check --json", "build --no-compare", "build --no-compare --json"):
        ended = run(*arguments.split(), "orders.csv", "--map", "email=Mail")
        assert (ended.code, ended.err) == (0, "")
        assert "secret" not in ended.out
    assert "secret" in (folder / "report/audiences/lost.csv").read_text(encoding="utf-8")


def test_quiet_prints_nothing(run: Callable[..., Ended], folder: Path) -> None:
    assert run("build", "orders.csv", "--quiet") == Ended(0, "", "")
    assert (folder / "report/report.html").is_file()


def test_json_is_all_that_stands_on_standard_output(run: Callable[..., Ended]) -> None:
    ended = run("build", "orders.csv", "--json", "--parquet", "-o", "out")
    assert (ended.code, ended.err) == (0, "")
    summary = json.loads(ended.out)
    assert summary["output"] == "out"
    assert "data/customers.parquet" in summary["files"]
    assert summary["lines"] == {"read": len(GOOD), "kept": len(GOOD)}
    assert summary["customers"] == 40
    assert sum(row["customers"] for row in summary["segments"]) == 40
    assert sum(row["revenue"] for row in summary["segments"]) == pytest.approx(summary["revenue"])
    assert summary["pdf_problem"] is None


def test_check_shows_the_mapping_and_the_bridge_and_writes_nothing(
    run: Callable[..., Ended], folder: Path
) -> None:
    write_csv(folder / "orders.csv", [*GOOD, ",o9999,2023-02-01,12.50"])
    ended = run("check", "orders.csv")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"^  customer +customer +c\d+ \| c\d+ \| c\d+$", ended.out, re.MULTILINE)
    assert re.search(rf"^Read from the source +{len(GOOD) + 1} ", ended.out, re.MULTILINE)
    assert re.search(r"^− No customer +1 +1 +12\.50$", ended.out, re.MULTILINE)
    assert names_in(folder) == {"orders.csv"}


def test_check_tells_in_json_what_would_be_read(run: Callable[..., Ended], folder: Path) -> None:
    write_csv(folder / "orders.csv", [*GOOD, ",o9999,2023-02-01,12.50"])
    found = json.loads(run("check", "orders.csv", "--json").out)
    assert found["columns"] == {name: name for name in HEADING.split(",")}
    assert len(found["examples"]["amount"]) == 3
    assert found["repeat"].startswith("rfmreport build orders.csv --map customer=customer --map ")
    audit = found["audit"]
    assert audit["read"]["lines"] == audit["kept"]["lines"] + audit["missing_customer"]["lines"]
    assert audit["missing_customer"] == {"lines": 1, "orders": 1, "amount": 12.5}
    assert names_in(folder) == {"orders.csv"}


def test_check_explains_a_file_of_which_nothing_is_left(
    run: Callable[..., Ended], folder: Path
) -> None:
    write_csv(folder / "bad.csv", ["c1,o1,2024-01-01,-3"])
    ended = run("check", "bad.csv")
    assert ended.code == 4
    assert "Price zero or negative" in ended.out
    assert json.loads(run("check", "bad.csv", "--json").out)["period"] == [None, None]


def test_schemes_are_listed_and_drawn(run: Callable[..., Ended]) -> None:
    listed = run("schemes")
    assert listed.code == 0
    names = [line.split()[0] for line in listed.out.splitlines()[:5]]
    assert names == [*scheme_names(), "clusters"]
    assert "k-means" in run("schemes", "clusters").out
    ten = run("schemes", "ten")
    assert (ten.code, ten.err) == (0, "")
    assert "R5  H   C   C   A   A" in ten.out
    assert "Champions" in ten.out


@pytest.mark.parametrize("command", ["build", "check", "schemes"])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_each_command_has_help(command: str, option: str, run: Callable[..., Ended]) -> None:
    ended = run(command, option)
    assert (ended.code, ended.err) == (0, "")
    assert f"Usage: rfmreport {command}" in ended.out


def test_help_names_the_commands_and_the_exit_codes(run: Callable[..., Ended]) -> None:
    shown = " ".join(run("--help").out.split())
    for words in ("build", "check", "schemes", "Exit codes: 0 done", "6 all written but the PDF"):
        assert words in shown


def test_the_version_is_that_of_the_package(run: Callable[..., Ended]) -> None:
    assert run("--version") == Ended(0, version("rfmreport") + "\n", "")
    assert rfmreport.__version__ == version("rfmreport")


# --- settings from a file -----------------------------------------------------------------------


def test_the_configuration_can_name_the_files_and_everything_else(
    run: Callable[..., Ended], folder: Path
) -> None:
    write_csv(folder / "export.csv", [line.replace(",", ";") for line in GOOD], "a;b;c;d")
    (folder / "rfmreport.toml").write_text(
        textwrap.dedent("""
            [source]
            paths = ["export.csv"]
            delimiter = ";"
            [columns]
            customer = "a"
            order = "b"
            date = "c"
            amount = "d"
            [scoring]
            scheme = "ten"
            [report]
            shop = "From the file"
        """),
        encoding="utf-8",
    )
    ended = run("build", "--config", "rfmreport.toml", "--json")
    summary = json.loads(ended.out)
    assert summary["lines"]["kept"] == len(GOOD)
    assert "Champions" in {row["segment"] for row in summary["segments"]}
    assert "From the file" in (folder / "report/report.html").read_text(encoding="utf-8")
    # what is typed wins
    summary = json.loads(run("build", "-c", "rfmreport.toml", "--scheme", "six", "--json").out)
    assert "Inactive" in {row["segment"] for row in summary["segments"]}


def test_the_decimal_mark_can_be_given(run: Callable[..., Ended], folder: Path) -> None:
    lines = [f"c{n};o{n}{d};2024-01-0{d};1.234,50" for n in range(6) for d in range(1, 3 + n % 2)]
    write_csv(folder / "orders.csv", lines, HEADING.replace(",", ";"))
    ended = run("build", "orders.csv", "--decimal", ",", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["revenue"] == pytest.approx(1234.5 * len(lines))


# --- as a process -------------------------------------------------------------------------------


def test_the_sample_becomes_a_report_with_a_pdf(sample_csv: Path, tmp_path: Path) -> None:
    ended = program("build", sample_csv, "--pdf", "--currency", "GBP", folder=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert "Read 179,825 lines, analysed 130,575: 1,414 customers, 5,856 orders" in ended.out
    assert (tmp_path / "report/report.pdf").read_bytes().startswith(b"%PDF-")
    assert names_in(tmp_path) == {"report", *(f"report/{n}" for n in names_in(tmp_path / "report"))}


@pytest.mark.parametrize("kind", ["no such file", "all excluded"])
def test_the_program_ends_a_bad_source_in_one_line(kind: str, folder: Path) -> None:
    make, code, message = BAD_SOURCES[kind]
    make(folder)
    before = names_in(folder)
    ended = program("build", "bad.csv", "--pdf", folder=folder)
    assert (ended.code, ended.out) == (code, "")
    assert message in ended.message
    assert names_in(folder) == before


@pytest.mark.parametrize(
    ("option", "what"),
    [("--pdf", "no PDF was made"), ("--email", "no PDF, and so no e-mail, was made")],
)
def test_without_pango_the_html_is_written_and_the_packages_are_named(
    folder: Path, option: str, what: str
) -> None:
    """A module of the same name stands in for WeasyPrint and fails as it does without Pango."""
    hidden = folder / "hidden"
    hidden.mkdir()
    (hidden / "weasyprint.py").write_text(
        'print("WeasyPrint could not import some external libraries.")\n'
        'raise OSError("cannot load library libpango-1.0-0")\n',
        encoding="utf-8",
    )
    config = folder / "rfmreport.toml"
    config.write_text(
        '[email]\nsender = "r@shop.example"\nmanagement = ["b@shop.example"]\n', encoding="utf-8"
    )
    arguments = ("build", "orders.csv", "-c", config.name, "--sections", "segments", option)
    ended = program(
        *arguments,
        folder=folder,
        PYTHONPATH=f"{hidden}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    )
    shutil.rmtree(hidden)
    assert ended.code == 6
    assert "WeasyPrint" not in ended.out
    message = ended.err.splitlines()[-1]
    assert message.startswith(f"rfmreport: {what}: the PDF needs Pango")
    assert "libpango-1.0-0" in message
    assert (folder / "report/report.html").is_file()
    assert not (folder / "report/report.pdf").exists()
    assert not (folder / "report/email").exists()
    manifest = json.loads((folder / "report/manifest.json").read_text(encoding="utf-8"))
    assert "report.pdf" not in {file["path"] for file in manifest["files"]}
    assert [line for line in ended.err.splitlines() if "Pango" in line] == [message]


def test_a_stopped_build_leaves_nothing_behind(folder: Path) -> None:
    """The signal comes once the folder that is written aside exists."""
    command = [sys.executable, "-m", "rfmreport", "build", "orders.csv", "--pdf"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 30
        while not list(folder.glob("report/.rfmreport/new")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    assert names_in(folder) == {"orders.csv"}
