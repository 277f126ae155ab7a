"""What is known of the exports of shop systems beyond what their values show."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.settings import PresetSettings
from rfmreport.settings.toml_files import build, read_toml_file
from rfmreport.source.columns.words import plain
from rfmreport.source.evidence import Decision
from rfmreport.source.verdicts import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.settings import CleaningSettings, Settings

_WORDS = (
    "sold_statuses", "cancelled_statuses", "unpaid_statuses", "refund_types", "other_types",
)  # fmt: skip


@functools.cache
def shipped_presets() -> Mapping[str, PresetSettings]:
    """Return the presets that ship, by name."""
    path = Path(__file__).with_suffix(".toml")
    return {
        name: build(PresetSettings, values, name)  # type: ignore[arg-type]
        for name, values in read_toml_file("presets", path).items()
    }


def with_preset(
    headings: Sequence[str], said: Mapping[str, str], settings: Settings
) -> tuple[Mapping[str, str], CleaningSettings, tuple[Decision, ...]]:
    """Return the columns that are said and the rules, as the export's preset completes them.

    What is `said` (role → heading) wins; a preset of the user's comes before those that ship.
    """
    by_plain = {plain(heading): heading for heading in reversed(headings)}
    for name, preset in {**settings.presets, **shipped_presets()}.items():
        if preset.headings and all(plain(heading) in by_plain for heading in preset.headings):
            columns = {
                role: by_plain[plain(heading)]
                for role, heading in preset.columns.items()
                if plain(heading) in by_plain
            }
            why = f"its headings {', '.join(preset.headings)} are there"
            decisions = (Decision("preset", name, why),)
            rules = _with_words(settings.cleaning, preset)
            return {**columns, **said}, rules, decisions
    return said, settings.cleaning, ()


def _with_words(rules: CleaningSettings, preset: PresetSettings) -> CleaningSettings:
    """Add the preset's words to those that ship; a list that the user gave stays."""
    more = {
        name: (*words_of(rules, name), *getattr(preset, name))
        for name in _WORDS
        if getattr(preset, name) and getattr(rules, name) is None
    }
    return dataclasses.replace(rules, **more)  # type: ignore[arg-type]
