"""The reference page: every option, setting, rule, exit code and file is on it, and it works."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import typing
from pathlib import Path

import pytest
import typer.main
from shops import PRODUCT_HEADING, build_files, made_up_lines, with_products, with_times, write_csv

from rfmreport.cli import app
from rfmreport.customers.segments import load_scheme, scheme_names
from rfmreport.errors import RfmReportError
from rfmreport.sections.advice.plays import PLACEHOLDERS, load_playbook
from rfmreport.settings import DepartmentSettings, Settings, load_settings
from rfmreport.source.columns.roles import ROLES
from rfmreport.source.verdicts import RULES

pytestmark = pytest.mark.needs_source

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
COMMANDS = typer.main.get_command(app).commands


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def part(page: str, heading: str) -> str:
    """Return what stands below a heading, up to the next one of its rank or above."""
    rank = heading.partition(" ")[0]
    _, found, below = page.partition(f"\n{heading}")
    assert found, f"no heading {heading!r}"
    # A comment in an example is no heading.
    blocks = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
    below = blocks.sub(lambda block: block[0].replace("\n#", "\n\0#"), below)
    return re.split(rf"\n#{{1,{len(rank)}}} ", below)[0].replace("\0", "")


def first_cells(text: str) -> set[str]:
    """Return all words in backticks of the first column of the tables."""
    cells = re.findall(r"^\|([^|]*)\|", text, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def code_blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def sections() -> dict[str, type]:
    hints = typing.get_type_hints(Settings)
    return {name: kind for name, kind in hints.items() if dataclasses.is_dataclass(kind)}


def options_of(command: str) -> set[str]:
    options = (p for p in COMMANDS[command].params if p.param_type_name == "option")
    return {name for option in options for name in (*option.opts, *option.secondary_opts)}


@pytest.mark.parametrize("command", ["build", "check", "init", "send", "run"])
def test_every_option_is_listed_with_the_commands_that_have_it(command: str, page: str) -> None:
    rows = part(page, "## Commands and options").splitlines()
    listed = {
        option
        for row in rows
        if row.startswith("| `-") and command in row.split("|")[2]
        for option in re.findall(r"`(-[^`]+)`", row.split("|")[1])
    }
    assert listed == options_of(command) - {"--help", "-h"}


def test_every_command_is_named(page: str) -> None:
    for command in COMMANDS:
        assert f"`rfmreport {command}" in page


@pytest.mark.parametrize("section", sections())
def test_every_setting_stands_in_the_table_of_its_section(section: str, page: str) -> None:
    names = {setting.name for setting in dataclasses.fields(sections()[section])}
    assert first_cells(part(page, f"### `[{section}]`")) == names


def test_every_setting_of_a_department_is_listed(page: str) -> None:
    names = {setting.name for setting in dataclasses.fields(DepartmentSettings)}
    assert first_cells(part(page, "### `[departments]`")) == names


def test_every_role_is_listed(page: str) -> None:
    assert first_cells(part(page, "### `[columns]`")) == set(ROLES)


def test_every_section_is_there(page: str) -> None:
    found = re.findall(r"^### `\[(\w+)\]`", page, re.MULTILINE)
    assert found == [field.name for field in dataclasses.fields(Settings)]


def test_the_example_says_the_defaults(page: str) -> None:
    example = code_blocks(part(page, "## The settings file"), "toml")[0]
    settings = load_settings(None, tomllib.loads(example))
    assert settings.source.paths == ("orders.csv",)
    source = dataclasses.replace(settings.source, paths=())
    assert dataclasses.replace(settings, source=source) == Settings()


def test_the_example_names_every_setting_even_those_without_a_default(page: str) -> None:
    example = code_blocks(part(page, "## The settings file"), "toml")[0]
    named = set(re.findall(r"^(?:# )?(\w+) =", example, re.MULTILINE))
    for section, kind in sections().items():
        for setting in dataclasses.fields(kind):
            assert setting.name in named or f"[{section}.{setting.name}]" in example


def test_every_example_of_settings_is_understood(page: str) -> None:
    for example in code_blocks(part(page, "## The settings file"), "toml"):
        load_settings(None, tomllib.loads(example))
        for other in ("as_of", "month"):  # one of them says where the report ends
            uncommented = re.sub(rf"^# (?!{other})(\w+ =)", r"\1", example, flags=re.MULTILINE)
            load_settings(None, tomllib.loads(uncommented))


def test_every_exclusion_rule_is_listed_in_its_order(page: str) -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| [^|]* \| ", part(page, "## Which lines are left out"), re.MULTILINE
    )
    assert rows == [*(rule.key for rule in RULES), "misfit"]


def test_every_exit_code_is_listed(page: str) -> None:
    codes = {error.exit_code for error in (RfmReportError, *RfmReportError.__subclasses__())}
    cells = re.findall(r"^\| ([\d, ]+) \|", part(page, "## Exit codes"), re.MULTILINE)
    listed = {int(code) for cell in cells for code in cell.split(",")}
    assert listed == codes | {0, 129, 130, 143}


def test_the_help_lists_the_same_exit_codes(page: str) -> None:
    cells = re.findall(r"^\| ([\d, ]+) \|", part(page, "## Exit codes"), re.MULTILINE)
    for code in (code.strip() for cell in cells for code in cell.split(",")):
        assert re.search(rf"\b{code}\b", app.info.epilog)


def test_every_file_that_is_written_is_listed(page: str, tmp_path: Path) -> None:
    lines = with_products(with_times(made_up_lines(400, days=500)))
    source = write_csv(tmp_path / "orders.csv", lines, PRODUCT_HEADING)
    decided = (
        '[[decision]]\nsegment = "Lost"\naction = "A mail"\nowner = "CRM"\nsince = 2024-01-01\n'
    )
    (tmp_path / "decisions.toml").write_text(decided, encoding="utf-8")
    settings = {"decisions": str(tmp_path / "decisions.toml")}
    settings |= {"cost_per_contact": 0.5, "margin": 0.4, "second_order_chance": 0.5}
    result = build_files(
        source, tmp_path / "report", pdf=True, parquet=True, xlsx=True, report=settings
    )
    assert set(result.files) == {
        name for name in first_cells(part(page, "## What is written")) if "." in name
    }


def test_every_file_of_departments_is_listed_and_every_file_named_is_written(
    page: str, tmp_path: Path
) -> None:
    lines = with_products(with_times(made_up_lines(400, days=500)))
    source = write_csv(tmp_path / "orders.csv", lines, PRODUCT_HEADING)
    result = build_files(source, tmp_path / "report", report={"departments": ["all"]})
    own_page = PAGE.with_name("departments.md").read_text(encoding="utf-8")
    own = first_cells(part(own_page, "## Data files"))
    departments = result.report.departments
    pages = {f"departments/{summary.key}.html" for summary in departments}
    assert len(pages) == 7
    of_the_report = first_cells(part(page, "## What is written"))
    assert set(result.files) - of_the_report == {*own, *pages} & set(result.files)
    assert pages <= set(result.files)
    named = {name for summary in departments for name in summary.files}
    assert named <= set(result.files)


def test_every_scheme_that_ships_is_named(page: str) -> None:
    for name in scheme_names():
        assert f"`{name}`" in part(page, "### `[scoring]`")


def test_the_scheme_and_the_playbook_of_ones_own_can_be_loaded(page: str, tmp_path: Path) -> None:
    scheme = tmp_path / "mine.toml"
    (text,) = code_blocks(part(page, "## A scheme of your own"), "toml")
    scheme.write_text(text, encoding="utf-8")
    loaded = load_scheme(str(scheme))
    assert [segment.name for segment in loaded.segments] == ["Better", "Worse"]
    playbook = tmp_path / "ours.toml"
    (text,) = code_blocks(part(page, "## A playbook of your own"), "toml")
    playbook.write_text(text + text.replace('"Better"', '"Worse"'), encoding="utf-8")
    assert set(load_playbook(str(playbook), loaded)) == {"Better", "Worse"}


def test_every_figure_of_a_playbook_is_listed(page: str) -> None:
    listed = re.findall(r"`\{(\w+)\}`", part(page, "## A playbook of your own"))
    assert listed == list(PLACEHOLDERS)


def test_links_within_the_page_lead_somewhere(page: str) -> None:
    anchors = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors
