"""Departments: what each is told, read from TOML and the settings, and selected from the report."""

from __future__ import annotations

import dataclasses
import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.departments.strip import FIGURES, MOST_FIGURES, REPORT_FIGURES, strip_of
from rfmreport.errors import SettingsError
from rfmreport.formats import Formats
from rfmreport.report import DepartmentSummary
from rfmreport.sections.registry import DEPARTMENTS
from rfmreport.sections.summary.insights import INSIGHT_KEYS
from rfmreport.settings.toml_files import TomlTable, read_toml, shipped_names
from rfmreport.vocabulary import Untold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import Recommendation
    from rfmreport.settings import DepartmentSettings, Settings

ALL = "all"
_KEYS = {
    "title": 'title = "Sales"',
    "question": 'question = "Where does the money come from?"',
    "sections": 'sections = ["targets", "accounts"]',
    "figures": 'figures = ["revenue", "orders"]',
    "insights": 'insights = ["largest_ten"]',
    "recommendations": 'recommendations = ["Sales"]',
    "recipients": 'recipients = ["sales@shop.example"]',
}
_NEEDED = ("title", "question", "sections")
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "sections": tuple(DEPARTMENTS),
    "figures": (*REPORT_FIGURES, *FIGURES),
    "insights": INSIGHT_KEYS,
}
# A department's name is the name of its files, on every system.
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_RESERVED = frozenset({ALL, "management"})
_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+")


@dataclass(frozen=True, slots=True)
class Department:
    """What one department is told, by name; `key` is the name of its files."""

    key: str
    title: str
    question: str
    sections: tuple[str, ...]
    figures: tuple[str, ...]
    insights: tuple[str, ...]
    recommendations: tuple[str, ...]
    recipients: tuple[str, ...]


def department_names() -> tuple[str, ...]:
    """Return the names of the departments that ship."""
    return shipped_names("department")


def load_departments(settings: Settings) -> tuple[Department, ...]:
    """Load the departments that `report.departments` names, and prove all that the settings change.

    Raises:
        SettingsError: a name is not known, or a department says something that cannot be done.
    """
    changed = settings.departments
    known = tuple(dict.fromkeys((*department_names(), *changed)))
    chosen = settings.report.departments
    wanted = known if ALL in chosen else chosen
    for name in wanted:
        _refuse_unknown(name, known)
    loaded = {name: _load(name, changed.get(name)) for name in dict.fromkeys((*wanted, *changed))}
    return tuple(loaded[name] for name in dict.fromkeys(wanted))


def _refuse_unknown(name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        hint = _hint(name, (*known, ALL))
        message = (
            f"departments: {name!r} is no department; {hint}, or describe your own in "
            "[departments.NAME] of the settings"
        )
        raise SettingsError(message)


def _hint(word: str, known: Iterable[str]) -> str:
    """Return the nearest name and all that are known."""
    near = difflib.get_close_matches(word, known, n=1)
    listed = f"known are {', '.join(known)}"
    return f"did you mean {near[0]!r}? {listed[0].upper()}{listed[1:]}" if near else listed


def _load(name: str, changes: DepartmentSettings | None) -> Department:
    """Return a department as it ships, with the settings' changes, or one of the user's own."""
    where = f"departments.{name}" if changes else f"department {name}"
    if not _NAME.fullmatch(name) or name in _RESERVED:
        message = (
            f"{where}: {name!r} cannot be the name of a file; use small letters, digits, - and _, "
            f"a letter first, and neither of {', '.join(sorted(_RESERVED))}"
        )
        raise SettingsError(message)
    values = dict(read_toml("department", name)) if name in department_names() else {}
    given = dataclasses.asdict(changes) if changes else {}
    values |= {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in given.items()
        if value is not None
    }
    if name not in department_names() and "sections" not in values:
        near = difflib.get_close_matches(name, department_names(), n=1)
        if near:
            message = f"{where}: no such department ships; did you mean {near[0]!r}?"
            raise SettingsError(message)
    table = TomlTable(where, values, _KEYS)
    table.refuse_unknown_keys()
    lists = {key: _texts(table, key) for key in _KEYS if key not in {"title", "question"}}
    _refuse_wrong(table, lists)
    return Department(key=name, title=table.text("title"), question=table.text("question"), **lists)


def _texts(table: TomlTable, key: str) -> tuple[str, ...]:
    """Return the texts of a list, each once and each known here; it may be left out or empty."""
    if key not in table.values and key not in _NEEDED:
        return ()
    texts = tuple(table.checked_text(key, text) for text in table.value(key, list))
    for text in texts:
        if key in _KNOWN and text not in _KNOWN[key]:
            message = f"{table.where}: {key} has {text!r}; {_hint(text, _KNOWN[key])}"
            raise SettingsError(message)
        if texts.count(text) > 1:
            message = f"{table.where}: {key} has {text!r} twice; keep one"
            raise SettingsError(message)
    return texts


def _refuse_wrong(table: TomlTable, lists: Mapping[str, tuple[str, ...]]) -> None:
    if not lists["sections"]:
        message = f"{table.where}: sections is empty; name at least one of {', '.join(DEPARTMENTS)}"
        raise SettingsError(message)
    if len(lists["figures"]) > MOST_FIGURES:
        message = (
            f"{table.where}: {len(lists['figures'])} figures; the page has room for {MOST_FIGURES}"
        )
        raise SettingsError(message)
    wrong = [text for text in lists["recipients"] if not _ADDRESS.fullmatch(text)]
    if wrong:
        message = (
            f"{table.where}: recipients has {wrong[0]!r}, which is no e-mail address; write for "
            f"example: {_KEYS['recipients']}"
        )
        raise SettingsError(message)


def with_departments(report: Report, departments: Iterable[Department]) -> Report:
    """Return the report with a summary for each department that it can tell something.

    What cannot be told is among `untold`, one sentence for a department.
    """
    formats = Formats(report.locale, report.currency)
    summaries, untold = [], []
    for department in departments:
        summary = summarise(report, department, formats)
        if summary:
            summaries.append(summary)
        else:
            untold.append(_nothing_for(department))
    return dataclasses.replace(
        report, departments=tuple(summaries), untold=(*report.untold, *untold)
    )


def _nothing_for(department: Department) -> Untold:
    sections = ", ".join(department.sections).replace("_", " ")
    return Untold(
        f"Summary for {department.title}",
        f"these data carry none of its sections ({sections}), so it was not written",
    )


def summarise(report: Report, department: Department, formats: Formats) -> DepartmentSummary | None:
    """Return what the department is told; None where the data carry none of its sections."""
    findings = {name: DEPARTMENTS[name].finding(report, formats) for name in department.sections}
    told = tuple(name for name, finding in findings.items() if finding)
    if not told:
        return None
    advice = _advice_for(report, department)
    insights = {insight.key: insight for insight in report.insights}
    return DepartmentSummary(
        key=department.key,
        title=department.title,
        question=department.question,
        answer=findings[told[0]],
        sections=told,
        insights=tuple(insights[key] for key in department.insights if key in insights),
        recommendations=advice,
        files=_files(report, told, advice),
        recipients=department.recipients,
        figures=strip_of(report, department.figures, formats),
        untold=(
            *_reasons(report, (name for name in department.sections if name not in told)),
            *(
                (Untold("Advice by segment", report.no_advice),)
                if report.no_advice and department.recommendations
                else ()
            ),
        ),
    )


def _reasons(report: Report, sections: Iterable[str]) -> tuple[Untold, ...]:
    """Return why sections cannot be told, where that is known."""
    topics = {topic for name in sections for topic in DEPARTMENTS[name].reasons}
    known = (*report.department_figures.untold, *report.untold)
    return tuple(one for one in known if one.topic in topics)


def _advice_for(report: Report, department: Department) -> tuple[Recommendation, ...]:
    names = {name.casefold() for name in department.recommendations}
    return tuple(one for one in report.recommendations if one.department.casefold() in names)


def _files(
    report: Report, sections: Iterable[str], advice: Iterable[Recommendation]
) -> tuple[str, ...]:
    """Return each file once: first those to work with, then the data behind the sections."""
    lists = (one.file for one in advice)
    chosen = (DEPARTMENTS[name] for name in sections)
    data = (path for one in chosen for path in one.paths(report))
    return tuple(dict.fromkeys((*lists, *data)))
