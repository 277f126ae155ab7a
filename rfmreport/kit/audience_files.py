"""Where the list of each audience lies: file names made from segments' names, safe everywhere."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER = "audiences"
SLIPPED_FILE = f"{FOLDER}/slipped.csv"
TURNING_COLD_FILE = f"{FOLDER}/turning-cold.csv"
WOULD_ORDER_FILE = f"{FOLDER}/would-order-anyway.csv"

_LETTERS_DIGITS_MARKS = "LNM"  # the vowel signs of Indian scripts are marks
_LONGEST = 50
_NAMELESS = "segment"
# What Windows keeps for devices, also with an ending: "con.csv" cannot be opened there.
_DEVICES = ("con", "prn", "aux", "nul")
_NUMBERED_DEVICES = ("com", "lpt")
_OF_FINDINGS = (SLIPPED_FILE, TURNING_COLD_FILE, WOULD_ORDER_FILE)


def audience_files(segment_names: Iterable[str]) -> Mapping[str, str]:
    """Return the file of each segment's list, relative to the report: "audiences/at-risk.csv".

    `segment_names` are all of the scheme, in its order, so that a name keeps its file from report
    to report. Letters of any script stay; what else a name holds becomes a hyphen, so that no name
    leads out of the folder. No two files differ by capitals only.
    """
    taken = {*map(_key, _DEVICES), *(_key(_stem(path)) for path in _OF_FINDINGS)}
    taken |= {_key(f"{device}{number}") for device in _NUMBERED_DEVICES for number in range(10)}
    files = {}
    for name in segment_names:
        slug = _slug(name)
        candidates = (
            slug if count == 1 else f"{slug}-{count}" for count in range(1, len(taken) + 2)
        )
        free = next(candidate for candidate in candidates if _key(candidate) not in taken)
        taken.add(_key(free))
        files[name] = f"{FOLDER}/{free}.csv"
    return files


def _slug(name: str) -> str:
    """Return a name in small letters and digits of its script, hyphens between: "at-risk"."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    spaced = "".join(
        letter if unicodedata.category(letter)[0] in _LETTERS_DIGITS_MARKS else " "
        for letter in folded
    )
    return "-".join(spaced.split())[:_LONGEST].strip("-") or _NAMELESS


def _key(slug: str) -> str:
    """Return what two names share that a file system may take for one."""
    return unicodedata.normalize("NFKD", slug).upper()


def _stem(path: str) -> str:
    return path.removeprefix(f"{FOLDER}/").removesuffix(".csv")
