"""The command `send`: what it prints, what it ends with, and what is left when it is cut off."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
import trustme
from commands import Ended, command_of
from mail_folders import write_mail
from smtp_servers import DROP, HOLD, USER, Fault, MailServer, write_authority

from rfmreport.folder.commit import undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ANNA, BOB, CHEF = "anna@shop.example", "bob@shop.example", "chef@shop.example"
PASSWORD = "pässwort: $tr0ng & secret"  # noqa: S105  the test server's


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a report; Anna and Bob are on the list marketing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rfmreport.mail.ledger._SYNCHRONOUS", "OFF")
    write_mail(tmp_path / "report", "marketing", [ANNA, BOB])
    write_mail(tmp_path / "report", "management", [CHEF], subject="Für den Chef 顧客")
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[MailServer]:
    """Return a server that the settings file names."""
    with MailServer() as running:
        write_settings(folder, running)
        yield running


def write_settings(folder: Path, server: MailServer, **more: object) -> None:
    settings = {"host": "localhost", "port": server.port, "security": server.security}
    settings |= {"tries": 1, **more}
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    (folder / "shop.toml").write_text("\n".join(["[email]", *lines]), encoding="utf-8")


@pytest.fixture
def send(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Run `rfmreport send` in this process."""
    return command_of(monkeypatch, capsys, "send", "report", "-c", "shop.toml")


def test_it_says_who_got_what(send, server: MailServer):
    code, out, err = send()
    assert (code, err) == (0, "")
    assert out == (
        "management: Für den Chef 顧客\n"
        "  chef@shop.example  sent\n"
        "marketing: The shop in November 2011\n"
        "  anna@shop.example  sent\n"
        "  bob@shop.example   sent\n"
        "3 sent.\n"
    )
    assert server.copies() == {ANNA: 1, BOB: 1, CHEF: 1}


def test_nothing_is_sent_from_a_folder_that_a_build_works_in(
    send, server: MailServer, folder: Path
):
    with undisturbed(folder / "report"):
        code, out, err = send()
    assert (code, out) == (5, "")
    assert err.startswith(f"rfmreport: report: rfmreport (process {os.getpid()} on ")
    assert server.copies() == {}
    assert send().code == 0
    assert sorted(path.name for path in (folder / "report").iterdir()) == ["email"]


def test_what_is_done_is_done(send, server: MailServer):
    send()
    code, out, err = send()
    assert (code, err) == (0, "")
    assert out.startswith("Already sent: all 3 e-mails, the last on 20")
    assert send("--quiet") == (0, "", "")
    assert server.copies() == {ANNA: 1, BOB: 1, CHEF: 1}


def test_who_did_not_get_it_is_told_and_the_exit_code_is_7(send, server: MailServer):
    server.faults.append(Fault("RCPT", "550 5.1.1 No such user", ANNA))
    server.faults.append(Fault("RCPT", "450 4.2.2 Full", BOB))
    code, out, err = send()
    assert code == 7
    assert "  anna@shop.example  refused: 550 5.1.1 No such user\n" in out
    assert "  bob@shop.example   not sent: 450 4.2.2 Full\n" in out
    assert out.endswith("1 sent, 1 refused, 1 not sent.\n")
    assert err == ("rfmreport: 2 of 3 e-mails not delivered; sending again tries these only\n")
    code, out, err = send("--quiet")
    assert (code, out) == (7, "")
    assert err == (
        "marketing to anna@shop.example: refused: 550 5.1.1 No such user\n"
        "marketing to bob@shop.example: not sent: 450 4.2.2 Full\n"
        "rfmreport: 2 of 3 e-mails not delivered; sending again tries these only\n"
    )


def test_why_nobody_got_it_is_told_once(send, server: MailServer):
    server.faults.append(Fault("connect", "554 You are on a list"))
    code, out, err = send()
    assert code == 7
    assert out.endswith("  bob@shop.example   not sent\n3 not sent.\n")
    assert err == (
        f"rfmreport: 3 of 3 e-mails not delivered (localhost:{server.port}: 554 You are on a "
        "list); sending again tries these only\n"
    )


def test_a_doubt_is_told_with_the_message_id_and_the_exit_code_is_8(send, server: MailServer):
    server.faults.append(Fault("kept", DROP, ANNA))
    for _ in range(2):
        code, out, err = send()
        assert code == 8
        assert "  anna@shop.example  may have been delivered on " in out
        assert f"ask the mail server for {server.to(ANNA)['Message-ID']}, or send it" in out
        assert err == (
            "rfmreport: 1 of 3 e-mails may be there already, or in another version; nothing sends "
            "them again but --resend\n"
        )
    server.faults.clear()
    code, _, err = send("--resend")
    assert (code, err) == (0, "")
    assert server.copies() == {ANNA: 2, BOB: 1, CHEF: 1}


def test_other_content_is_told_and_sent_on_demand(send, server: MailServer, folder: Path):
    send()
    write_mail(folder / "report", "management", [CHEF], subject="Corrected")
    code, out, _ = send()
    assert code == 8
    assert "with other content; --resend sends this version\n" in out
    assert send("--resend", "--list", "management")[0] == 0
    assert server.copies() == {ANNA: 1, BOB: 1, CHEF: 2}


def test_what_is_missing_comes_before_what_is_unclear(send, server: MailServer):
    server.faults += [Fault("kept", DROP, ANNA), Fault("RCPT", "450 Full", BOB)]
    assert send()[0] == 7
    server.faults.clear()
    assert send()[0] == 8


def test_a_dry_run_shows_the_mails_and_sends_none(send, server: MailServer, folder: Path):
    code, out, err = send("--dry-run")
    assert (code, err) == (0, "")
    assert out == (
        "management: Für den Chef 顧客\n"
        "  from reports@shop.example, 18 KB, with report.pdf (11 KB)\n"
        "  chef@shop.example  to be sent\n"
        "marketing: The shop in November 2011\n"
        "  from reports@shop.example, 18 KB, with report.pdf (11 KB)\n"
        "  anna@shop.example  to be sent\n"
        "  bob@shop.example   to be sent\n"
        "3 to be sent. Nothing was sent: this was a dry run.\n"
    )
    assert server.connection_count == 0
    assert not (folder / "rfmreport-sent.sqlite").exists()


def test_a_dry_run_ends_as_the_run_would(send, server: MailServer, folder: Path):
    write_settings(folder, server, largest_megabytes=0.01)
    code, out, err = send("--dry-run", "--list", "marketing")
    assert (code, "email.largest_megabytes is 0.01: leave out sections" in out) == (7, True)
    assert err == "rfmreport: 2 of 2 e-mails cannot be sent as they are\n"


def test_json_is_all_that_stands_on_standard_output(send, server: MailServer, folder: Path):
    server.faults.append(Fault("RCPT", "550 No", ANNA))
    code, out, _ = send("--json")
    found = json.loads(out)
    assert code == 7
    assert found["counts"] == {"sent": 2, "refused": 1}
    assert found["server"] == f"localhost:{server.port}"
    assert found["ledger"] == str(folder / "rfmreport-sent.sqlite")
    assert found["is_dry_run"] is False
    management, marketing = found["mails"]
    assert management["subject"] == "Für den Chef 顧客"
    assert marketing["attachments"] == [{"name": "report.pdf", "byte_count": 10263}]
    chef, anna, _ = found["deliveries"]
    assert anna == {
        "list_name": "marketing",
        "recipient": ANNA,
        "state": "refused",
        "message_id": marketing["message_id"],
        "reply": "550 No",
        "attempts": 1,
        "noted_at": None,
    }
    assert chef["noted_at"] is None
    again = json.loads(send("--json", "--dry-run")[1])
    assert again["deliveries"][0]["noted_at"].startswith("20")
    assert again["is_dry_run"] is True


BAD_CALLS = {
    "no mails": (("no-report",), 3, "no-report: no e-mails in it"),
    "no such list": (("report", "--list", "crm"), 2, "--list crm: no such list in report"),
    "no host": (("report",), 2, "email.host is not set"),
}


@pytest.mark.parametrize("case", BAD_CALLS)
def test_bad_input_is_one_line(case: str, monkeypatch, capsys):
    arguments, code, message = BAD_CALLS[case]
    ended = command_of(monkeypatch, capsys, "send")(*arguments)
    assert (ended.code, ended.out) == (code, "")
    assert ended.message.startswith(message)


def test_a_ledger_that_is_none_is_one_line_and_nothing_is_sent(
    send, server: MailServer, folder: Path
):
    (folder / "rfmreport-sent.sqlite").write_text("hello" * 999)
    code, out, err = send()
    assert (code, out) == (5, "")
    assert "it is no ledger but another file" in err
    assert len(err.splitlines()) == 1
    assert server.connection_count == 0


# --- the password ---------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [PASSWORD, "quite wrong, but secret"])
@pytest.mark.parametrize("option", [(), ("--quiet",), ("--json",)])
def test_the_password_shows_nowhere(given, option, send, folder: Path, monkeypatch):
    monkeypatch.setenv("RFMREPORT_SMTP_PASSWORD", given)
    authority = trustme.CA()
    ca_file = write_authority(authority, folder / "ca.pem")
    certificate = authority.issue_cert("localhost")
    with MailServer("starttls", certificate, PASSWORD) as server:
        write_settings(folder, server, ca_file=str(ca_file), user=USER)
        code, out, err = send(*option)
        assert (code, len(server.received)) == ((0, 3) if given == PASSWORD else (7, 0))
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert given not in out + err
    assert given.encode() not in kept


# --- cut off --------------------------------------------------------------------------------------

CUT_OFF = """
    import os
    from rfmreport import cli
    from rfmreport.mail.ledger import Ledger

    note = Ledger.note

    def cut_off(self, entry):
        if entry.key.recipient == "anna@shop.example" and entry.state == os.environ["AT"]:
            if os.environ["WHEN"] == "after":
                note(self, entry)
            os._exit(9)
        note(self, entry)

    Ledger.note = cut_off
    cli.main()
"""


def program(folder: Path, code: str, **environment: str) -> subprocess.Popen[str]:
    """Start `rfmreport send` as a process of its own."""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(
        [*command, "send", "report", "-c", "shop.toml"],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )


@pytest.mark.parametrize(
    ("when", "state", "copies", "found"),
    [
        ("before", "pending", 0, "sent"),
        ("after", "pending", 0, "may have been delivered"),
        ("before", "sent", 1, "may have been delivered"),
        ("after", "sent", 1, "already sent"),
    ],
)
def test_a_run_that_dies_leaves_a_doubt_and_no_second_mail(
    when, state, copies, found, send, server: MailServer, folder: Path
):
    """The process ends itself beside a note for Anna: at no moment does she get a second mail."""
    with program(folder, CUT_OFF, AT=state, WHEN=when) as process:
        assert process.wait(30) == 9
    assert server.copies() == {CHEF: 1} | ({ANNA: 1} if copies else {})
    code, out, _ = send()
    assert code == (8 if "may have" in found else 0)
    assert f"  anna@shop.example  {found}" in out
    assert server.copies()[ANNA] == (1 if found == "sent" else copies)
    assert server.copies() | {ANNA: 1} == {CHEF: 1, ANNA: 1, BOB: 1}


def test_a_run_that_is_killed_while_handing_over_lets_the_next_one_go_on(
    send, server: MailServer, folder: Path
):
    server.faults.append(Fault("content", HOLD, ANNA, times=1))
    with program(folder, "from rfmreport import cli; cli.main()") as process:
        assert server.is_holding.wait(30)
        process.kill()
    code, out, _ = send()
    assert code == 8
    assert "  anna@shop.example  may have been delivered on " in out
    assert "the run that sent it ended before it could note the server's answer" in out
    assert "  bob@shop.example   sent\n" in out
    assert server.copies() == {CHEF: 1, BOB: 1}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_stopped_says_that_something_may_be_sent(
    number, code, send, server: MailServer, folder: Path
):
    server.faults.append(Fault("content", HOLD, ANNA, times=1))
    with program(folder, "from rfmreport import cli; cli.main()") as process:
        assert server.is_holding.wait(30)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (code, "")
    assert err == (
        "rfmreport: stopped; the ledger knows what was sent, and sending again sends the rest\n"
    )
    assert send()[0] == 8
    assert server.copies() == {CHEF: 1, BOB: 1}
