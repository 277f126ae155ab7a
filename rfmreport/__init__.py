"""rfmreport: customer segments from a shop's transactions, as a report people trust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfmreport.errors import RfmReportError
from rfmreport.settings import Settings, load_settings

if TYPE_CHECKING:
    from rfmreport.pipeline import build_report
    from rfmreport.report import Report

__all__ = ["Report", "RfmReportError", "Settings", "build_report", "load_settings"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  the type is the attribute's own
    """Import what needs the engine only when it is asked for: `--help` answers at once."""
    if name == "build_report":
        from rfmreport.pipeline import build_report  # noqa: PLC0415

        return build_report
    if name == "Report":
        from rfmreport.report import Report  # noqa: PLC0415

        return Report
    message = f"module 'rfmreport' has no attribute {name!r}"
    raise AttributeError(message)
