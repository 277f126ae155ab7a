"""The command `preview`: opens an e-mail where somebody watches, and else says where it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from commands import Ended, command_of
from example_mail import composed, department_of
from example_report import example_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for the browser, in a session with a display and no terminal."""
    addresses: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: addresses.append(address) or True)
    monkeypatch.setenv("DISPLAY", ":0")
    return addresses


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Run the command in this process, in a folder with the e-mails of a report."""
    monkeypatch.chdir(tmp_path)
    report = example_report()
    (tmp_path / "report" / "email").mkdir(parents=True)
    for name, department in (("management", None), ("marketing", department_of(report))):
        path = tmp_path / "report" / "email" / f"{name}.eml"
        path.write_bytes(composed(report, department))

    return command_of(monkeypatch, capsys, "preview")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, run: Callable) -> None:
    monkeypatch.setattr("rfmreport.cli.mails._is_terminal", lambda: True)


def test_in_a_script_nothing_is_opened(run, opened, tmp_path):
    code, out, err = run("report")
    assert (code, out, err) == (0, "report/email/management.html\n", "")
    assert opened == []
    assert (tmp_path / "report/email/management.html").exists()


@pytest.mark.usefixtures("terminal")
def test_in_a_terminal_the_browser_opens_it(run, opened, tmp_path):
    code, out, _ = run("report", "marketing")
    assert code == 0
    assert opened == [(tmp_path / "report/email/marketing.html").as_uri()]
    assert out.splitlines() == [
        "Subject   Marketing, as of 10 Dec 2011: 767 At-Risk customers are worth a letter",
        "To        marketing@shop.example",
        "Attached  gift-shop-2011-12-10.pdf",
        "Opened report/email/marketing.html.",
    ]


@pytest.mark.usefixtures("terminal")
def test_the_path_alone_is_printed_on_request(run, opened):
    assert run("report", "--print-path") == (0, "report/email/management.html\n", "")
    assert opened == []


@pytest.mark.usefixtures("terminal")
def test_without_a_display_nothing_is_opened(run, opened, monkeypatch):
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert run("report") == (0, "report/email/management.html\n", "")
    assert opened == []


@pytest.mark.usefixtures("terminal", "opened")
def test_without_a_browser_the_path_is_told(run, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    code, out, _ = run("report")
    assert code == 0
    assert out.endswith("No browser was found to open report/email/management.html.\n")


def test_a_folder_without_e_mails_ends_in_one_line(run, tmp_path):
    code, out, err = run(str(tmp_path))
    assert (code, out) == (3, "")
    assert err == (
        f"rfmreport: {tmp_path}: no e-mails in it (expected {tmp_path}/email/NAME.eml); write them "
        "with rfmreport build … --email\n"
    )
