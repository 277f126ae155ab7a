"""The workers: same results as in this process, and errors that arrive as they are."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import pytest

from rfmreport.errors import OutputError, SettingsError
from rfmreport.formats import Formats
from rfmreport.kit.charts import draw_png
from rfmreport.mail.charts import mail_drawing
from rfmreport.pages.workers import RenderWorkers


@pytest.fixture(scope="module")
def workers():
    with RenderWorkers(pdf=True) as running:
        yield running


def test_charts_from_a_worker_are_the_charts(workers, report_of, charts_of):
    assert workers.start_charts(report_of("tiny"))() == charts_of("tiny")


def test_a_picture_from_a_worker_is_the_picture(workers, report_of):
    drawing = mail_drawing(report_of("tiny"), (), Formats())
    assert workers.start_png(drawing)() == draw_png(drawing)


def test_a_pdf_comes_back_whole(workers, print_page_of):
    pdf = workers.start_pdf(print_page_of("tiny"))()
    assert pdf.startswith(b"%PDF")
    assert pdf.rstrip().endswith(b"%%EOF")


def test_a_short_pdf_comes_back_and_a_long_one_does_not(workers, print_page_of):
    page = print_page_of("tiny")
    assert workers.start_short_pdf(page, 50)().startswith(b"%PDF")
    assert workers.start_short_pdf(page, 1)() is None


def test_the_departments_charts_are_those_that_the_report_asks_for(workers, report_of):
    assert workers.start_department_charts(report_of("tiny"))() == ()


def test_an_error_in_a_worker_arrives_as_itself(workers, report_of):
    report = report_of("example")
    row = replace(report.segments.rows[0], color="url(x)")
    table = replace(report.segments, rows=(row, *report.segments.rows[1:]))
    with pytest.raises(SettingsError, match="six hex digits"):
        workers.start_charts(replace(report, segments=table))()
    with pytest.raises(OutputError, match="could not be made whole"):
        workers.start_pdf("<html lang=en><title>x</title><h1>x</h1><img alt=x src='x.png'>")()


def test_workers_without_pdf_say_so():
    with RenderWorkers(pdf=False) as running, pytest.raises(ValueError, match="without the PDF"):
        running.start_pdf("")
    with RenderWorkers(pdf=False) as running, pytest.raises(ValueError, match="without the PDF"):
        running.start_short_pdf("", 2)


def children_of_another(program, folder):
    """Start a program that enters the workers; return it and the ids of its workers."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)},
    )
    return process, [int(number) for number in process.stdout.readline().split()]


def wait_until(fact, seconds=30):
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.05)


def runs(process_id):
    try:
        with open(f"/proc/{process_id}/stat", encoding="utf-8") as file:  # noqa: PTH123 - no file
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


PROGRAM = """
import multiprocessing, time
from rfmreport.pages.workers import RenderWorkers
if __name__ == "__main__":
    with RenderWorkers(pdf=True) as workers:
        page = "<html lang=en><title>x</title><h1>x</h1>"
        assert workers.start_pdf(page)().startswith(b"%PDF")
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        time.sleep({seconds})
"""


def test_nothing_is_left_in_the_temporary_folder(tmp_path):
    process, children = children_of_another(PROGRAM.format(seconds=0), tmp_path)
    assert process.wait(60) == 0
    process.stdout.close()
    assert len(children) == 2
    assert list(tmp_path.iterdir()) == []
    assert not any(map(runs, children))


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="asks Linux who runs")  # noqa: PTH110 - no file
def test_when_we_are_killed_the_workers_end_and_clear_up(tmp_path):
    process, children = children_of_another(PROGRAM.format(seconds=600), tmp_path)
    assert len(children) == 2
    assert all(map(runs, children))
    assert list(tmp_path.glob("rfmreport-*/weasyprint-*"))
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    process.stdout.close()
    wait_until(lambda: not any(map(runs, children)))
    wait_until(lambda: not list(tmp_path.iterdir()))


@pytest.mark.parametrize("warm_up_seconds", [0, 0.5, 1.5])
def test_after_an_error_nobody_waits(warm_up_seconds):
    before = set(multiprocessing.active_children())
    with pytest.raises(ZeroDivisionError), RenderWorkers(pdf=True):  # noqa: PT012 - the error is the subject
        time.sleep(warm_up_seconds)
        start = time.monotonic()
        raise ZeroDivisionError
    assert time.monotonic() - start < 0.5
    assert set(multiprocessing.active_children()) == before


def test_a_worker_that_died_in_its_warm_up_is_told(report_of):
    before = set(multiprocessing.active_children())
    with RenderWorkers(pdf=False) as running:
        (child,) = set(multiprocessing.active_children()) - before
        waiting = running.start_charts(report_of("tiny"))
        child.kill()
        with pytest.raises(OutputError, match="ended without an answer"):
            waiting()
        # From here on the pool refuses new work.
        with pytest.raises(OutputError, match="ended without an answer") as caught:
            running.start_charts(report_of("tiny"))
        assert isinstance(caught.value.__cause__, BrokenProcessPool)


def test_heavy_libraries_stay_in_the_workers():
    program = (
        "import sys; import rfmreport.pages.workers, rfmreport.pages.html;"
        "print({'altair', 'vl_convert', 'weasyprint', 'pandas'} & set(sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"
