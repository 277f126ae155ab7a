"""Pin what the program writes: the hash of every file of three whole builds.

`python scripts/golden.py` builds the sample (and, where ../shared lies beside the project, Online
Retail and CDNOW) with everything on, and tells which files differ from `tests/golden/*.txt`.
`--write` pins what is written now, `--keep FOLDER` leaves the built reports there to be looked at,
`--only NAME` builds one of them. A change that moves a file names it, and why, in its message.

The hashes are of one machine's fonts and processor: elsewhere, pin first what the version before
wrote.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "tests" / "golden"
SHARED = ROOT.parent / "shared" / "data"
SOURCES = {
    "sample": ROOT / "sample_data" / "online_retail_sample.csv.gz",
    "online_retail": SHARED / "online_retail.csv.gz",
    "cdnow": SHARED / "cdnow_master.csv.gz",
}
OPTIONS = ("--pdf", "--parquet", "--departments", "all", "--email", "--quiet")
SETTINGS = """\
[report]
shop = "Golden"
currency = "GBP"

[email]
sender = "Reports <reports@shop.example>"
host = "localhost"
security = "none"
management = ["Board <board@shop.example>"]

[departments.marketing]
recipients = ["marketing@shop.example"]

[departments.finance]
recipients = ["finance@shop.example"]
"""


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by its relative path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def build(name: str, folder: Path) -> dict[str, str]:
    """Build one of the reports with everything on and return its files' hashes."""
    settings = folder / f"{name}.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, "-m", "rfmreport", "build", str(SOURCES[name]), *OPTIONS]
    command += ["-c", str(settings.resolve()), "-o", str((folder / name).resolve())]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603
    return hashes_of(folder / name)


def read_pins(name: str) -> dict[str, str]:
    """Return the pinned hashes by path; none where nothing is pinned."""
    path = PINS / f"{name}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {file: digest for digest, file in (line.split("  ", 1) for line in lines)}


def write_pins(name: str, hashes: dict[str, str]) -> None:
    """Pin the hashes as `sha256sum` writes them."""
    lines = "".join(f"{digest}  {file}\n" for file, digest in hashes.items())
    (PINS / f"{name}.txt").write_text(lines, encoding="utf-8")


def differences(pinned: dict[str, str], now: dict[str, str]) -> list[str]:
    """Say which files changed, went and came."""
    files = sorted(pinned.keys() | now.keys())
    words = {(True, True): "changed", (True, False): "gone", (False, True): "new"}
    return [
        f"{words[file in pinned, file in now]}: {file}"
        for file in files
        if pinned.get(file) != now.get(file)
    ]


def main() -> int:
    """Build, then compare or pin; exit with 1 where a file differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="pin what is written now")
    parser.add_argument("--keep", type=Path, help="build into this folder and leave the reports")
    parser.add_argument(
        "--only", choices=SOURCES, action="append", help="build this one; repeatable"
    )
    arguments = parser.parse_args()
    moved = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name in arguments.only or [name for name, path in SOURCES.items() if path.exists()]:
            now = build(name, folder)
            if arguments.write:
                write_pins(name, now)
            found = differences(read_pins(name), now)
            print(f"{name}: {len(now)} files, {len(found)} differ", *found, sep="\n  ")
            moved += len(found)
    return 1 if moved else 0


if __name__ == "__main__":
    raise SystemExit(main())
