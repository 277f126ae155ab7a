"""What to do about each segment: playbooks, read from TOML and filled with the shop's figures."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from rfmreport.errors import SettingsError
from rfmreport.sections.advice.conditions import holds, read_condition
from rfmreport.sections.advice.figures import Lever, PlaybookCard
from rfmreport.settings.toml_files import TomlTable, read_toml, shipped_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.customers.segments import Scheme
    from rfmreport.sections.advice.conditions import Figures
    from rfmreport.sections.advice.figures import Gain

PLACEHOLDERS = (
    "customer_count", "customer_share", "revenue", "revenue_share", "average_order_value",
    "median_recency_days", "median_order_count", "median_revenue", "mean_revenue",
    "return_share", "horizon_days", "revenue_per_returner",
)  # fmt: skip
"""The figures that a text may name in braces."""

LONGEST_IMPACT = 60
"""Characters that the segment table has room for."""

# A name in braces, or a brace that belongs to none. Nothing inside is ever evaluated: str.format
# would let a text reach into the program by "{revenue.__class__}".
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")

_KEYS = {
    "name": 'name = "Loyal"',
    "description": 'description = "{customer_count} customers who order regularly."',
    "impact": 'impact = "Steady orders; a fuller basket is the way up"',
    "recommendation": 'recommendation = "Reward Loyal for larger baskets"',
    "actions": 'actions = ["Send a short survey.", "Start a rewards scheme."]',
    "offer": 'offer = "Points for a basket above {average_order_value}."',
    "channel": 'channel = "E-mail"',
    "timing": 'timing = "When the next order is due"',
    "measure": 'measure = "Average order value against a held-out tenth"',
    "department": 'department = "Marketing"',
    "priced": "priced = false",
    "lever": 'lever = "basket"',
    "case": '[[segment.case]] and below it when = "one_order_share > 0.5"',
    "first": 'first = "revenue"',
}
_PLAIN_KEYS = ("name", "department")
_OPTIONAL_KEYS = ("priced", "first", "lever", "case")
_CASE_KEYS = {"when": 'when = "median_recency_days < typical_gap_days * 2"'} | {
    key: _KEYS[key]
    for key in ("description", "impact", "recommendation", "actions", "offer", "channel", "timing")
}
_FILE_KEYS = {"segment": '[[segment]] and below it name = "Loyal"'}


First = Literal["expected_value", "revenue"]


@dataclass(frozen=True, slots=True)
class Case:
    """Texts in place of an entry's own, by their keys, `when` a condition on figures holds."""

    when: str
    texts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Play:
    """A playbook's entry for one segment; its texts may name `PLACEHOLDERS` in braces."""

    name: str
    description: str
    impact: str
    recommendation: str
    actions: tuple[str, ...]
    offer: str
    channel: str
    timing: str
    measure: str
    department: str
    priced: bool = True
    """False where the advice is to spend less, whatever more returns would bring."""
    first: First = "expected_value"
    """Whom the segment's list begins with: most still to come, or most brought so far."""
    lever: Lever = "order"
    """What the advice is to bring, by which its worth is told."""
    cases: tuple[Case, ...] = ()
    """The first whose condition holds goes before the texts above, which fit any shop."""


def playbook_names() -> tuple[str, ...]:
    """Return the names of the playbooks that ship, the default one first."""
    return shipped_names("playbook")


def load_playbook(name_or_path: str, scheme: Scheme) -> Mapping[str, Play]:
    """Load the plays of a scheme's segments, in the scheme's order, and prove that none is missing.

    Args:
        name_or_path: A shipped playbook, or a user's TOML file. The scheme's own name stands for
            "the one that goes with it"; where none of that name ships, the scheme is a user's own
            and the result is empty: the report then has no cards. Entries for segments that the
            scheme does not have are left out, so one file can serve several schemes.

    Raises:
        SettingsError: the file cannot be read, a segment has no entry, or a text names a figure
            that does not exist.
    """
    if name_or_path == scheme.name and name_or_path not in playbook_names():
        return {}
    where = f"playbook {name_or_path}"
    table = TomlTable(where, read_toml("playbook", name_or_path), _FILE_KEYS)
    table.refuse_unknown_keys()
    plays: dict[str, Play] = {}
    for entry in table.tables("segment", _KEYS):
        play = _read_play(entry)
        if play.name in plays:
            message = f"{where}: two entries for segment {play.name!r}; keep one"
            raise SettingsError(message)
        plays[play.name] = play
    _refuse_missing(plays, scheme, where)
    return {segment.name: plays[segment.name] for segment in scheme.segments}


def fit(plays: Mapping[str, Play], figures: Mapping[str, Figures]) -> Mapping[str, Play]:
    """Return the plays with the texts that fit the segments' figures, by segment."""
    return {name: _fitted(play, figures.get(name)) for name, play in plays.items()}


def _fitted(play: Play, figures: Figures | None) -> Play:
    for case in play.cases if figures else ():
        if figures and holds(read_condition(case.when, play.name), figures):
            return replace(play, **case.texts)
    return play


def fill(
    play: Play, figures: Mapping[str, str], *, color: str, gain: Gain | None = None
) -> PlaybookCard:
    """Make a segment's card: put the figures, ready to print, where the texts name them.

    Args:
        figures: A text for each of `PLACEHOLDERS` that the play names.
        color: The segment's colour.
        gain: What asking the segment is worth, where that is told.
    """
    return PlaybookCard(
        segment=play.name,
        color=color,
        description=fill_text(play.description, figures),
        impact=fill_text(play.impact, figures),
        recommendation=fill_text(play.recommendation, figures),
        actions=tuple(fill_text(action, figures) for action in play.actions),
        offer=fill_text(play.offer, figures),
        channel=fill_text(play.channel, figures),
        timing=fill_text(play.timing, figures),
        measure=fill_text(play.measure, figures),
        department=play.department,
        first=play.first,
        gain=gain,
    )


def fill_text(text: str, figures: Mapping[str, str]) -> str:
    """Put the figures where a loaded text names them; what they hold is never read again."""
    return _BRACES.sub(lambda match: figures[match[1]], text)


def _read_play(entry: TomlTable) -> Play:
    keys = (key for key in _KEYS if key not in {"actions", *_OPTIONAL_KEYS})
    texts = {key: _read_text(entry, key) for key in keys}
    priced = entry.value("priced", bool) if "priced" in entry.values else True
    return Play(
        **texts,
        actions=_read_actions(entry),
        priced=priced,
        first=cast("First", _read_word(entry, "first", get_args(First))),
        lever=cast("Lever", _read_word(entry, "lever", get_args(Lever))),
        cases=tuple(
            map(_read_case, entry.tables("case", _CASE_KEYS) if "case" in entry.values else ())
        ),
    )


def _read_case(entry: TomlTable) -> Case:
    when = entry.text("when")
    read_condition(when, f"{entry.where}: when")
    texts: dict[str, Any] = {
        key: _read_text(entry, key) for key in entry.values if key not in {"when", "actions"}
    }
    if "actions" in entry.values:
        texts["actions"] = _read_actions(entry)
    return Case(when, texts)


def _read_word(entry: TomlTable, key: str, words: Sequence[str]) -> str:
    """Return one of the words, the first of them where the key is not given."""
    word = entry.text(key) if key in entry.values else words[0]
    if word not in words:
        message = f"{entry.where}: {key} = {word!r} is not one of {', '.join(words)}"
        raise SettingsError(message)
    return word


def _read_text(entry: TomlTable, key: str) -> str:
    text = entry.text(key)
    if key not in _PLAIN_KEYS:
        _refuse_unknown_placeholders(text, f"{entry.where}: {key}")
    if key == "impact" and len(text) > LONGEST_IMPACT:
        message = (
            f"{entry.where}: impact is {len(text)} characters long; "
            f"the segment table has room for {LONGEST_IMPACT}"
        )
        raise SettingsError(message)
    return text


def _read_actions(entry: TomlTable) -> tuple[str, ...]:
    actions = tuple(entry.checked_text("actions", v) for v in entry.value("actions", list))
    if not actions:
        message = f"{entry.where}: actions is empty; say at least one thing to do"
        raise SettingsError(message)
    for action in actions:
        _refuse_unknown_placeholders(action, f"{entry.where}: actions")
    return actions


def _refuse_unknown_placeholders(text: str, where: str) -> None:
    for match in _BRACES.finditer(text):
        if match[1] not in PLACEHOLDERS:
            message = (
                f"{where} has {match[0]}, which is no figure of the report; "
                f"write one of {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}"
            )
            raise SettingsError(message)


def _refuse_missing(plays: Mapping[str, Play], scheme: Scheme, where: str) -> None:
    missing = [segment.name for segment in scheme.segments if segment.name not in plays]
    if not missing:
        return
    names = {segment.name for segment in scheme.segments}
    surplus = [name for name in plays if name not in names]
    message = f"{where}: no entry for {_quoted(missing)} of scheme {scheme.name}"
    if surplus:
        message += f" (it has entries for {_quoted(surplus)}, which the scheme does not have)"
    message += "; add what is missing, or choose another playbook"
    raise SettingsError(message)


def _quoted(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names)
