"""The layers of the program: who may import whom, where heavy libraries live, who may print."""

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

# From the lowest to the highest. A module imports only from rows above its own; a package stands
# for all its modules. Vocabulary, renderers and models may also use their neighbours.
LAYERS = (
    (
        "errors",
        "settings",
        "columns",
        "resources",
        "formats",
        "report",
        "toml_files",
        "calendar_months",
        "formula_safety",
        "intervals",
        "doubt",
        "mail_addresses",
        "deliveries",
        "recipients",
        "audience_files",
        "stopwatch",
        "many_tests",
        "foretelling",
    ),
    (
        *("results", "text_files", "engine_formats", "workbooks"),
        *("lifetime", "kmeans", "cluster_names"),
    ),
    ("csv_files",),
    ("reading",),
    ("cleaning",),
    ("customers", "choices"),
    ("scoring",),
    ("segments",),
    ("clusters", "sold"),
    ("history", "following", "histories", "foretold"),
    ("decisions",),
    ("analyses",),
    ("playbook", "method", "saved_cuts", "look_ahead"),
    ("cuts_file", "report_folder", "ledger", "mail_files", "passwords"),
    ("summary", "department_checks"),
    ("insights", "comparison", "ruler", "department_findings"),
    (
        *("look_back", "loyalty", "sells", "audiences"),
        *("department_strip", "department_figures"),
    ),
    ("department_summaries",),
    ("assembly",),
    ("render", "exports", "department_exports", "sending"),
    ("data_files", "first_settings", "pages"),
    ("pipeline",),
    ("monthly",),
    ("cli",),
    ("__main__",),
)
VOCABULARY = LAYERS[0]
STAGES = (
    *(
        "results",
        "text_files",
        "workbooks",
        "reading",
        "cleaning",
        "customers",
        "scoring",
        "segments",
    ),
    "clusters",
    *("choices", "history", "ruler", "look_back", "loyalty", "analyses", "pipeline"),
    *("following", "histories", "look_ahead", "sold", "sells", "assembly", "data_files"),
    *("audiences", "engine_formats", "department_figures"),
)
RANKS = {unit: rank for rank, layer in enumerate(LAYERS) for unit in layer}

# Modules, or packages for all their modules, that may import each heavy library.
HOMES = {
    "altair": ("render.charts",),
    "duckdb": (*STAGES, "csv_files"),
    "ibis": (*STAGES, "csv_files", "exports", "department_exports"),
    "jinja2": ("render.html", "render.mail"),
    "scipy": ("lifetime.numerics",),
    "sklearn": ("kmeans",),
    "keyring": ("passwords",),
    "smtplib": ("sending.connection",),
    "socket": ("sending.connection",),
    "sqlite3": ("ledger",),
    "ssl": ("sending.connection", "sending.server"),
    "vl_convert": ("render.charts",),
    "weasyprint": ("render.pdf",),
}
SLOW_TO_IMPORT = (
    *(
        "altair",
        "duckdb",
        "ibis",
        "jinja2",
        "pandas",
        "scipy",
        "sklearn",
        "vl_convert",
        "weasyprint",
    ),
)
ENDS_OR_PRINTS = {
    *("print", "exit", "quit", "SystemExit", "sys.exit", "os._exit"),
    *("sys.stdout.write", "sys.stderr.write"),
    *("typer.echo", "typer.secho", "typer.Exit", "typer.Abort"),
}


class Import(NamedTuple):
    """One imported module, by its full name, and the module that imports it."""

    importer: str
    imported: str


def source_modules() -> dict[str, ast.Module]:
    """Return the syntax trees of the package, by module name without `rfmreport.`."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(
            path.read_text(encoding="utf-8")
        )
        for path in sorted(PACKAGE.rglob("*.py"))
    }


MODULES = source_modules()


def imports_of(importer: str, tree: ast.Module) -> Iterator[Import]:
    """Yield every import, also those inside functions and for type checking only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(importer, name.name)
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                # `from rfmreport import scoring` and `from rfmreport.scoring import cuts`
                is_module = node.module == "rfmreport" or is_own_package(node.module)
                yield Import(importer, f"{node.module}.{name.name}" if is_module else node.module)


def is_own_package(module: str | None) -> bool:
    """Say whether a full module name is a folder of ours, such as `rfmreport.analyses`."""
    top, _, rest = (module or "").partition(".")
    return top == "rfmreport" and (PACKAGE / rest.replace(".", "/")).is_dir()


def own_imports() -> Iterator[Import]:
    """Yield the imports of one module of the package by another, without `rfmreport.`."""
    for importer, tree in MODULES.items():
        for found in imports_of(importer, tree):
            top, _, rest = found.imported.partition(".")
            if top == "rfmreport":
                yield Import(importer, rest)


def unit_of(module: str) -> str:
    """Return the name that stands in LAYERS: `analyses` for `analyses.segment_table`."""
    return module.partition(".")[0]


def is_allowed(found: Import) -> bool:
    """Say whether an import goes down, or stays among vocabulary or renderers."""
    importer, imported = unit_of(found.importer), unit_of(found.imported)
    if importer == "__init__":
        return True
    # What `__init__` makes public comes from the top.
    if imported not in RANKS:
        return importer == "__main__"
    if importer == imported:
        return importer in {"render", "report", "lifetime", "sending"}
    if {importer, imported} <= set(VOCABULARY):
        return True
    return RANKS[imported] < RANKS[importer]


def dotted_name(node: ast.expr) -> str:
    """Return `sys.stdout.write` for that expression; nothing for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return ""


def test_every_module_has_a_layer() -> None:
    assert {unit_of(module) for module in MODULES} - {"__init__"} <= set(RANKS)


def test_imports_go_down_the_layers_and_never_sideways() -> None:
    assert [found for found in own_imports() if not is_allowed(found)] == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("errors", "cli"),
        ("reading", "cleaning"),
        ("analyses.months", "analyses.segments"),
        ("render.html", "exports"),
        ("insights", "pipeline"),
        ("scoring", "build_report"),
    ],
)
def test_an_import_up_or_sideways_is_found(importer: str, imported: str) -> None:
    assert not is_allowed(Import(importer, imported))


@pytest.mark.parametrize("library", HOMES)
def test_a_heavy_library_stays_in_its_home(library: str) -> None:
    strangers = {
        importer
        for importer, tree in MODULES.items()
        for found in imports_of(importer, tree)
        if found.imported.partition(".")[0] == library
        and importer not in HOMES[library]
        and unit_of(importer) not in HOMES[library]
    }
    assert strangers == set()


def test_only_the_command_line_prints_or_exits() -> None:
    offences = {
        f"{module}:{node.lineno} {dotted_name(node)}"
        for module, tree in MODULES.items()
        if module not in {"cli", "__main__"}
        for node in ast.walk(tree)
        if isinstance(node, (ast.Name, ast.Attribute)) and dotted_name(node) in ENDS_OR_PRINTS
        # A worker whose parent was killed ends itself; it has nobody to return to.
        if (module, dotted_name(node)) != ("render.workers", "os._exit")
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
