"""The house: rooms stand on rooms below them, heavy libraries have one home, one module prints."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import rfmreport

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(rfmreport.__file__).parent

# The floors, from the ground up. A folder stands for all in it; of a topic's modules, its facts
# (`figures`) lie lowest, then what asks the engine (`measure` and what is named by its subject),
# then what is said and drawn (PAGES). Rooms of one floor do not know one another.
FLOORS = (
    {"errors", "formats", "vocabulary", "settings", "stopping", "stopwatch"},
    {"engine", "kit"},
    {"source", "models"},
    {"customers"},
    {"sections:figures"},
    {"shop"},
    {"sections:measure"},
    {"report"},
    {"sections"},
    {"departments"},
    {"pages"},
    {"mail", "folder"},
    {"pipeline", "cli", "library", "assembly", "look_back"},
)
PAGES = {
    *("page", "charts", "tables", "departments", "insights", "summary", "claims"),
    *("bridges", "checks", "recommendations"),
}
"""How modules of a topic are called that say and draw."""
GROUND = FLOORS[0] | FLOORS[-1]
"""Whose modules may know their neighbours: the words of all, and the way from top to bottom."""

REGISTRY = ("sections.registry", "sections")
"""The one list of sections stands above all topics."""

HOMES = {
    "altair": ("kit",),
    "duckdb": ("engine",),
    "ibis": ("source",),
    "jinja2": ("pages", "mail"),
    "keyring": ("mail",),
    "scipy": ("models",),
    "sklearn": ("customers",),
    "smtplib": ("mail",),
    "socket": ("mail", "folder"),
    "psycopg": ("source",),
    "pymysql": ("source",),
    "sqlite3": ("mail", "source"),
    "ssl": ("mail",),
    "vl_convert": ("kit",),
    "weasyprint": ("pages",),
    "xlsxwriter": ("folder",),
}
SLOW_TO_IMPORT = {
    *("altair", "duckdb", "ibis", "jinja2", "pandas", "scipy", "sklearn", "vl_convert"),
    *("psycopg", "pymysql", "weasyprint", "xlsxwriter"),
}
ENDS_OR_PRINTS = {
    *("print", "exit", "quit", "SystemExit", "sys.exit", "os._exit"),
    *("sys.stdout.write", "sys.stderr.write"),
    *("typer.echo", "typer.secho", "typer.Exit", "typer.Abort"),
}


class Import(NamedTuple):
    """One imported module, by its full name, and the module that imports it."""

    importer: str
    imported: str


def module_name(path: Path) -> str:
    """Return `sections.when.page` for that file, `sections` for a folder's `__init__.py`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_name(path): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}


def imports_of(importer: str) -> Iterator[Import]:
    """Yield every import of a module, also those inside functions and for type checking only."""
    for node in ast.walk(MODULES[importer]):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(importer, name.name)
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                # `from rfmreport.pages import html` and `from rfmreport.pages.html import Page`
                inner = f"{node.module}.{name.name}"
                is_module = inner.removeprefix("rfmreport.") in MODULES
                yield Import(importer, inner if is_module else node.module or "")


def own_imports() -> Iterator[Import]:
    """Yield the imports of one module of the package by another, without `rfmreport.`."""
    for importer in MODULES:
        for found in imports_of(importer):
            top, _, rest = found.imported.partition(".")
            if top == "rfmreport" and rest:
                yield Import(importer, rest)


def room_of(module: str) -> str:
    """Return the name that stands on a floor: `sections:figures` for `sections.when.figures`."""
    parts = module.split(".")
    if parts[0] != "sections" or len(parts) < 3:
        return parts[0]
    role = parts[2].rpartition("_")[2]
    if role in PAGES:
        return "sections"
    return "sections:figures" if role == "figures" else "sections:measure"


def floor_of(module: str) -> int:
    """Return the floor of a module, counted from the ground."""
    return next(level for level, rooms in enumerate(FLOORS) if room_of(module) in rooms)


def is_allowed(found: Import) -> bool:
    """Say whether an import goes down, or stays within a folder (of topics, within the topic)."""
    importer, imported = found
    if importer in {"", "__main__"} or (importer, imported.split(".")[0]) == REGISTRY:
        return True
    if importer.startswith("sections.") and imported.startswith("sections."):
        same_topic = importer.split(".")[1] == imported.split(".")[1]
        return floor_of(imported) <= floor_of(importer) if same_topic else is_fact(imported)
    here, there = importer.split(".")[0], imported.split(".")[0]
    if here == there or {here, there} <= GROUND:
        return floor_of(imported) <= floor_of(importer)
    return floor_of(imported) < floor_of(importer)


def is_fact(module: str) -> bool:
    """Say whether a module of a topic holds its facts, which other topics may tell too."""
    return room_of(module) == "sections:figures"


def dotted_name(node: ast.expr) -> str:
    """Return `sys.stdout.write` for that expression; nothing for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return ""


def test_every_room_stands_on_a_floor() -> None:
    rooms = {room_of(module) for module in MODULES} - {"", "__main__"}
    assert rooms <= set().union(*FLOORS)


def test_imports_go_down_and_topics_share_facts_only() -> None:
    assert sorted({found for found in own_imports() if not is_allowed(found)}) == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("errors", "cli"),
        ("kit.tables", "report"),
        ("sections.when.page", "sections.map.page"),
        ("sections.when.figures", "sections.when.measure"),
        ("sections.when.measure", "sections.when.page"),
        ("pages.html", "folder.commit"),
        ("customers.scoring", "sections.method.figures"),
    ],
)
def test_an_import_up_or_sideways_is_found(importer: str, imported: str) -> None:
    assert not is_allowed(Import(importer, imported))


@pytest.mark.parametrize("library", HOMES)
def test_a_heavy_library_stays_in_its_home(library: str) -> None:
    strangers = {
        found.importer
        for importer in MODULES
        for found in imports_of(importer)
        if found.imported.partition(".")[0] == library
        and not {importer, importer.partition(".")[0]} & set(HOMES[library])
    }
    assert strangers == set()


def test_only_the_command_line_prints_or_exits() -> None:
    offences = {
        f"{module}:{node.lineno} {dotted_name(node)}"
        for module, tree in MODULES.items()
        if module.partition(".")[0] not in {"cli", "__main__"}
        for node in ast.walk(tree)
        if isinstance(node, (ast.Name, ast.Attribute)) and dotted_name(node) in ENDS_OR_PRINTS
        # A worker whose parent was killed ends itself; a signal ends what runs from wherever it is.
        if (module, dotted_name(node))
        not in {("pages.workers", "os._exit"), ("stopping", "SystemExit")}
    }
    assert offences == set()


def test_every_module_opens_with_a_sentence_that_says_what_it_owns() -> None:
    assert [module for module, tree in MODULES.items() if not ast.get_docstring(tree)] == []


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = "import sys, rfmreport.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert set(SLOW_TO_IMPORT) & set(loaded) == set()
