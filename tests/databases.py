"""Servers of the test's own, PostgreSQL and MariaDB: in a folder of their own, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_POSTGRES = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Server:
    """A server that runs: called with SQL, it does that as its owner and returns what it prints.

    `shop` may log in with the password that the test gives it; the database is called shop too.
    """

    ask: Callable[[str], str]
    scheme: str
    port: int

    def __call__(self, sql: str) -> str:
        return self.ask(sql)

    def url(self, password: str | None = None, user: str = "shop") -> str:
        """Return the address of the database, by loopback."""
        login = user if password is None else f"{user}:{password}"
        return f"{self.scheme}://{login}@127.0.0.1:{self.port}/shop"


@contextmanager
def postgres() -> Iterator[Server]:
    """Start PostgreSQL; SQL returns its rows as CSV with a heading.

    Without it the test is skipped, in CI it fails.
    """
    found = sorted(_POSTGRES.glob("*/bin/initdb"))
    programs = found[-1].parent if found else _not_installed("postgresql")
    with _folder_of("postgres") as (folder, run):
        port, data, own = _free_port(), str(folder / "data"), ("-h", str(folder), "-U", "test")

        def ask(sql: str, database: str = "shop") -> str:
            how = ("-d", database, "-q", "--csv", "-v", "ON_ERROR_STOP=1")
            return run(programs / "psql", *own, "-p", str(port), *how, text=sql)

        run(programs / "initdb", "-D", data, "-U", "test", "--auth-local=trust",
            "--auth-host=scram-sha-256", "-E", "UTF8", "--no-sync")  # fmt: skip
        options = (
            f"-c listen_addresses=127.0.0.1 -c unix_socket_directories='{folder}' -c fsync=off"
        )
        run(programs / "pg_ctl", "start", "-D", data, "-w", "-l", str(folder / "log"),
            "-o", f"{options} -c port={port}")  # fmt: skip
        try:
            ask("CREATE DATABASE shop", "postgres")
            yield Server(ask, "postgresql", port)
        finally:
            run(programs / "pg_ctl", "stop", "-D", data, "-m", "immediate")


@contextmanager
def mariadb() -> Iterator[Server]:
    """Start MariaDB; without it the test is skipped, in CI it fails."""
    program = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
    program = program or str(_not_installed("mariadb-server"))
    with _folder_of("mysql") as (folder, run):
        port, data, door = _free_port(), f"--datadir={folder}/data", f"--socket={folder}/door"

        def ask(sql: str, database: str = "shop") -> str:
            how = (
                "--no-defaults",
                door,
                "-u",
                "root",
                "-D",
                database,
                "--default-character-set=utf8mb4",
            )
            return run("mariadb", *how, text=sql)

        run("mariadb-install-db", "--no-defaults", data, "--skip-test-db",
            "--auth-root-authentication-method=normal")  # fmt: skip
        command = [program, "--no-defaults", data, door, f"--port={port}",
                   "--bind-address=127.0.0.1", "--character-set-server=utf8mb4"]  # fmt: skip
        user = (
            "mysql" if _as_user("mysql") else None
        )  # by itself: killing runuser leaves the server
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, stderr=log, cwd=folder, user=user)
        try:
            _wait_for(lambda: ask("CREATE DATABASE shop", ""), server)
            yield Server(ask, "mysql", port)
        finally:
            server.kill()
            server.wait()


@contextmanager
def _folder_of(user: str) -> Iterator[tuple[Path, Callable[..., str]]]:
    """Give a folder to a user, and what runs programs as that user in it."""
    folder = Path(tempfile.mkdtemp())
    if _as_user(user):
        shutil.chown(folder, user)

    def run(program: Path | str, *arguments: str, text: str | None = None) -> str:
        command = [*_as_user(user), str(program), *arguments]
        return subprocess.run(
            command, check=True, input=text, capture_output=True, text=True, cwd=folder
        ).stdout

    try:
        yield folder, run
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_user(user: str) -> tuple[str, ...]:
    """Return what runs a server as its user: none of them runs as root."""
    return ("runuser", "-u", user, "--") if os.getuid() == 0 else ()


def _not_installed(package: str) -> Path:
    message = f"{package} is not installed: scripts/install-system-packages.sh --test"
    pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def _wait_for(answer: Callable[[], object], server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            answer()
        except subprocess.CalledProcessError:
            if server.poll() is not None:
                raise
            time.sleep(0.1)
        else:
            return
    message = "the server did not answer within 30 s"
    raise TimeoutError(message)
