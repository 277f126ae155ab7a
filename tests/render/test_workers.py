"""The workers: same results as in this process, and errors that arrive as they are."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from rfmreport.errors import OutputError, SettingsError
from rfmreport.render.workers import RenderWorkers


@pytest.fixture(scope="module")
def workers():
    with RenderWorkers(pdf=True) as running:
        yield running


def test_charts_from_a_worker_are_the_charts(workers, report_of, charts_of):
    assert workers.start_charts(report_of("tiny"))() == charts_of("tiny")


def test_a_pdf_comes_back_whole(workers, print_page_of):
    pdf = workers.start_pdf(print_page_of("tiny"))()
    assert pdf.startswith(b"%PDF")
    assert pdf.rstrip().endswith(b"%%EOF")


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


def test_heavy_libraries_stay_in_the_workers():
    program = (
        "import sys; import rfmreport.render.workers, rfmreport.render.html;"
        "print({'altair', 'vl_convert', 'weasyprint', 'pandas'} & set(sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"
