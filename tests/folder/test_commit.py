"""A report's folder: written whole or not at all, and nothing in it that is not the report's."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rfmreport.errors import OutputError
from rfmreport.folder.commit import protect_sources, whole_or_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_report(output: Path, **files: str) -> None:
    """Write files (`__` stands for a slash) and a manifest that lists them."""
    with whole_or_nothing(output) as folder:
        for name, text in files.items():
            path = folder / name.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        listed = [
            {"path": name.replace("__", "/"), "sha256": sha256(text.encode()).hexdigest()}
            for name, text in files.items()
        ]
        manifest = {"rfmreport": "0", "files": listed}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_a_changed_file_or_a_foreign_manifest_takes_nothing_away(tmp_path: Path) -> None:
    """What is not as we wrote it is not ours to remove."""
    write_report(tmp_path / "a", html="old", pdf="old")
    (tmp_path / "a/pdf").write_text("mine now", encoding="utf-8")
    write_report(tmp_path / "a", html="new")
    assert dict(texts(tmp_path / "a"))["pdf"] == "mine now"
    (tmp_path / "b").mkdir()
    (tmp_path / "b/mine").write_text("mine", encoding="utf-8")
    foreign = {"files": [{"path": "mine", "sha256": sha256(b"mine").hexdigest()}]}
    (tmp_path / "b/manifest.json").write_text(json.dumps(foreign), encoding="utf-8")
    write_report(tmp_path / "b", html="new")
    assert dict(texts(tmp_path / "b"))["mine"] == "mine"


def test_a_source_is_never_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "data/customers.csv"
    source.parent.mkdir()
    source.write_text("mine", encoding="utf-8")
    folder = tmp_path / "new"
    (folder / "data").mkdir(parents=True)
    (folder / "data/customers.csv").write_text("ours", encoding="utf-8")
    protect_sources(tmp_path / "elsewhere", folder, [source])
    with pytest.raises(OutputError, match="would be overwritten"):
        protect_sources(tmp_path, folder, [source])
    assert source.read_text(encoding="utf-8") == "mine"


def write_half_a_report(output: Path, failure: BaseException) -> None:
    with whole_or_nothing(output) as folder:
        (folder / "html").write_text("new", encoding="utf-8")
        raise failure


def texts(folder: Path) -> Mapping[str, str]:
    """Return every file below the folder with its text, hidden ones too."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in found}


def test_the_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    write_report(tmp_path / "a/b/report", html="x", data__rows="y")
    found = dict(texts(tmp_path / "a/b/report"))
    assert json.loads(found.pop("manifest.json"))
    assert found == {"html": "x", "data/rows": "y"}
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_report_replaces_the_last_one_and_leaves_foreign_files(tmp_path: Path) -> None:
    output = tmp_path / "report"
    write_report(output, html="old", pdf="old", data__rows="old", departments__crm="old")
    (output / "notes.txt").write_text("mine", encoding="utf-8")
    (output / "data/mine").write_text("mine", encoding="utf-8")
    write_report(output, html="new", data__rows="new")
    found = dict(texts(output))
    assert json.loads(found.pop("manifest.json"))
    assert found == {"html": "new", "data/rows": "new", "data/mine": "mine", "notes.txt": "mine"}
    assert not (output / "departments").exists()


def test_a_failure_before_the_end_leaves_the_old_report(tmp_path: Path) -> None:
    write_report(tmp_path / "report", html="old")
    before = texts(tmp_path)
    with pytest.raises(ZeroDivisionError):
        write_half_a_report(tmp_path / "report", ZeroDivisionError())
    assert texts(tmp_path) == before


def test_a_failure_leaves_no_folder_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_half_a_report(tmp_path / "a/report", KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failure", [OSError("disk gone"), KeyboardInterrupt()])
@pytest.mark.parametrize("moves", range(1, 7))
def test_a_failure_while_the_files_are_moved_restores_the_old_report(
    moves: int, failure: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three files give way and four come: whichever move fails, all is as it was."""
    write_report(tmp_path / "report", html="old", pdf="old")
    before = texts(tmp_path)
    move = Path.replace
    done = 0

    def failing(self: Path, target: Path) -> Path:
        nonlocal done
        done += 1
        if done == moves:
            raise failure
        return move(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    expected = OutputError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_report(tmp_path / "report", html="new", data__rows="new", more="new")
    assert texts(tmp_path) == before
    assert not (tmp_path / "report/data").exists()


@pytest.mark.parametrize("in_the_way", ["html", "data"])
def test_a_thing_of_another_kind_in_the_way_stops_the_build(
    in_the_way: str, tmp_path: Path
) -> None:
    output = tmp_path / "report"
    output.mkdir()
    if in_the_way == "html":
        (output / "html").mkdir()
    else:
        (output / "data").write_text("mine", encoding="utf-8")
    before = sorted(output.rglob("*"))
    with pytest.raises(OutputError, match=r"cannot be written .*; nothing was changed"):
        write_report(output, a="new", html="new", data__rows="new")
    assert sorted(output.rglob("*")) == before


def test_an_output_that_is_a_file_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="is a file, expected a folder"):
        write_report(tmp_path / "orders.csv", html="new")
    with pytest.raises(OutputError, match="cannot be written"):
        write_report(tmp_path / "orders.csv/report", html="new")
    assert texts(tmp_path) == {"orders.csv": "mine"}


@pytest.mark.parametrize("name", ["/proc/report", "x" * 300, "loop/report"])
def test_an_output_that_cannot_be_made_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputError, match="cannot be written"):
        write_report(Path(name), html="new")
    assert [path.name for path in tmp_path.iterdir()] == ["loop"]


def test_an_output_may_be_a_link_to_a_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write_report(tmp_path / "link", html="new")
    assert (tmp_path / "real/html").read_text(encoding="utf-8") == "new"
    assert (tmp_path / "link").is_symlink()


def test_a_manifest_cannot_name_files_outside_its_folder_to_be_removed(tmp_path: Path) -> None:
    output = tmp_path / "report"
    output.mkdir()
    (tmp_path / "precious").write_text("mine", encoding="utf-8")
    paths = ["../precious", str(tmp_path / "precious")]
    manifest = {"files": [{"path": path} for path in paths]}
    (output / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_report(output, html="new")
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"files": 3}', '{"files": [1]}', "\udcff"])
def test_a_manifest_that_cannot_be_read_stops_nothing(text: str, tmp_path: Path) -> None:
    output = tmp_path / "report"
    output.mkdir()
    (output / "manifest.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    write_report(output, html="new")
    assert (output / "html").read_text(encoding="utf-8") == "new"
