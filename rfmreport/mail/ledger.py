"""The ledger of what was sent: one row per report, list and recipient.

It is an SQLite file. Each note is on the disk before the next thing happens, and while one run
holds the ledger, no other can send.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from rfmreport.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EntryState = Literal["pending", "sent", "refused", "unsent", "unknown"]
_APPLICATION_ID = 0x52464D31  # "RFM1": how SQLite files say whose they are
_VERSION = 1
_WAIT_SECONDS = 1.0
_SYNCHRONOUS = "FULL"  # a note outlives a power cut
_SCHEMA = (
    """CREATE TABLE delivery (
        report TEXT NOT NULL,
        list TEXT NOT NULL,
        recipient TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'refused', 'unsent', 'unknown')),
        message_id TEXT NOT NULL,
        reply TEXT NOT NULL,
        noted_at TEXT NOT NULL,
        PRIMARY KEY (report, list, recipient)
    ) WITHOUT ROWID""",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_VERSION}",
)
_REASONS = {
    "SQLITE_BUSY": "another run is sending with it; wait until that has ended",
    "SQLITE_LOCKED": "another run is sending with it; wait until that has ended",
    "SQLITE_READONLY": "it is write-protected",
    "SQLITE_CANTOPEN": "it cannot be opened; its folder must be there and be writable",
    "SQLITE_NOTADB": "it is no ledger but another file; name another one in email.ledger",
    "SQLITE_FULL": "the disk is full",
}


@dataclass(frozen=True, slots=True)
class Key:
    """What is sent once: a report's mail to one recipient of one list."""

    report_id: str
    list_name: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger says about a key.

    pending: the mail was being handed over, and nothing was heard since. sent: the server took it.
    refused and unsent: it was not delivered. unknown: the connection was lost in the handing over.
    """

    key: Key
    state: EntryState
    message_id: str
    reply: str
    noted_at: datetime


class Ledger:
    """An open ledger."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Take over a connection to a file whose table is there."""
        self._connection = connection
        self._path = path

    def entry(self, key: Key) -> Entry | None:
        """Return what is noted about a key."""
        with _one_line(self._path, "the sending ended there"):
            row = self._connection.execute(
                "SELECT state, message_id, reply, noted_at FROM delivery"
                " WHERE report = ? AND list = ? AND recipient = ?",
                (key.report_id, key.list_name, key.recipient),
            ).fetchone()
        if row is None:
            return None
        state, message_id, reply, noted_at = row
        return Entry(key, state, message_id, reply, datetime.fromisoformat(noted_at))

    def note(self, entry: Entry) -> None:
        """Write an entry in place of what was noted of its key; on the disk when this returns.

        Raises:
            OutputError: it could not be written; nothing more may be sent.
        """
        key = entry.key
        noted_at = entry.noted_at.astimezone(UTC).isoformat(timespec="seconds")
        values = (
            *(key.report_id, key.list_name, key.recipient),
            *(entry.state, entry.message_id, entry.reply, noted_at),
        )
        with _one_line(self._path, "the sending ended there"):
            self._connection.execute(
                "INSERT OR REPLACE INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?)", values
            )


@contextmanager
def hold_ledger(path: Path) -> Iterator[Ledger]:
    """Open the ledger for sending, made where there is none, and keep all others out meanwhile.

    Raises:
        OutputError: it cannot be read or written, or another run holds it.
    """
    with closing(_opened(path, "rwc")) as connection:
        with _one_line(path, "nothing was sent"):
            # In this mode the lock stays until the connection or the process ends.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS}")
            connection.execute("BEGIN EXCLUSIVE")
            if not _is_ledger(connection, path):
                for statement in _SCHEMA:
                    connection.execute(statement)
            # Shows here, and not after the first mail, whether it can be written.
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.execute("COMMIT")
        yield Ledger(connection, path)


@contextmanager
def read_ledger(path: Path) -> Iterator[Ledger]:
    """Open the ledger to look into it; where there is none, an empty one that is not kept.

    Raises:
        OutputError: it cannot be read, or a run that is sending holds it.
    """
    is_there = path.exists() and path.stat().st_size > 0
    with closing(_opened(path, "rw") if is_there else _in_memory()) as connection:
        with _one_line(path, "nothing was sent"):
            _is_ledger(connection, path)
        yield Ledger(connection, path)


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    with _one_line(path, "nothing was sent"):
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            timeout=_WAIT_SECONDS,
            isolation_level=None,  # each statement is its own transaction, unless BEGIN says more
            uri=True,
        )


def _in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in _SCHEMA:
        connection.execute(statement)
    return connection


def _is_ledger(connection: sqlite3.Connection, path: Path) -> bool:
    """Say whether the table is there; a file that is something else is refused."""
    application_id, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    is_empty = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    if is_empty and application_id == 0:
        return False
    if application_id != _APPLICATION_ID:
        message = _message(path, _REASONS["SQLITE_NOTADB"], "nothing was sent")
        raise OutputError(message)
    if version != _VERSION:
        reason = f"it is of version {version}, and this rfmreport knows version {_VERSION}"
        raise OutputError(_message(path, reason, "nothing was sent"))
    return True


@contextmanager
def _one_line(path: Path, consequence: str) -> Iterator[None]:
    """Turn what SQLite says into one line that a person understands."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        reason = next((text for key, text in _REASONS.items() if name.startswith(key)), str(error))
        raise OutputError(_message(path, reason, consequence)) from error


def _message(path: Path, reason: str, consequence: str) -> str:
    return f"{path}: the ledger of what was sent cannot be used: {reason}; {consequence}"
