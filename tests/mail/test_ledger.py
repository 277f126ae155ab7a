"""The ledger: notes that last, one run at a time, one clear line where it cannot be used."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rfmreport.errors import OutputError
from rfmreport.mail import ledger
from rfmreport.mail.ledger import Entry, Key, hold_ledger, read_ledger

if TYPE_CHECKING:
    from pathlib import Path

KEY = Key("2011-11-1a2b3c4d", "marketing", "anna@shop.example")
ENTRY = Entry(KEY, "pending", "<rfm.1@shop.example>", "", datetime(2011, 12, 1, 6, tzinfo=UTC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "the ledger, 100%?.sqlite"


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """Return the connections to SQLite that are made from now on."""
    made: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def connect_and_keep(*address: str, **how: object) -> sqlite3.Connection:
        made.append(connect(*address, **how))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", connect_and_keep)
    return made


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_WAIT_SECONDS", 0.05)


def test_a_note_takes_the_place_of_the_last_one(path: Path):
    sent = replace(ENTRY, state="sent", reply="250 Größe")
    with hold_ledger(path) as held:
        assert held.entry(KEY) is None
        held.note(ENTRY)
        assert held.entry(KEY) == ENTRY
        held.note(sent)
    with hold_ledger(path) as held:
        assert held.entry(KEY) == sent
    with read_ledger(path) as read:
        assert read.entry(KEY) == sent


@pytest.mark.parametrize("part", ["report_id", "list_name", "recipient"])
def test_each_part_of_the_key_counts(part: str, path: Path):
    with hold_ledger(path) as held:
        held.note(ENTRY)
        assert held.entry(replace(KEY, **{part: "other"})) is None


def test_a_note_is_on_the_disk_before_the_next_thing_happens(path: Path):
    """A process that ends without any cleaning up has noted what it said it had."""
    code = """
        import os, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from rfmreport.mail.ledger import Entry, Key, hold_ledger

        key = Key("2011-11-1a2b3c4d", "marketing", "anna@shop.example")
        moment = datetime(2011, 12, 1, 6, tzinfo=UTC)
        with hold_ledger(Path(sys.argv[1])) as held:
            held.note(Entry(key, "pending", "<rfm.1@shop.example>", "", moment))
            os._exit(9)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run(command, check=False, env=environment).returncode == 9
    with hold_ledger(path) as held:
        assert held.entry(KEY) == ENTRY


def test_notes_wait_for_the_disk(path: Path, connections: list[sqlite3.Connection]):
    with hold_ledger(path):
        assert connections[0].execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


@pytest.mark.parametrize("open_again", [hold_ledger, read_ledger])
def test_while_one_holds_it_nobody_else_can(open_again, path: Path):
    with hold_ledger(path), pytest.raises(OutputError) as raised, open_again(path):
        pass
    assert str(raised.value) == (
        f"{path}: the ledger of what was sent cannot be used: another run is sending with it; wait "
        "until that has ended; nothing was sent"
    )
    with open_again(path):
        pass


def test_looking_makes_no_file(path: Path):
    with read_ledger(path) as read:
        assert read.entry(KEY) is None
    assert not path.exists()


def test_an_empty_file_is_a_ledger_without_entries(path: Path):
    path.touch()
    with read_ledger(path) as read:
        assert read.entry(KEY) is None
    with hold_ledger(path) as held:
        held.note(ENTRY)


def other_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE orders (id)")
    connection.close()


def newer_ledger(path: Path) -> None:
    with hold_ledger(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()


CANNOT_BE_USED = {
    "text": (lambda path: path.write_text("hello" * 999), "it is no ledger but another file"),
    "another database": (other_database, "it is no ledger but another file"),
    "a newer one": (newer_ledger, "it is of version 2, and this rfmreport knows version 1"),
    "a folder": (lambda path: path.mkdir(), "it cannot be opened"),
}


@pytest.mark.parametrize("case", CANNOT_BE_USED)
@pytest.mark.parametrize("open_it", [hold_ledger, read_ledger])
def test_what_is_no_ledger_is_told_and_left_alone(case: str, open_it, path: Path):
    make, reason = CANNOT_BE_USED[case]
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(OutputError, match=reason) as raised, open_it(path):
        pass
    assert str(raised.value).endswith("nothing was sent")
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_folder_that_is_not_there_is_told(path: Path):
    with pytest.raises(OutputError, match="its folder must be there"), hold_ledger(path / "x"):
        pass


def read_only(address: str) -> str:
    path, _, _ = address.rpartition("?mode=")
    return f"{path}?mode=ro"


def test_a_ledger_that_is_write_protected_is_told_before_anything_is_sent(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    """SQLite is asked to open it for reading, as it does by itself with such a file."""
    with hold_ledger(path) as held:
        held.note(ENTRY)
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda address, **how: connect(read_only(address), **how)
    )
    reason = "it is write-protected; nothing was sent"
    with pytest.raises(OutputError, match=reason), hold_ledger(path):
        pass
    with read_ledger(path) as read:
        assert read.entry(KEY) == ENTRY


def test_a_note_that_cannot_be_written_is_told(path: Path, connections: list[sqlite3.Connection]):
    with hold_ledger(path) as held:
        connections[0].execute("PRAGMA query_only = ON")
        with pytest.raises(OutputError, match="write-protected; the sending ended there"):
            held.note(ENTRY)
