"""Processes that import and warm up the drawing and printing libraries while the engine works.

They are spawned, never forked: a fork after vl-convert has run hangs for ever. Charts and PDF have
one process each, because neither library frees what it holds and both warm up at the same time.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Self, TypeVar

from rfmreport.errors import OutputError
from rfmreport.formats import Formats
from rfmreport.stopping import clearing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.process import BaseProcess
    from types import TracebackType

    from rfmreport.kit.charted import Chart
    from rfmreport.kit.charts import Artist
    from rfmreport.kit.drawings import Drawing
    from rfmreport.pages.pdf import PdfRenderer
    from rfmreport.report import Report

_NO_PDF = "these workers were started without the PDF: RenderWorkers(pdf=True) has it"
P = TypeVar("P")
T = TypeVar("T")
# One per worker process.
_artist: Artist | None = None
_renderer: PdfRenderer | None = None


class RenderWorkers:
    """A context that holds the workers; entering it returns at once, while they warm up."""

    def __init__(self, *, pdf: bool) -> None:
        """Prepare one process for charts and, if wanted, one for the PDF; none runs yet."""
        # What the libraries leave lying about when their process ends (WeasyPrint: the fonts).
        self._folder = tempfile.TemporaryDirectory(prefix="rfmreport-", ignore_cleanup_errors=True)
        self._charts = self._single_process()
        # What warms up for the last step must not take the cores from what comes before; charts
        # are waited for as the engine is.
        self._pdf = self._single_process(niceness=10) if pdf else None
        # Not `shutdown(wait=False)`: nothing waits for such a pool again, and a build that ends
        # soon after is told of semaphores that were left behind.
        self._end_of_charts = threading.Thread(target=self._charts.shutdown)
        self._processes: set[BaseProcess] = set()
        self._drawn: tuple[Report, Callable[[], tuple[Chart, ...]]] | None = None
        self._ending = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start the warm-up; what fails in it will fail again, and be reported, when used."""
        others = set(multiprocessing.active_children())
        self._charts.submit(_warm_up_charts)
        if self._pdf:
            self._pdf.submit(_warm_up_pdf)
        self._processes = set(multiprocessing.active_children()) - others
        self._ending.enter_context(clearing(self._kill))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the workers, whatever they are doing: all that was wanted has been waited for."""
        # A pool waits for the running call, even when the interpreter ends, and can kill its
        # process from Python 3.14 only; a process that is gone leaves it nothing to wait for.
        self._ending.close()
        for process in self._processes:
            process.terminate()
        if self._end_of_charts.ident is not None:
            self._end_of_charts.join()
        for pool in filter(None, (self._charts, self._pdf)):
            pool.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def start_charts(self, report: Report) -> Callable[[], tuple[Chart, ...]]:
        """Begin to draw; what is returned waits for the charts of the report.

        A draft may be drawn before: what is the same in the next report is not drawn again.
        """
        if self._drawn is None or self._drawn[0] is not report:
            self._drawn = report, _started(self._charts, _draw_charts, report)
        return self._drawn[1]

    def start_png(self, drawing: Drawing) -> Callable[[], bytes]:
        """Begin to draw one chart of an e-mail; what is returned waits for the PNG."""
        return _started(self._charts, _draw_png, drawing)

    def start_department_charts(self, report: Report) -> Callable[[], tuple[Chart, ...]]:
        """Begin to draw what the report's departments need besides; after the report's charts."""
        return _started(self._charts, _draw_department_charts, report)

    def end_charts(self) -> None:
        """Let their process end when it has drawn what was begun: it holds much memory."""
        self._end_of_charts.start()

    def start_pdf(self, print_html: str) -> Callable[[], bytes]:
        """Begin the PDF of a page made by `render_print_html`; what is returned waits for it."""
        if self._pdf is None:
            raise ValueError(_NO_PDF)
        return _started(self._pdf, _write_pdf, print_html)

    def start_short_pdf(self, print_html: str, most_pages: int) -> Callable[[], bytes | None]:
        """Begin the same where it may take so many pages; what is returned else gives None."""
        if self._pdf is None:
            raise ValueError(_NO_PDF)
        return _started(self._pdf, _write_short_pdf, (print_html, most_pages))

    def _kill(self) -> None:
        """End the workers of a command that cannot wait: they hold its terminal as long as it."""
        for process in self._processes:
            process.kill()
        shutil.rmtree(self._folder.name, ignore_errors=True)

    def _single_process(self, niceness: int = 0) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self._folder.name, niceness),
        )


def _begin(folder: str, niceness: int) -> None:
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    # Ctrl-C reaches every process of the terminal; the one that started us ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(niceness)
    # Layout makes a million small objects that live as long as the page: looking for garbage
    # among them takes a tenth of the time and finds none.
    gc.set_threshold(1_000_000)


def _end_with_parent(folder: str) -> None:
    """Wait for the end of a parent that was killed: it can neither end us nor clear the folder."""
    if parent := multiprocessing.parent_process():
        parent.join()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _started(pool: ProcessPoolExecutor, work: Callable[[P], T], subject: P) -> Callable[[], T]:
    with _death_is_told():  # it may have died in the warm-up
        future = pool.submit(work, subject)

    def wait() -> T:
        with _death_is_told():
            return future.result()

    return wait


@contextlib.contextmanager
def _death_is_told() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        message = "a rendering process ended without an answer; is there enough memory?"
        raise OutputError(message) from error


def _warm_up_charts() -> None:
    from rfmreport.kit.charts import warm_up  # noqa: PLC0415 - a second, in the worker only

    warm_up()
    import rfmreport.report  # noqa: PLC0415 - so that the first report finds all that it is made of
    import rfmreport.sections.registry  # noqa: F401, PLC0415


def _draw_charts(report: Report) -> tuple[Chart, ...]:
    from rfmreport.sections.registry import report_drawings  # noqa: PLC0415 - as below

    global _artist  # noqa: PLW0603 - it belongs to the process, as its imports do
    if _artist is None:
        from rfmreport.kit.charts import Artist  # noqa: PLC0415 - as above

        _artist = Artist()
    return _artist.draw(report_drawings(report, Formats(report.locale, report.currency)))


def _draw_png(drawing: Drawing) -> bytes:
    from rfmreport.kit.charts import draw_png  # noqa: PLC0415 - as above

    return draw_png(drawing)


def _draw_department_charts(report: Report) -> tuple[Chart, ...]:
    from rfmreport.kit.charts import draw_charts  # noqa: PLC0415 - as above
    from rfmreport.sections.registry import department_drawings  # noqa: PLC0415 - as above

    return draw_charts(department_drawings(report, Formats(report.locale, report.currency)))


def _warm_up_pdf() -> None:
    _pdf_renderer().warm_up()


def _write_pdf(print_html: str) -> bytes:
    return _pdf_renderer().rendered(print_html)


def _write_short_pdf(page: tuple[str, int]) -> bytes | None:
    print_html, most_pages = page
    return _pdf_renderer().rendered_if_short(print_html, most_pages)


def _pdf_renderer() -> PdfRenderer:
    global _renderer  # noqa: PLW0603 - it belongs to the process, as its imports do
    if _renderer is None:
        from rfmreport.pages.pdf import PdfRenderer  # noqa: PLC0415 - as above

        _renderer = PdfRenderer()
    return _renderer
