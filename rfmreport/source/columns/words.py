"""What words say: headings and statuses in thirteen languages, compared by what is left of them."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NO_LETTER = re.compile(r"[\W_]+")
_LETTERS_OF_THEIR_OWN = str.maketrans("ıłøđæœ№", "ilodaon")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_ASIDE = re.compile(r"\s*[(\[].*?[)\]]\s*|\s+[-–:/]\s.*$")


@functools.cache
def word_lists(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the lists of a TOML file beside this module: what is said → words, in their order."""
    text = Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8")
    return {
        said: tuple(word for words in languages.values() for word in words)
        for said, languages in tomllib.loads(text).items()
    }


def full_width_gone(text: str) -> str:
    """Write the wide letters and brackets of East Asian texts as the common ones."""
    return unicodedata.normalize("NFKC", text)


def plain(text: str) -> str:
    """Reduce a text to its letters and digits: "Commande n°" → "commanden", "État" → "etat"."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS_OF_THEIR_OWN))
    return _NO_LETTER.sub("", "".join(c for c in letters if not unicodedata.combining(c)))


@functools.cache
def plain_words(name: str, said: str) -> tuple[str, ...]:
    """Return what is left of the words for something, also of umlauts written with an e."""
    words = word_lists(name)[said]
    return tuple(dict.fromkeys(p for w in words for p in (plain(w), plain(_with_e(w)))))


def kind_of(text: str, kinds: Iterable[str]) -> str | None:
    """Return the first of these kinds whose words a status or a type says; None for none.

    What stands in brackets or after a dash is said besides: "Cancelled (by buyer)".
    """
    whole = full_width_gone(text).strip().removeprefix("wc-")
    lists = [(kind, plain_words("words", kind)) for kind in kinds]
    for said in (plain(whole), plain(_ASIDE.sub("", whole))):
        for kind, words in lists:
            if said in words:
                return kind
    return None


@functools.cache
def written_forms(*kinds: str) -> tuple[str, ...]:
    """Return how the words of these kinds are written in small letters, for the engine to find."""
    words = [word.lower() for kind in kinds for word in word_lists("words")[kind]]
    words += [_without_accents(word) for word in words]
    words += [word.replace(" ", mark) for word in words for mark in "_-" if " " in word]
    return tuple(sorted({*words, *(f"wc-{word}" for word in words)}))


def _without_accents(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.translate(_LETTERS_OF_THEIR_OWN))
    return "".join(c for c in letters if not unicodedata.combining(c))


def _with_e(word: str) -> str:
    return word.casefold().translate(_UMLAUTS)
