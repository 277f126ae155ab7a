"""Processes that import and warm up the drawing and printing libraries while the engine works.

They are spawned, never forked: a fork after vl-convert has run hangs for ever. Charts and PDF have
one process each, because neither library frees what it holds and both warm up at the same time.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Self, TypeVar

from rfmreport.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from rfmreport.render.captions import Chart
    from rfmreport.render.pdf import PdfRenderer
    from rfmreport.report import Report

T = TypeVar("T")
_renderer: PdfRenderer | None = None  # one per worker process


class RenderWorkers:
    """A context that holds the workers; entering it returns at once, while they warm up."""

    def __init__(self, *, pdf: bool) -> None:
        """Prepare one process for charts and, if wanted, one for the PDF; none runs yet."""
        self._charts = _single_process()
        self._pdf = _single_process() if pdf else None

    def __enter__(self) -> Self:
        """Start the warm-up; what fails in it will fail again, and be reported, when used."""
        self._charts.submit(_warm_up_charts)
        if self._pdf:
            self._pdf.submit(_warm_up_pdf)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the workers; after an error nobody waits for what they were doing."""
        for pool in filter(None, (self._charts, self._pdf)):
            pool.shutdown(wait=error is None, cancel_futures=True)

    def start_charts(self, report: Report) -> Callable[[], tuple[Chart, ...]]:
        """Begin to draw; what is returned waits for the charts of the report."""
        return _waiter(self._charts.submit(_draw_charts, report))

    def start_pdf(self, print_html: str) -> Callable[[], bytes]:
        """Begin the PDF of a page made by `render_print_html`; what is returned waits for it."""
        if self._pdf is None:
            message = "these workers were started without the PDF: RenderWorkers(pdf=True) has it"
            raise ValueError(message)
        return _waiter(self._pdf.submit(_write_pdf, print_html))


def _single_process() -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_begin)


def _begin() -> None:
    # Ctrl-C reaches every process of the terminal; the one that started us ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Layout makes a million small objects that live as long as the page: looking for garbage
    # among them takes a tenth of the time and finds none.
    gc.set_threshold(1_000_000)


def _waiter(future: Future[T]) -> Callable[[], T]:
    def wait() -> T:
        try:
            return future.result()
        except BrokenProcessPool as error:
            message = "a rendering process ended without an answer; is there enough memory?"
            raise OutputError(message) from error

    return wait


def _warm_up_charts() -> None:
    from rfmreport.render.charts import warm_up  # noqa: PLC0415 - a second, in the worker only

    warm_up()


def _draw_charts(report: Report) -> tuple[Chart, ...]:
    from rfmreport.render.charts import draw_charts  # noqa: PLC0415 - as above

    return draw_charts(report)


def _warm_up_pdf() -> None:
    _pdf_renderer().warm_up()


def _write_pdf(print_html: str) -> bytes:
    return _pdf_renderer().rendered(print_html)


def _pdf_renderer() -> PdfRenderer:
    global _renderer  # noqa: PLW0603 - it belongs to the process, as its imports do
    if _renderer is None:
        from rfmreport.render.pdf import PdfRenderer  # noqa: PLC0415 - as above

        _renderer = PdfRenderer()
    return _renderer
