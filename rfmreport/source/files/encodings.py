"""In which encoding a text file is written: the one by which it reads most like a language.

How often a language uses each letter beyond ASCII stands in `encodings.toml`, as data.
"""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    _Model = Callable[[str, str], float]

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_MOST_BYTES = 16_384
_BROKEN_BORNE = 0.1
_SURE_TIMES = 999
_SYMBOLS = "’€£°–—‘“”„«»…™®©§ºª×½¼¾²³·´\xa0¿¡№"  # noqa: RUF001  typography that is meant
_NEVER_WITHIN = _SYMBOLS[1:]
_WORDS = re.compile(r"[^\W\d_]*[^\x00-\x7f]+(?:[^\W\d_]|[^\x00-\x7f])*")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec of Python's, the name a person knows it by, and why it was taken.

    `is_chosen` says that the user did, `is_whole` that no letter seen is unreadable by it.
    """

    codec: str
    title: str
    evidence: str
    is_chosen: bool = False
    is_whole: bool = True

    @property
    def is_plain(self) -> bool:
        """Say whether the engine reads it as it stands."""
        return self.codec.startswith("utf-8") and self.is_whole


def find_encoding(sample: bytes) -> Encoding | None:
    """Return in which encoding the sample is written; None where it is no text at all."""
    codec = next((codec for mark, codec in _MARKS if sample.startswith(mark)), None)
    if codec:
        return Encoding(codec, codec.removesuffix("-sig").upper(), "by the mark at its beginning")
    if b"\0" in sample:
        return _wide_encoding(sample)
    broken = _broken_share(sample)
    if broken <= _BROKEN_BORNE:
        evidence = "but for few letters all of it is valid" if broken else "all of it is valid"
        return Encoding("utf-8", "UTF-8", evidence, is_whole=not broken)
    lines = b"\n".join(dict.fromkeys(strange_lines(sample)))
    return _likeliest(lines[:_MOST_BYTES].rpartition(b"\n")[0] or lines)


def strange_lines(content: bytes) -> list[bytes]:
    """Return the lines that hold more than ASCII."""
    return [line for line in content.splitlines() if not line.isascii()]


def _wide_encoding(sample: bytes) -> Encoding | None:
    """Return UTF-16 without its mark: every second byte of digits and delimiters is zero."""
    for codec, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if zeros.count(0) * 5 > len(zeros) and zeros.count(0) == sample.count(0):
            return Encoding(codec, codec.upper(), "by the zeros in it")
    return None


def _broken_share(sample: bytes) -> float:
    """Return which part of the letters beyond ASCII is not UTF-8; the last may be cut off."""
    text = sample.decode("utf-8", errors="replace")
    strange = sum(not letter.isascii() for letter in text)
    broken = text.count("\ufffd") - sample.count("\ufffd".encode())
    return (broken - text.endswith("\ufffd")) / max(strange, 1)


def _likeliest(sample: bytes) -> Encoding:
    """Return the codec by which the sample reads most like one of its languages."""
    texts = {codec: sample.decode(codec, errors="replace") for codec in _tables()["codecs"]}
    likelihoods = {
        (codec, language): _likelihood(texts[codec], _model(codec, language))
        - math.log(about.get("rare", 1) * _tables()["rare"].get(language, 1))
        for codec, about in _tables()["codecs"].items()
        for language in about["languages"]
    }
    best, *others = sorted(likelihoods, key=lambda pair: -likelihoods[pair])
    second = next(pair for pair in others if texts[pair[0]] != texts[best[0]])
    times = math.exp(min(likelihoods[best] - likelihoods[second], math.log(_SURE_TIMES)))
    how = f"{times:,.0f}" if times < _SURE_TIMES else f"over {_SURE_TIMES:,}"
    title, rival = (_tables()["codecs"][codec]["title"] for codec, _ in (best, second))
    evidence = f"reads as {best[1]}, {how} times likelier than as {second[1]} in {rival}"
    return Encoding(best[0], title, evidence)


def _likelihood(text: str, model: _Model) -> float:
    """Return how likely a language has such letters beyond ASCII, in logarithms."""
    total = 0.0
    for word in _WORDS.findall(text):
        before = ""
        for letter in word:
            if not letter.isascii():
                total += model(letter, before)
            before = letter
    return total


@cache
def _model(codec: str, language: str) -> _Model:
    """Return how likely a letter stands behind another, in logarithms, where both are known."""
    tables = _tables()
    if language in tables["characters"]:
        about = tables["codecs"][codec]
        return _character_model(tables["characters"][language], about["basic"], about["often"])
    is_latin = language in tables["latin"]
    listed = tables["latin" if is_latin else "other"][language]
    counts = {pair[0]: float(pair[1:]) for pair in listed.split()}
    chances = dict.fromkeys(_SYMBOLS, 0.002)
    chances |= {letter: count / sum(counts.values()) for letter, count in counts.items()}
    strange = 1e-4 if is_latin else 1e-7

    def model(letter: str, before: str) -> float:
        chance = chances.get(letter) or chances.get(letter.lower())
        if chance is None:
            chance = strange if letter.isalpha() else 1e-7
        if letter.isupper():
            chance *= 0.005 if before.islower() else 0.2
        if before.isalpha() and letter in _NEVER_WITHIN:
            chance *= 0.02
        if before.isalpha() and before.isascii() != is_latin:
            chance *= 0.05
        return math.log(chance)

    return model


def _character_model(common: str, basic: str, often: int) -> _Model:
    """Return the same for the letters of East Asia, of which nearly each word has its own."""
    known = dict.fromkeys(common, math.log(0.7 / len(set(common))))

    def model(letter: str, before: str) -> float:
        if letter not in known:
            known[letter] = math.log(_chance_of_character(letter, basic, often))
        return known[letter] + (math.log(0.05) if before.isascii() and before.isalpha() else 0.0)

    return model


def _chance_of_character(letter: str, basic: str, often: int) -> float:
    try:
        is_frequent = letter.encode(basic)[0] <= often
    except UnicodeEncodeError:
        return 1e-7
    name = unicodedata.name(letter, "")
    if basic == "euc_jp" and name.startswith(("HIRAGANA", "KATAKANA", "HALFWIDTH K")):
        return 0.002
    if name.startswith(("FULLWIDTH", "IDEOGRAPHIC")):
        return 3e-4
    if is_frequent and name.startswith("HANGUL" if basic == "euc_kr" else "CJK"):
        return 6e-5
    return 4e-6


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
