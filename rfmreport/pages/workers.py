"""The process that imports and warms up the printing library while the engine works.

It is spawned, never forked, because the engine has threads; and it does not free what it holds,
which goes with it.
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.process import BaseProcess
    from types import TracebackType

    from rfmreport.pages.pdf import PdfRenderer

_NO_PDF = "these workers were started without the PDF: RenderWorkers(pdf=True) has it"
P = TypeVar("P")
T = TypeVar("T")
# One in the worker.
_renderer: PdfRenderer | None = None


class RenderWorkers:
    """A context that holds the worker; entering it returns at once, while it warms up."""

    def __init__(self, *, pdf: bool) -> None:
        """Prepare a process for the PDFs, if they are wanted; it does not run yet."""
        # What the library leaves lying about when its process ends: the fonts.
        self._folder = tempfile.TemporaryDirectory(prefix="rfmreport-", ignore_cleanup_errors=True)
        self._pool = self._single_process() if pdf else None
        self._processes: set[BaseProcess] = set()

    def __enter__(self) -> Self:
        """Start the warm-up; what fails in it will fail again, and be reported, when used."""
        others = set(multiprocessing.active_children())
        if self._pool:
            self._pool.submit(_warm_up)
        self._processes = set(multiprocessing.active_children()) - others
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the worker, whatever it is doing: all that was wanted has been waited for."""
        # A pool waits for the running call, even when the interpreter ends, and can kill its
        # process from Python 3.14 only; a process that is gone leaves it nothing to wait for.
        for process in self._processes:
            process.terminate()
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def start_pdf(self, print_html: str) -> Callable[[], bytes]:
        """Begin the PDF of a page made by `render_print_html`; what is returned waits for it."""
        return self._started(_write_pdf, print_html)

    def start_short_pdf(self, print_html: str, most_pages: int) -> Callable[[], bytes | None]:
        """Begin the same where it may take so many pages; what is returned else gives None."""
        return self._started(_write_short_pdf, (print_html, most_pages))

    def _started(self, work: Callable[[P], T], subject: P) -> Callable[[], T]:
        if self._pool is None:
            raise ValueError(_NO_PDF)
        with _death_is_told():  # it may have died in the warm-up
            future = self._pool.submit(work, subject)

        def wait() -> T:
            with _death_is_told():
                return future.result()

        return wait

    def _single_process(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self._folder.name,),
        )


def _begin(folder: str) -> None:
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    # Ctrl-C reaches every process of the terminal; the one that started us ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        # Warming up must not take the cores from the engine, which everybody waits for.
        os.nice(10)
    # Layout makes a million small objects that live as long as the page: looking for garbage
    # among them takes a tenth of the time and finds none.
    gc.set_threshold(1_000_000)


def _end_with_parent(folder: str) -> None:
    """Wait for the end of a parent that was killed: it can neither end us nor clear the folder."""
    if parent := multiprocessing.parent_process():
        parent.join()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


@contextlib.contextmanager
def _death_is_told() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        message = "a rendering process ended without an answer; is there enough memory?"
        raise OutputError(message) from error


def _warm_up() -> None:
    _pdf_renderer().warm_up()


def _write_pdf(print_html: str) -> bytes:
    return _pdf_renderer().rendered(print_html)


def _write_short_pdf(page: tuple[str, int]) -> bytes | None:
    print_html, most_pages = page
    return _pdf_renderer().rendered_if_short(print_html, most_pages)


def _pdf_renderer() -> PdfRenderer:
    global _renderer  # noqa: PLW0603 - it belongs to the process, as its imports do
    if _renderer is None:
        from rfmreport.pages.pdf import PdfRenderer  # noqa: PLC0415 - a second, in the worker only

        _renderer = PdfRenderer()
    return _renderer
