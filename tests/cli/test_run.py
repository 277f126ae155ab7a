"""The monthly run: the right month, in its own folder, finished by running again, nothing twice."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from commands import Ended, command_of
from shops import draw_here, made_up_lines, write_csv
from smtp_servers import Fault, MailServer

from rfmreport.cli.monthly import plan_month
from rfmreport.cli.options import Call
from rfmreport.cli.printing import Progress
from rfmreport.cli.reports import write_report
from rfmreport.errors import OutputError, SettingsError
from rfmreport.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BOARD, CRM, SALES = "board@shop.example", "crm@shop.example", "sales@shop.example"
CONFIG = """
[source]
paths = ["orders.csv"]
[report]
shop = "Töpfe & Pfannen"
departments = ["crm", "sales"]
sections = ["segments", "method"]
[email]
sender = "Reports <reports@shop.example>"
management = ["board@shop.example"]
host = "localhost"
port = {port}
security = "none"
tries = 1
[departments.crm]
recipients = ["crm@shop.example"]
[departments.sales]
recipients = ["sales@shop.example"]
"""


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a shop whose lines end in the middle of May 2024."""
    return write_csv(tmp_path_factory.mktemp("shop") / "orders.csv", made_up_lines(100, days=500))


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(security="none") as running:
        yield running


@pytest.fixture
def folder(
    tmp_path: Path, orders: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Work in a folder with the export and the settings of the run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rfmreport.mail.ledger._SYNCHRONOUS", "OFF")
    (tmp_path / "orders.csv").symlink_to(orders)
    (tmp_path / "rfmreport.toml").write_text(CONFIG.format(port=server.port), encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, orders: Path) -> Path:
    """Return the reports with that of April, built once, its e-mails not sent."""
    home = tmp_path_factory.mktemp("built")
    (home / "orders.csv").symlink_to(orders)
    (home / "rfmreport.toml").write_text(CONFIG.format(port=25), encoding="utf-8")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(home)
        draw_here(monkeypatch)
        plan = plan_month(load_settings(Path("rfmreport.toml")), "2024-04", date(2024, 5, 20))
        wanted = {"pdf": True, "email": True, "whole_month": True}
        write_report(plan.settings, plan.folder, Progress(Call({}, quiet=True)), **wanted)
    return home / "reports"


@pytest.fixture
def april(folder: Path, built: Path) -> Path:
    """Work in the folder where April is built already."""
    shutil.copytree(built, folder / "reports")
    return folder


@pytest.fixture
def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Run `rfmreport run` in this process."""
    draw_here(monkeypatch)
    return command_of(monkeypatch, capsys, "run")


def test_a_month_is_built_and_sent_once(run, folder: Path, server: MailServer) -> None:
    code, out, err = run("--month", "last")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "3 sent."
    assert server.copies() == {BOARD: 1, CRM: 1, SALES: 1}
    (month,) = [path.name for path in (folder / "reports").iterdir() if path.is_dir()]
    report = folder / "reports" / month
    assert (report / "report.pdf").exists()
    assert sorted(path.name for path in (report / "departments").glob("*.pdf")) == [
        "crm.pdf",
        "sales.pdf",
    ]
    assert (folder / "reports" / "cuts.toml").exists()
    assert (folder / "reports" / "rfmreport-sent.sqlite").exists()
    attached = {
        to: [part.get_filename() for part in server.to(to).iter_attachments()]
        for to in (BOARD, CRM)
    }
    assert all(len(names) == 1 and names[0].endswith(".pdf") for names in attached.values())
    made = (report / "report.html").stat().st_mtime_ns

    code, out, err = run("--month", "last")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].endswith("--rebuild makes it again.")
    assert out.splitlines()[1].startswith("Already sent: all 3 e-mails")
    assert server.copies() == {BOARD: 1, CRM: 1, SALES: 1}
    assert (report / "report.html").stat().st_mtime_ns == made

    # Built again from the same export, it is the same mail: still nothing is sent.
    code, out, err = run("--month", "last", "--rebuild")
    assert (code, err) == (0, "")
    assert "Already sent: all 3 e-mails" in out
    assert server.copies() == {BOARD: 1, CRM: 1, SALES: 1}


def test_a_changed_list_is_written_to_anew_and_nobody_twice(
    run, april: Path, server: MailServer
) -> None:
    run("--month", "2024-04")
    config = april / "rfmreport.toml"
    text = config.read_text(encoding="utf-8")
    more = text.replace('["crm@shop.example"]', '["crm@shop.example", "new@shop.example"]')
    config.write_text(more, encoding="utf-8")
    code, out, err = run("--month", "2024-04")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "3 already sent, 1 sent."
    assert server.copies() == {BOARD: 1, CRM: 1, SALES: 1, "new@shop.example": 1}


def test_what_is_wrong_with_the_recipients_is_told_though_the_report_is_there(
    run, april: Path
) -> None:
    config = april / "rfmreport.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[departments.sales]", "[departments.slaes]"), encoding="utf-8")
    code, out, err = run("--month", "2024-04")
    assert (code, out) == (2, "")
    assert "departments.slaes: no such department ships; did you mean 'sales'?" in err


@pytest.mark.usefixtures("april")
def test_what_was_not_delivered_is_sent_by_the_next_run(run, server: MailServer) -> None:
    server.faults.append(Fault("RCPT", "550 no such box", recipient=CRM))
    code, out, err = run("--month", "2024-04")
    assert (code, out.splitlines()[0][-27:]) == (7, "; --rebuild makes it again.")
    assert "1 of 3 e-mails not delivered" in err
    assert server.copies() == {BOARD: 1, SALES: 1}
    server.faults.clear()
    code, out, err = run("--month", "2024-04", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["month"], told["build"]) == ("2024-04", None)
    assert told["delivery"]["counts"] == {"already_sent": 2, "sent": 1}
    assert server.copies() == {BOARD: 1, CRM: 1, SALES: 1}


def test_a_month_that_is_not_over_in_the_data_is_refused(
    run, folder: Path, server: MailServer
) -> None:
    code, out, err = run("--month", "2024-05")
    assert (code, out) == (3, "")
    assert err.startswith("rfmreport: May 2024 is not complete: the data end on ")
    assert err.rstrip().endswith("or name another month with --month")
    assert server.copies() == {}
    assert not (folder / "reports" / "2024-05").exists()


def test_without_a_month_it_is_the_one_before_today_and_refused_where_the_data_lack_it(run) -> None:
    code, out, err = run()
    assert (code, out) == (3, "")
    assert "is not in the data, which end on" in err


def test_what_cannot_be_sent_is_told_before_the_long_work(run, folder: Path) -> None:
    config = folder / "rfmreport.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace('host = "localhost"', ""), encoding="utf-8"
    )
    code, out, err = run("--month", "2024-04")
    assert (code, out) == (2, "")
    assert "email.host is not set" in err
    assert not (folder / "reports").exists()


def test_a_dry_run_builds_and_sends_nothing(run, folder: Path, server: MailServer) -> None:
    code, out, err = run("--month", "2024-04", "--dry-run")
    assert (code, err) == (0, "")
    assert "3 to be sent. Nothing was sent: this was a dry run." in out
    assert server.copies() == {}
    assert (folder / "reports" / "2024-04" / "email" / "crm.eml").exists()


# --- the plan -----------------------------------------------------------------------------------


def settings_of(home: Path, **given: dict[str, object]):
    return load_settings(None, {"run": {"folder": str(home)}, **given})


def test_the_month_is_the_one_before_the_day_of_the_run(tmp_path: Path) -> None:
    plan = plan_month(settings_of(tmp_path / "reports"), None, date(2026, 1, 31))
    assert plan.month == date(2025, 12, 1)
    assert plan.folder == tmp_path / "reports" / "2025-12"
    assert plan.settings.cleaning.month == "2025-12"
    assert plan.settings.scoring.cuts_file == str(tmp_path / "reports" / "cuts.toml")
    assert plan.settings.report.departments == ("all",)
    assert plan.settings.report.previous is None
    assert not plan.is_built


def test_the_report_of_the_month_before_is_compared_with_where_it_is_there(tmp_path: Path) -> None:
    before = tmp_path / "reports" / "2025-11"
    before.mkdir(parents=True)
    settings = settings_of(tmp_path / "reports")
    assert plan_month(settings, "2025-12", date(2026, 1, 5)).settings.report.previous is None
    (before / "manifest.json").write_text("{}", encoding="utf-8")
    plan = plan_month(settings, "2025-12", date(2026, 1, 5))
    assert plan.settings.report.previous == str(before)


def test_what_the_settings_name_is_kept(tmp_path: Path) -> None:
    own = {
        "report": {"departments": ["crm"], "previous": "elsewhere"},
        "scoring": {"cuts_file": "own.toml"},
        "cleaning": {"month": "last"},
    }
    settings = plan_month(settings_of(tmp_path, **own), "2025-12", date(2026, 1, 5)).settings
    assert settings.report.departments == ("crm",)
    assert settings.report.previous == "elsewhere"
    assert settings.scoring.cuts_file == "own.toml"
    assert settings.cleaning.month == "2025-12"


def test_what_is_no_month_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--month: '2025-13' is not a month such as 2011-11"):
        plan_month(settings_of(tmp_path), "2025-13", date(2026, 1, 5))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be made"):
        plan_month(settings_of(tmp_path / "file" / "reports"), "2025-12", date(2026, 1, 5))
