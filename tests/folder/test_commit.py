"""A report's folder: written whole or not at all, and nothing in it that is not the report's."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rfmreport.errors import OutputError
from rfmreport.folder.commit import protect_sources, read_whole, undisturbed, whole_or_nothing

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


def test_a_file_that_was_changed_since_is_not_taken_away(tmp_path: Path) -> None:
    """What is not as we wrote it is not ours to remove."""
    write_report(tmp_path / "a", html="old", pdf="old")
    (tmp_path / "a/pdf").write_text("mine now", encoding="utf-8")
    write_report(tmp_path / "a", html="new")
    assert dict(texts(tmp_path / "a"))["pdf"] == "mine now"


@pytest.mark.parametrize("mine", ["report.html", "html", "data/rows", "data", "manifest.json"])
@pytest.mark.parametrize("has_report", [False, True])
def test_a_file_that_no_report_lists_is_never_replaced(
    mine: str, has_report: bool, tmp_path: Path
) -> None:
    """Such as the user's own report.html and data/ in a project folder, with -o and a dot."""
    if has_report and mine != "manifest.json":
        write_report(tmp_path, other="old")
    (tmp_path / mine).parent.mkdir(exist_ok=True)
    (tmp_path / mine).write_text('{"version": 3}', encoding="utf-8")
    before = texts(tmp_path)
    with pytest.raises(OutputError, match=f"{mine}: is not of the last report") as refused:
        write_report(tmp_path, **{"html": "new", "report.html": "new", "data__rows": "new"})
    assert refused.value.exit_code == 5
    assert texts(tmp_path) == before


def test_what_the_last_report_lists_is_replaced_though_it_was_changed(tmp_path: Path) -> None:
    """A spreadsheet may have saved it; cuts.toml may be edited by hand."""
    write_report(tmp_path, html="old")
    (tmp_path / "html").write_text("changed", encoding="utf-8")
    write_report(tmp_path, html="new")
    assert texts(tmp_path)["html"] == "new"


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
    with pytest.raises(OutputError, match=f"{in_the_way}: is not of the last report"):
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
    listed = [{"path": p, "sha256": sha256(b"mine").hexdigest()} for p in paths]
    manifest = {"rfmreport": "0", "files": listed}
    (output / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_report(output, html="new")
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "text",
    ["", "not json", "[]", '{"files": []}', '{"rfmreport": "0", "files": [1]}', "\udcff"],
)
def test_a_manifest_that_is_not_ours_is_not_replaced(text: str, tmp_path: Path) -> None:
    output = tmp_path / "report"
    output.mkdir()
    (output / "manifest.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(OutputError, match=r"manifest.json: is not of the last report"):
        write_report(output, html="new")
    assert [path.name for path in output.iterdir()] == ["manifest.json"]


PEOPLE = {
    "data__customers.csv": "\ufeffcustomer_id,revenue\n1,2\n",
    "data__overdue.csv": "\ufeffsegment,customer_id\nA,1\n",
    "data__customers.parquet": "PAR1",
    "audiences__lost.csv": "\ufeffid\n",
    "email__management.eml": "From: a",
}


@pytest.mark.parametrize("private", [True, False])
def test_lists_of_customers_and_mails_are_read_by_their_owner_alone(
    private: bool, tmp_path: Path
) -> None:
    """A column of names makes it such a list; all else is as the user's other files are."""
    output, old_mask = tmp_path / "report", os.umask(0o022)
    try:
        with whole_or_nothing(output, private=private) as folder:
            assert folder.parent.stat().st_mode & 0o777 == 0o700
            for name in (*PEOPLE, "data__months.csv", "report.html"):
                path = folder / name.replace("__", "/")
                path.parent.mkdir(exist_ok=True)
                path.write_text(PEOPLE.get(name, "month,customer\n"), encoding="utf-8")
    finally:
        os.umask(old_mask)
    modes = {
        p.relative_to(output).as_posix().replace("/", "__"): p.stat().st_mode & 0o777
        for p in output.rglob("*")
        if p.is_file()
    }
    kept = 0o600 if private else 0o644
    assert modes == {**dict.fromkeys(PEOPLE, kept), "data__months.csv": 0o644, "report.html": 0o644}
    assert output.stat().st_mode & 0o777 == 0o755


def test_a_report_that_nobody_may_write_to_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(tmp_path, html="old")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr("os.mkdir", refuse)
    with undisturbed(tmp_path):
        assert read_whole(tmp_path, texts)["html"] == "old"


def test_while_mails_are_sent_no_build_begins(tmp_path: Path) -> None:
    write_report(tmp_path, html="old")
    with undisturbed(tmp_path):
        with pytest.raises(OutputError, match=f"process {os.getpid()} on .* is working in it"):
            write_report(tmp_path, html="new")
        assert read_whole(tmp_path, lambda folder: (folder / "html").read_text("utf-8")) == "old"
    write_report(tmp_path, html="new")
