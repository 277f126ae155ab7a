"""rfmreport: customer segments from a shop's transactions, as a report people trust."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rfmreport.errors import RfmReportError

if TYPE_CHECKING:
    from rfmreport.library import Report, build_report

    __version__: str

__all__ = ["Report", "RfmReportError", "__version__", "build_report"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  the type is the attribute's own
    """Import a public name when it is first asked for, so that `--help` answers at once."""
    if name == "__version__":
        return import_module("importlib.metadata").version("rfmreport")
    if name not in __all__:
        message = f"module 'rfmreport' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module("rfmreport.library"), name)
