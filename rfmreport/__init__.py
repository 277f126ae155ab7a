"""rfmreport: customer segments from a shop's transactions, as a report people trust."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rfmreport.errors import RfmReportError

if TYPE_CHECKING:
    from rfmreport.pipeline import build_report
    from rfmreport.report import Report
    from rfmreport.settings import Settings, load_settings

    __version__: str

__all__ = ["Report", "RfmReportError", "Settings", "__version__", "build_report", "load_settings"]

_HOMES = {
    "Report": "rfmreport.report",
    "Settings": "rfmreport.settings",
    "build_report": "rfmreport.pipeline",
    "load_settings": "rfmreport.settings",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  the type is the attribute's own
    """Import a public name when it is first asked for, so that `--help` answers at once."""
    if name == "__version__":
        return import_module("importlib.metadata").version("rfmreport")
    if name not in _HOMES:
        message = f"module 'rfmreport' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
