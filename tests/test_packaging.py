"""What ships: the wheel and the source archive, and what must not stand in any file."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from rfmreport.errors import RfmReportError
from rfmreport.settings.resources import resource_dir

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("rfmreport", "templates", "sample_data")

# An option or file that names a package index, or the address of one. Written so that this
# file does not match itself.
INDEX_ADDRESS = re.compile(
    r"index[-_]url|find-links|pip_find_links|registry\s*=\s*[\"']?http|"
    r"https?://[^\s\"'<>]*(?:/simple\b|[./]pypi\.|//pypi\.|pythonhosted\.|registry\.)",
    re.IGNORECASE,
)
# An absolute path in somebody's home or working folder.
MACHINE_PATH = re.compile(r"(?<![\w.~$}>/-])/(?:root|work|tmp|home/\w+|Users/\w+)/")


@pytest.fixture(scope="session")
def dist_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source archive and, from it, the wheel."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def wheel_from_sdist(dist_dir: Path) -> Path:
    """Return the wheel that was built from the source archive."""
    return next(dist_dir.glob("*.whl"))


@pytest.fixture(scope="session")
def wheel_from_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel straight from the source tree."""
    return next(build(tmp_path_factory.mktemp("wheel"), "--wheel").glob("*.whl"))


def build(out_dir: Path, *options: str) -> Path:
    """Build with the installed Hatchling, so that no network is needed."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out_dir)]
    subprocess.run([*command, *options, str(ROOT)], check=True, capture_output=True)
    return out_dir


def repository_files() -> list[Path]:
    """Return the files that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts_matching(pattern: re.Pattern[str]) -> list[str]:
    """Return "file:line: text" wherever the pattern stands in a text file of the repository."""
    found = []
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        lines = content.decode("utf-8", errors="replace").splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
            for number, line in enumerate(lines, start=1)
            if pattern.search(line)
        ]
    return found


def contents(wheel: Path) -> dict[str, int]:
    """Return the checksum of every file in a wheel, by name, without the list that names them."""
    with zipfile.ZipFile(wheel) as archive:
        return {i.filename: i.CRC for i in archive.infolist() if not i.filename.endswith("RECORD")}


@pytest.mark.needs_source
def test_wheel_holds_all_files_of_the_program(wheel_from_tree: Path) -> None:
    expected = set()
    for path in repository_files():
        top, *rest = path.relative_to(ROOT).parts
        if top in SHIPPED and rest:
            expected.add("/".join(["rfmreport", *([] if top == "rfmreport" else [top]), *rest]))
    shipped = {name for name in contents(wheel_from_tree) if ".dist-info/" not in name}
    assert shipped == expected


@pytest.mark.needs_source
def test_wheel_from_source_archive_is_the_same(
    wheel_from_tree: Path, wheel_from_sdist: Path
) -> None:
    assert contents(wheel_from_sdist) == contents(wheel_from_tree)


@pytest.mark.needs_source
def test_licences_ship(wheel_from_tree: Path) -> None:
    licences = {name for name in contents(wheel_from_tree) if ".dist-info/licenses/" in name}
    assert {Path(name).name for name in licences} == {"LICENSE", "OFL.txt"}


@pytest.mark.needs_source
def test_version_stands_in_one_place() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    in_source = [
        path.name
        for path in repository_files()
        if path.is_relative_to(ROOT / "rfmreport")
        and f'"{version}"' in path.read_text(encoding="utf-8")
    ]
    assert in_source == []


@pytest.mark.needs_source
def test_constraints_pin_every_dependency_exactly() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []
    pinned = {normalised(pin) for pin in pins}
    assert {normalised(requirement) for group in groups for requirement in group} <= pinned


def normalised(requirement: str) -> str:
    """Return the name in `python-calamine>=0.4` as package names are compared."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


@pytest.mark.needs_source
def test_no_file_names_a_package_index() -> None:
    here = f"{Path(__file__).relative_to(ROOT)}:"
    assert [text for text in texts_matching(INDEX_ADDRESS) if not text.startswith(here)] == []


@pytest.mark.needs_source
def test_no_file_names_a_folder_of_this_machine() -> None:
    this_folder = re.compile(re.escape(f"{ROOT}/"))
    assert texts_matching(MACHINE_PATH) + texts_matching(this_folder) == []


@pytest.mark.parametrize(
    ("folder", "file"),
    [
        ("templates", "fonts/Inter-Regular.ttf"),
        ("templates", "fonts/Inter-Bold-latin.woff2"),
        ("sample_data", "online_retail_sample.csv.gz"),
    ],
)
def test_shipped_folders_are_found(folder: str, file: str) -> None:
    assert (resource_dir(folder) / file).is_file()


def test_a_missing_folder_is_named() -> None:
    with pytest.raises(RfmReportError, match="'nosuch' that ships with rfmreport is missing"):
        resource_dir("nosuch")


def test_what_is_imported_is_declared() -> None:
    """Those who do not develop have only what `dependencies` names, and what that brings."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.split(r"[^\w-]", one)[0] for one in declared["dependencies"]}
    brought = {"PIL", "fontTools", "markupsafe", "narwhals", "pyarrow", "rich"}
    of_extras = {"keyring", "psycopg", "pymysql", "sklearn"}
    called = {
        "css_inline": "css-inline",
        "ibis": "ibis-framework",
        "vl_convert": "vl-convert-python",
        "python_calamine": "python-calamine",
    }
    imported: set[str] = set()
    for path in (ROOT / "rfmreport").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    others = imported - set(sys.stdlib_module_names) - {"rfmreport"} - brought - of_extras
    assert {called.get(name, name) for name in others} <= named
