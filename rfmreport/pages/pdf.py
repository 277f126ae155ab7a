"""The report as PDF: the only home of WeasyPrint, which needs Pango from the operating system."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from rfmreport.errors import MissingComponentError, OutputError
from rfmreport.kit.fonts import font_faces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_INSTALL = {
    "linux": "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "darwin": "brew install pango",
    "win32": "winget install tschoonj.GTKForWindows",
}
_LOGGER = "weasyprint"
_MISSING_GLYPH = re.compile(r'\.notdef glyph .*"(.)" \((U\+[0-9A-F]+)\)', re.DOTALL)
_MOST_BOXES = 8
_log = logging.getLogger(__name__)


def load_weasyprint() -> ModuleType:
    """Import WeasyPrint, or say which packages of the operating system it misses."""
    try:
        # Without Pango, WeasyPrint prints a banner on stdout, where our output belongs.
        with contextlib.redirect_stdout(sys.stderr):
            import weasyprint  # noqa: PLC0415 - it costs a second and may fail
    except OSError as error:
        command = _INSTALL.get(sys.platform, _INSTALL["linux"])
        message = f"the PDF needs Pango, which is not installed; install it with: {command}"
        raise MissingComponentError(message) from error
    module: ModuleType = weasyprint
    return module


class PdfRenderer:
    """Makes PDFs; it owns the font configuration, which costs half a second to set up."""

    def __init__(self) -> None:
        """Load WeasyPrint and the report's fonts.

        Raises:
            MissingComponentError: Pango is not installed.
        """
        self._weasyprint = load_weasyprint()
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 - as above
        from weasyprint.urls import FatalURLFetchingError, URLFetcher  # noqa: PLC0415

        self._fonts = FontConfiguration()
        # A BaseException: left alone it would pass every `except Exception` on its way out.
        self._fetching_error: type[BaseException] = FatalURLFetchingError
        # Nothing that stands in the data may make the renderer read a file or call a server.
        self._fetcher = URLFetcher(
            allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True
        )
        # Parsed once, and with the configuration that renders: it is lost on any other.
        self._faces = self._weasyprint.CSS(
            string=font_faces("print"), font_config=self._fonts, url_fetcher=self._fetcher
        )

    def warm_up(self) -> None:
        """Render a line in every weight, so that the first report does not pay for the fonts."""
        words = "".join(f"<p style='font:{weight} 9pt Inter'>£1</p>" for weight in (400, 600, 700))
        self.rendered(f"<html lang=en><title>Warm-up</title><h1>Warm-up</h1>{words}")

    def rendered(self, print_html: str) -> bytes:
        """Return the page as tagged PDF (PDF/UA-1); the same page gives the same bytes."""
        pdf = self.rendered_if_short(print_html, sys.maxsize)
        assert pdf is not None  # noqa: S101  nothing is longer
        return pdf

    def rendered_if_short(self, print_html: str, most_pages: int) -> bytes | None:
        """Return the same, or None where it takes more pages than that."""
        html = self._weasyprint.HTML(string=print_html, base_url=None, url_fetcher=self._fetcher)
        # Layout and writing both ask for them.
        options: Any = {
            "pdf_variant": "pdf/ua-1",
            "pdf_identifier": sha256(print_html.encode("utf-8")).hexdigest()[:32].encode("ascii"),
        }
        with self._errors_are_failures():
            document = html.render(stylesheets=[self._faces], font_config=self._fonts, **options)
            if len(document.pages) > most_pages:
                return None
            pdf: Any = document.write_pdf(**options)
        return bytes(pdf)

    @contextlib.contextmanager
    def _errors_are_failures(self) -> Iterator[None]:
        """Raise what WeasyPrint only logs: a PDF with a missing image or font is not the report."""
        records = _Records()
        logger = logging.getLogger(_LOGGER)
        logger.addHandler(records)
        try:
            yield
        except self._fetching_error as error:
            records.messages.append(str(error))
        finally:
            logger.removeHandler(records)
        if records.messages:
            message = f"the PDF could not be made whole: {'; '.join(records.messages[:3])}"
            raise OutputError(message)
        if records.boxes:
            _log.warning(
                "rfmreport: no font here has these characters, the PDF shows boxes for them: %s; "
                "installing a font that has them (such as Noto) mends it",
                " ".join(sorted(records.boxes)[:_MOST_BOXES]),
            )


class _Records(logging.Handler):
    """What WeasyPrint complains about: failures, and the characters that no font has."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self.boxes: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.levelno >= logging.ERROR:
            self.messages.append(message)
        elif found := _MISSING_GLYPH.search(message):
            self.boxes.add(f"{found[1]} ({found[2]})" if found[1].isprintable() else found[2])
