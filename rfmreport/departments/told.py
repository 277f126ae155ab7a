"""What one department is told: its question, the answer, and its own selection of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfmreport.sections.advice.figures import Recommendation
    from rfmreport.sections.summary.figures import Kpi
    from rfmreport.vocabulary import Insight, Untold


@dataclass(frozen=True, slots=True)
class DepartmentSummary:
    """One or two pages for one department, attachable on their own.

    `key` is the file's name ("marketing"), `question` what the department asks, `answer` the
    finding in one sentence. `sections` name what can be told, in order; `figures`, `insights` and
    `recommendations` are its own selection of the report's; `files` hold the data behind it,
    relative to the report's folder; `recipients` are e-mail addresses; `untold` says what of its
    sections these data cannot carry, and why.
    """

    key: str
    title: str
    question: str
    answer: str
    sections: tuple[str, ...]
    insights: tuple[Insight, ...]
    recommendations: tuple[Recommendation, ...]
    files: tuple[str, ...]
    recipients: tuple[str, ...] = ()
    figures: tuple[Kpi, ...] = ()
    untold: tuple[Untold, ...] = ()
