"""Where the folders that ship with the program are: templates, sample data, schemes, playbooks."""

from __future__ import annotations

from pathlib import Path

from rfmreport.errors import RfmReportError

_PACKAGE = Path(__file__).resolve().parents[1]


def resource_dir(name: str) -> Path:
    """Return a shipped folder: inside the package as installed, or beside it as in the source.

    Args:
        name: The folder's name, such as "templates", "sample_data" or "customers/schemes".
    """
    candidates = (_PACKAGE / name, _PACKAGE.parent / name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    looked_in = " and ".join(str(candidate) for candidate in candidates)
    message = (
        f"the folder {name!r} that ships with rfmreport is missing, looked for {looked_in}; "
        "install rfmreport again"
    )
    raise RfmReportError(message)
