"""The commit of a report's folder: killed, stopped or failing at any step, it is whole."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from shops import made_up_lines, write_csv

from rfmreport.errors import OutputError
from rfmreport.folder.commit import read_whole, settle, whole_or_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STEPS = ("rename", "replace", "unlink", "rmdir", "mkdir", "fsync")
"""All that the commit does to the disk, but for the two small files that it writes."""
OLD = {"report.html": "old", "only_old/rows": "old", "data/rows": "old", "pdf": "old"}
NEW = {"report.html": "new", "data/rows": "new", "data/more": "new", "lists/people": "new"}
MOST_STEPS = 64
MINE = {"notes": "mine", "data/mine": "mine", "only_old/mine": "mine"}
KILLED_BUILDS = int(os.environ.get("RFMREPORT_KILLED_BUILDS", "3"))
Report = dict[str, str]


@pytest.fixture(autouse=True)
def _disk_that_need_not_be_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


def manifest_of(report: Report) -> str:
    listed = [{"path": p, "sha256": sha256(t.encode()).hexdigest()} for p, t in report.items()]
    return json.dumps({"rfmreport": "0", "files": listed})


def write(output: Path, report: Report) -> None:
    with whole_or_nothing(output) as folder:
        for name, text in {**report, "manifest.json": manifest_of(report)}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")


def texts(folder: Path) -> Report:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in found}


def whole(report: Report) -> Report:
    return {**report, **MINE, "manifest.json": manifest_of(report)}


WHOLE = (whole(OLD), whole(NEW))


def begin(output: Path) -> None:
    """Put an old report and files of somebody else into a folder."""
    write(output, OLD)
    for name, text in MINE.items():
        (output / name).write_text(text, encoding="utf-8")


def at_step(number: int, act: Callable[[], None], *, after: bool) -> pytest.MonkeyPatch:
    """Let something happen before or after the step of that number, as it returns."""
    count = itertools.count(1)
    patch = pytest.MonkeyPatch()

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **named: Any) -> Any:
            is_it = next(count) == number
            if is_it and not after:
                act()
            try:
                return step(*arguments, **named)
            finally:
                if is_it and after:
                    act()

        return do

    for name in STEPS:
        patch.setattr(os, name, counted(getattr(os, name)))
    return patch


def in_a_child(work: Callable[[], None]) -> int:
    """Do something in a process of its own and return how it ended."""
    child = os.fork()
    if not child:
        with suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(output: Path, number: int, *, after: bool) -> bool:
    """Write the new report and be killed at a step; say whether there was such a step."""

    def work() -> None:
        at_step(number, lambda: os.kill(os.getpid(), signal.SIGKILL), after=after)
        write(output, NEW)

    ended = in_a_child(work)
    assert ended in {0, -signal.SIGKILL}
    return ended != 0


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_step_the_next_command_finds_a_whole_report(
    after: bool, tmp_path: Path
) -> None:
    """Whether the next one reads or builds."""
    seen = set()
    for number in itertools.count(1):
        output = tmp_path / str(number)
        begin(output)
        if not killed_at(output, number, after=after):
            break
        if number % 3:
            settle(output)
        else:
            write(output, OLD)
        assert texts(output) in WHOLE, number
        seen.add(texts(output)["report.html"])
        assert not (output / ".rfmreport").exists()
    assert number > 30
    assert seen == {"old", "new"}


def test_killed_while_it_recovers_it_recovers_again(tmp_path: Path) -> None:
    middle = 34  # some renames are done
    for number in itertools.count(1):
        output = tmp_path / str(number)
        begin(output)
        assert killed_at(output, middle, after=True)
        assert texts(output) not in WHOLE

        def recover(number: int = number, output: Path = output) -> None:
            at_step(number, lambda: os.kill(os.getpid(), signal.SIGKILL), after=True)
            settle(output)

        if not in_a_child(recover):
            break
        settle(output)
        assert texts(output) == WHOLE[1], number
    assert number > 10


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError])
def test_stopped_or_failing_at_any_step_it_is_whole_at_once(
    failure: type[BaseException], after: bool, tmp_path: Path
) -> None:
    """A signal comes as a call returns; a disk fails before it does something."""

    def stop() -> None:
        raise failure(28, "No space left on device") if failure is OSError else failure

    ends = set()
    for number in itertools.count(1):
        output = tmp_path / str(number)
        begin(output)
        patch = at_step(number, stop, after=after)
        try:
            write(output, NEW)
            ends.add("written")
        except (OutputError, KeyboardInterrupt) as error:
            ends.add(type(error).__name__)
        finally:
            patch.undo()
        files = texts(output)
        kept = {name: text for name, text in files.items() if not name.startswith(".rfmreport/")}
        assert kept in WHOLE, number
        settle(output)
        assert texts(output) == kept
        if "written" in ends and number > MOST_STEPS:
            break
    assert len(ends) == 2


def test_a_disk_that_fails_for_good_leaves_what_the_next_command_mends(tmp_path: Path) -> None:
    output = tmp_path / "report"
    begin(output)
    with pytest.MonkeyPatch.context() as patch:
        calls = itertools.count()
        rename = os.rename

        def failing(*arguments: Any) -> None:
            if next(calls) >= 3:
                raise PermissionError(13, "Permission denied", str(arguments[0]))
            rename(*arguments)

        patch.setattr(os, "rename", failing)
        with pytest.raises(OutputError, match=r"holds half a report \(Permission denied\)"):
            write(output, NEW)
        with pytest.raises(OutputError, match="cannot be finished"):
            settle(output)
    settle(output)
    assert texts(output) == WHOLE[0]


def test_new_files_that_are_lost_let_the_old_report_stay(tmp_path: Path) -> None:
    """As a disk may do that promised to have written them."""
    for middle in range(24, 34):
        output = tmp_path / str(middle)
        begin(output)
        killed_at(output, middle, after=True)
        if not (output / ".rfmreport/new/data/more").exists():
            continue
        (output / ".rfmreport/new/data/more").unlink()
        with suppress(OutputError):
            settle(output)
        settle(output)
        assert texts(output) == WHOLE[0], middle


def test_a_file_that_is_changed_or_made_meanwhile_is_kept(tmp_path: Path) -> None:
    """Between the death of a build and the next command somebody may be at work."""
    for middle in range(20, 60):
        output = tmp_path / str(middle)
        begin(output)
        killed_at(output, middle, after=True)
        (output / "report.html").write_text("mine", encoding="utf-8")
        with suppress(OutputError):
            settle(output)
        assert texts(output)["report.html"] == "mine"


def test_two_builders_at_once_give_the_report_of_one_and_readers_see_it_whole(
    tmp_path: Path,
) -> None:
    output = tmp_path / "report"
    begin(output)
    builders = []
    for report in (OLD, NEW):
        child = os.fork()
        if not child:
            try:
                deadline = time.monotonic() + 2
                while (now := time.monotonic()) < deadline:
                    with suppress(OutputError):  # the other is at it
                        write(output, {**report, "built": f"{now}"})  # as no two builds are alike
            finally:  # whatever happens, the child must not go on as the tests
                os._exit(0)
        builders.append(child)
    seen = []
    while any(os.waitpid(child, os.WNOHANG) == (0, 0) for child in builders[:1]):
        seen.append(read_whole(output, read_visible))
    os.waitpid(builders[1], 0)
    assert seen
    assert all(found in ({**OLD, **MINE}, {**NEW, **MINE}) for found in seen)
    assert texts(output).keys() - {"built"} in (WHOLE[0].keys(), WHOLE[1].keys())


def read_visible(output: Path) -> Report:
    """Return the files but those of which no two are alike."""
    found = texts_there(output)
    aside = (".rfmreport/", "built", "manifest.json")
    return {name: text for name, text in found.items() if not name.startswith(aside)}


def texts_there(folder: Path) -> Report:
    """Return what is there; files and folders that go meanwhile are not."""
    found = {}
    for parent, _, names in os.walk(folder):
        for path in (Path(parent) / name for name in names):
            with suppress(FileNotFoundError):
                found[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
    return found


def test_real_builds_killed_at_random_moments_leave_a_whole_report(tmp_path: Path) -> None:
    """`RFMREPORT_KILLED_BUILDS=50` tries so many."""
    sources = [
        write_csv(tmp_path / f"{seed}.csv", made_up_lines(40, days=200, seed=seed))
        for seed in (1, 2)
    ]
    report = tmp_path / "report"
    begun = time.monotonic()
    assert built(sources[0], report) == 0
    seconds = time.monotonic() - begun
    chance = random.Random(1)  # noqa: S311  no secret
    before = hashes_of(report)
    for number in range(KILLED_BUILDS):
        built(sources[number % 2], report, chance.uniform(0.3, 1.1) * seconds)
        settle(report)
        after = hashes_of(report)
        assert set(after) == set(before)
        assert not (report / ".rfmreport").exists()


def built(source: Path, report: Path, kill_after: float | None = None) -> int:
    command = [sys.executable, "-m", "rfmreport", "build", str(source), "-o", str(report), "-q"]
    command += ["--no-compare", "--sections", "summary"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            return process.wait(kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def hashes_of(report: Path) -> Mapping[str, str]:
    """Return the hashes of a report's files; they are those that its manifest says."""
    manifest = json.loads((report / "manifest.json").read_text(encoding="utf-8"))
    listed = {file["path"]: file["sha256"] for file in manifest["files"]}
    there = {
        path.relative_to(report).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in report.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert there == listed
    return there
