"""Sending to real servers: whatever fails, nobody gets a mail twice and nobody is forgotten."""

from __future__ import annotations

import socket
import sys
import threading
from dataclasses import dataclass, field, replace
from email.headerregistry import Address
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mail_folders import PDF, PNG, REPORT_ID, make_mail, write_mail
from smtp_servers import DROP, ENOUGH, HOLD, SILENCE, USER, Fault, MailServer, write_authority

from rfmreport.errors import OutputError, SettingsError
from rfmreport.mail.sending import SendOptions, send_report
from rfmreport.settings import EmailSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rfmreport.mail.deliveries import Outcome

ANNA, BOB, CHEF = "anna@shop.example", "bob@shop.example", "chef@shop.example"
PASSWORD = "pässwort: $tr0ng & secret"  # noqa: S105  the test server's
VARIABLE = "RFMREPORT_TEST_PASSWORD"
ALL = SendOptions()
DRY = SendOptions(dry_run=True)


@dataclass(frozen=True)
class Authority:
    """Who vouches for the test servers, and the file that says so."""

    ca: trustme.CA
    ca_file: str

    def certificate(self, name: str = "localhost") -> trustme.LeafCert:
        return self.ca.issue_cert(name)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca = trustme.CA()
    path = write_authority(ca, tmp_path_factory.mktemp("ca") / "ca.pem")
    return Authority(ca, str(path))


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> trustme.LeafCert:
    return authority.certificate()


@pytest.fixture(autouse=True)
def _quick_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the waiting for the disk, of which tests/test_ledger.py takes care."""
    monkeypatch.setattr("rfmreport.mail.ledger._SYNCHRONOUS", "OFF")
    monkeypatch.setattr("rfmreport.mail.ledger._WAIT_SECONDS", 0.05)


@dataclass
class Shop:
    """A report folder with mails for two lists, and how it is sent."""

    folder: Path
    waits: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def settings(self, server: MailServer, **changed: object) -> EmailSettings:
        settings = EmailSettings(
            host="localhost", port=server.port, security=server.security, timeout_seconds=5.0
        )
        return replace(settings, **changed)

    def send(self, server: MailServer, options: SendOptions = ALL, **changed) -> Outcome:
        settings = self.settings(server, **changed)
        return send_report(self.folder, settings, options, self.told.append, self.waits.append)

    @property
    def ledger(self) -> Path:
        return self.folder.parent / "rfmreport-sent.sqlite"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Anna and Bob stand on the list marketing, the chef on management."""
    folder = tmp_path / "report"
    write_mail(folder, "marketing", [ANNA, BOB])
    write_mail(folder, "management", [CHEF])
    return Shop(folder)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def states(outcome: Outcome) -> dict[str, str]:
    return {delivery.recipient: delivery.state for delivery in outcome.deliveries}


def reply_to(recipient: str, outcome: Outcome) -> str:
    (found,) = (d.reply for d in outcome.deliveries if d.recipient == recipient)
    return found


ALL_SENT = {CHEF: "sent", ANNA: "sent", BOB: "sent"}
ONE_EACH = {CHEF: 1, ANNA: 1, BOB: 1}


# --- as it should be ----------------------------------------------------------------------------


def test_everybody_gets_the_mail_of_the_list_once(shop: Shop, server: MailServer):
    outcome = shop.send(server)
    assert states(outcome) == ALL_SENT
    assert server.copies() == ONE_EACH
    assert server.connection_count == 1
    assert [d.attempts for d in outcome.deliveries] == [1, 1, 1]
    assert server.to(ANNA)["X-Rfmreport-List"] == "marketing"
    assert server.to(CHEF)["X-Rfmreport-List"] == "management"
    assert [mail.sender for mail in server.received] == ["reports@shop.example"] * 3


def test_a_second_run_sends_nothing_and_connects_to_nobody(shop: Shop, server: MailServer):
    shop.send(server)
    outcome = shop.send(server)
    assert set(states(outcome).values()) == {"already_sent"}
    assert all(delivery.noted_at for delivery in outcome.deliveries)
    assert (server.copies(), server.connection_count) == (ONE_EACH, 1)


def test_the_mail_arrives_as_it_was_written_but_for_its_date(shop: Shop, server: MailServer):
    written = (shop.folder / "email/marketing.eml").read_bytes()
    shop.send(server)
    received = next(mail.content for mail in server.received if mail.recipients == (ANNA,))
    assert_same_but_for_date(received, written)
    year = server.to(ANNA)["Date"].datetime.year
    assert year > 2011


def assert_same_but_for_date(received: bytes, written: bytes) -> None:
    lines = zip(received.split(b"\r\n"), written.split(b"\r\n"), strict=True)
    different = [(after, before) for after, before in lines if after != before]
    assert [before[:6] for _, before in different] == [b"Date: "]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_connection_is_encrypted_and_logged_in(
    security, shop: Shop, authority: Authority, certificate, monkeypatch
):
    monkeypatch.setenv(VARIABLE, PASSWORD)
    with MailServer(security, certificate, password=PASSWORD) as server:
        outcome = shop.send(
            server, ca_file=authority.ca_file, user=USER, password_variable=VARIABLE
        )
        assert states(outcome) == ALL_SENT
        assert {(mail.was_encrypted, mail.user) for mail in server.received} == {(True, USER)}


def test_a_server_that_knows_only_the_older_login_is_logged_in_to(
    shop: Shop, authority: Authority, certificate, monkeypatch
):
    monkeypatch.setenv(VARIABLE, PASSWORD)
    with MailServer("tls", certificate, password=PASSWORD, mechanisms=("LOGIN",)) as server:
        outcome = shop.send(
            server, ca_file=authority.ca_file, user=USER, password_variable=VARIABLE
        )
        assert states(outcome) == ALL_SENT
        assert server.commands[0] == "AUTH LOGIN"


def test_some_lists_are_sent_alone(shop: Shop, server: MailServer):
    assert states(shop.send(server, SendOptions(lists=("management",)))) == {CHEF: "sent"}
    assert server.copies() == {CHEF: 1}
    assert states(shop.send(server)) == ALL_SENT | {CHEF: "already_sent"}
    assert server.copies() == ONE_EACH


# --- no connection ------------------------------------------------------------------------------


def a_closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def test_a_refused_connection_is_tried_again_then_told(shop: Shop, server: MailServer):
    outcome = shop.send(server, port=a_closed_port())
    assert set(states(outcome).values()) == {"unsent"}
    assert "no connection (Connection refused); check email.port" in outcome.trouble
    assert {delivery.attempts for delivery in outcome.deliveries} == {3}
    assert states(shop.send(server)) == ALL_SENT
    assert server.copies() == ONE_EACH


def test_the_waits_between_tries_grow_and_vary(shop: Shop, server: MailServer):
    shop.send(server, port=a_closed_port(), tries=6)
    bounds = [(7.5, 12.5), (30, 50), (120, 200), (225, 375), (225, 375)]
    assert all(low <= wait <= high for wait, (low, high) in zip(shop.waits, bounds, strict=True))
    assert any(line.startswith("trying again in ") for line in shop.told)


def test_a_server_that_nobody_knows_is_told(shop: Shop, server: MailServer, monkeypatch):
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    monkeypatch.setattr(socket, "getaddrinfo", Mock(side_effect=unknown))
    outcome = shop.send(server, host="nowhere.invalid", tries=1, security="starttls")
    assert outcome.trouble == (
        f"nowhere.invalid:{server.port}: no such server is known (Name or service not known); "
        "check email.host"
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_not_trusted(security, shop: Shop, certificate):
    with MailServer(security, certificate) as server:
        outcome = shop.send(server)
        assert "certificate is not trusted: " in outcome.trouble
        assert "email.ca_file" in outcome.trouble
        assert (set(states(outcome).values()), shop.waits) == ({"unsent"}, [])
        assert server.received == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_name_is_not_trusted(
    security, shop: Shop, authority: Authority, certificate
):
    with MailServer(security, authority.certificate("other.example")) as server:
        outcome = shop.send(server, ca_file=authority.ca_file)
        assert "not valid for 'localhost'" in outcome.trouble
        assert "email.host must be the name for which it was made" in outcome.trouble
        assert (server.received, shop.waits) == ([], [])
    with MailServer(security, certificate) as server:
        assert states(shop.send(server, ca_file=authority.ca_file)) == ALL_SENT
        assert server.copies() == ONE_EACH


def test_a_server_without_starttls_gets_nothing_in_the_clear(
    shop: Shop, authority: Authority, certificate
):
    with MailServer("starttls", certificate, without=("STARTTLS",)) as server:
        outcome = shop.send(server, ca_file=authority.ca_file)
        assert "does not offer STARTTLS, so the mail could be read on its way" in outcome.trouble
        assert (server.received, server.commands, shop.waits) == ([], [], [])


@pytest.mark.parametrize(
    ("reply", "wait_count"), [("454 4.7.0 TLS not now", 2), ("502 5.5.1 No TLS", 0)]
)
def test_a_refused_starttls_is_no_reason_to_send_in_the_clear(
    reply, wait_count, shop: Shop, authority: Authority, certificate
):
    with MailServer("starttls", certificate, faults=[Fault("STARTTLS", reply)]) as server:
        outcome = shop.send(server, ca_file=authority.ca_file)
        assert outcome.trouble == f"localhost:{server.port}: {reply}"
        assert (server.received, server.commands, len(shop.waits)) == ([], [], wait_count)


def test_a_port_that_does_not_speak_tls_is_told(shop: Shop, server: MailServer):
    outcome = shop.send(server, security="tls")
    assert "no encryption that both sides know (WRONG_VERSION_NUMBER)" in outcome.trouble
    assert 'email.security ("tls")' in outcome.trouble


@pytest.mark.parametrize("step", ["connect", "EHLO", "RCPT", "DATA"])
def test_a_server_that_falls_silent_is_given_up_and_tried_again(
    step, shop: Shop, server: MailServer
):
    server.faults.append(Fault(step, SILENCE, times=1))
    assert states(shop.send(server, timeout_seconds=0.3, tries=9)) == ALL_SENT
    assert server.copies() == ONE_EACH
    assert shop.waits


def test_a_silent_server_is_told_with_the_time(shop: Shop, server: MailServer):
    server.faults.append(Fault("connect", SILENCE))
    outcome = shop.send(server, timeout_seconds=0.1, tries=2)
    assert "the server was silent for 0.1 s" in outcome.trouble
    server.faults.clear()
    assert states(shop.send(server)) == ALL_SENT


@pytest.mark.parametrize("reply", ["421 4.3.2 Too busy", "450 Later"])
def test_a_server_that_is_too_busy_to_greet_is_tried_again(reply, shop: Shop, server: MailServer):
    server.faults.append(Fault("connect", reply, times=2))
    assert states(shop.send(server)) == ALL_SENT
    assert (server.copies(), len(shop.waits)) == (ONE_EACH, 2)


def test_a_server_that_will_not_talk_is_not_tried_again(shop: Shop, server: MailServer):
    server.faults.append(Fault("connect", "554 5.7.1 You are on a list"))
    outcome = shop.send(server)
    assert outcome.trouble.endswith("554 5.7.1 You are on a list")
    assert (set(states(outcome).values()), shop.waits) == ({"unsent"}, [])


# --- the login ----------------------------------------------------------------------------------


def test_a_wrong_password_is_told_at_once_and_mended_by_the_next_run(
    shop: Shop, authority: Authority, certificate, monkeypatch
):
    with MailServer("starttls", certificate, password=PASSWORD) as server:
        login = {"ca_file": authority.ca_file, "user": USER, "password_variable": VARIABLE}
        monkeypatch.setenv(VARIABLE, "wrong-but-secret")
        outcome = shop.send(server, **login)
        assert f"the login as '{USER}' was not accepted: 535 5.7.8" in outcome.trouble
        assert (server.received, shop.waits) == ([], [])
        assert "wrong-but-secret" not in repr(outcome)
        monkeypatch.setenv(VARIABLE, PASSWORD)
        assert states(shop.send(server, **login)) == ALL_SENT
        assert server.copies() == ONE_EACH


def test_a_login_that_fails_for_now_is_tried_again(
    shop: Shop, authority: Authority, certificate, monkeypatch
):
    monkeypatch.setenv(VARIABLE, PASSWORD)
    faults = [Fault("AUTH", "454 4.7.0 Temporary authentication failure", times=1)]
    with MailServer("tls", certificate, password=PASSWORD, faults=faults) as server:
        outcome = shop.send(
            server, ca_file=authority.ca_file, user=USER, password_variable=VARIABLE
        )
        assert (states(outcome), len(shop.waits)) == (ALL_SENT, 1)


def test_a_server_without_a_login_that_we_know_is_told(
    shop: Shop, authority: Authority, certificate, monkeypatch
):
    monkeypatch.setenv(VARIABLE, PASSWORD)
    with MailServer("tls", certificate, without=("AUTH",)) as server:
        outcome = shop.send(
            server, ca_file=authority.ca_file, user=USER, password_variable=VARIABLE
        )
        assert "offers no login that rfmreport knows" in outcome.trouble


def test_a_server_that_wants_a_login_says_so_per_recipient(shop: Shop):
    with MailServer(password=PASSWORD) as server:
        outcome = shop.send(server)
        assert set(states(outcome).values()) == {"refused"}
        assert reply_to(ANNA, outcome) == (
            "530 5.7.0 Authentication required (set email.user to log in)"
        )


def test_without_a_password_nothing_is_connected_to(shop: Shop, server: MailServer, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SettingsError, match=f"environment variable {VARIABLE} is not set"):
        shop.send(server, security="starttls", user=USER, password_variable=VARIABLE)
    assert server.connection_count == 0


def test_without_a_password_a_second_run_still_says_that_all_is_sent(
    shop: Shop, server: MailServer, monkeypatch
):
    shop.send(server)
    monkeypatch.delenv(VARIABLE, raising=False)
    again = shop.send(server, security="starttls", user=USER, password_variable=VARIABLE)
    assert set(states(again).values()) == {"already_sent"}


ECHOES = [
    "535 5.7.8 bad: {command}",
    "500 {password} is wrong",
    "535 {encoded} does not fit",
    "500 AUTH PLAIN {part}... is too long",
]


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_the_password_shows_nowhere_even_if_the_server_repeats_it(
    echo, mechanism, shop: Shop, authority: Authority, certificate, monkeypatch
):
    from base64 import b64encode

    monkeypatch.setenv(VARIABLE, PASSWORD)
    encoded = b64encode(PASSWORD.encode()).decode()
    plain = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    reply = echo.format(
        command=f"AUTH PLAIN {plain}", password=PASSWORD, encoded=encoded, part=plain[:30]
    )
    faults = [Fault("AUTH", reply)]
    server = MailServer("tls", certificate, PASSWORD, mechanisms=(mechanism,), faults=faults)
    with server:
        outcome = shop.send(
            server, ca_file=authority.ca_file, user=USER, password_variable=VARIABLE
        )
    assert set(states(outcome).values()) == {"unsent"}
    everything = f"{outcome!r} {shop.told} {shop.ledger.read_bytes()!r}"
    for secret in (PASSWORD, encoded, plain, plain[:20]):
        assert secret not in everything


def test_the_password_does_not_come_back_as_a_reply_to_a_recipient(
    shop: Shop, authority: Authority, certificate, monkeypatch
):
    monkeypatch.setenv(VARIABLE, PASSWORD)
    faults = [Fault("RCPT", f"550 your password is {PASSWORD}")]
    with MailServer("tls", certificate, PASSWORD, faults=faults) as server:
        outcome = shop.send(
            server, ca_file=authority.ca_file, user=USER, password_variable=VARIABLE
        )
    assert reply_to(ANNA, outcome) == "550 your password is …"
    assert PASSWORD.encode() not in shop.ledger.read_bytes()


# --- refused and postponed ----------------------------------------------------------------------


@pytest.mark.parametrize("step", ["RCPT", "DATA", "content"])
def test_a_bad_address_keeps_nobody_else_from_the_mail(step, shop: Shop, server: MailServer):
    server.faults.append(Fault(step, "550 5.1.1 No such user here", ANNA))
    outcome = shop.send(server)
    assert states(outcome) == ALL_SENT | {ANNA: "refused"}
    assert reply_to(ANNA, outcome) == "550 5.1.1 No such user here"
    assert (server.copies(), shop.waits) == ({CHEF: 1, BOB: 1}, [])
    server.faults.clear()
    assert states(shop.send(server)) == dict.fromkeys(ALL_SENT, "already_sent") | {ANNA: "sent"}
    assert server.copies() == ONE_EACH


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "content"])
def test_a_server_that_asks_to_come_again_is_asked_again(step, shop: Shop, server: MailServer):
    server.faults.append(Fault(step, "450 4.2.0 Greylisted", times=1))
    outcome = shop.send(server)
    assert (states(outcome), server.copies()) == (ALL_SENT, ONE_EACH)
    assert (sorted(d.attempts for d in outcome.deliveries), len(shop.waits)) == ([1, 1, 2], 1)


@pytest.mark.parametrize("step", ["RCPT", "content"])
def test_what_stays_postponed_is_left_to_the_next_run(step, shop: Shop, server: MailServer):
    server.faults.append(Fault(step, "450 4.2.2 Mailbox full", BOB))
    outcome = shop.send(server)
    assert states(outcome) == ALL_SENT | {BOB: "unsent"}
    assert reply_to(BOB, outcome) == "450 4.2.2 Mailbox full"
    assert outcome.trouble == ""
    assert server.copies() == {CHEF: 1, ANNA: 1}
    server.faults.clear()
    assert states(shop.send(server)) == dict.fromkeys(ALL_SENT, "already_sent") | {BOB: "sent"}
    assert server.copies() == ONE_EACH


def test_greylisting_of_many_costs_one_wait(shop: Shop, server: MailServer):
    people = [f"person{n}@shop.example" for n in range(12)]
    write_mail(shop.folder, "marketing", people)
    server.faults += [Fault("RCPT", "451 4.7.1 Greylisted", person, times=1) for person in people]
    outcome = shop.send(server)
    assert set(states(outcome).values()) == {"sent"}
    assert len(shop.waits) == 1
    assert server.copies() == dict.fromkeys([*people, CHEF], 1)


def test_the_servers_words_come_in_one_line_without_control_characters(
    shop: Shop, server: MailServer
):
    server.faults.append(
        Fault("RCPT", "550-5.1.1 \x1b[31mNo\x07 such\r\n550  user " + "x" * 999, ANNA)
    )
    reply = reply_to(ANNA, shop.send(server))
    assert reply.startswith("550 5.1.1 [31mNo such user xxx")
    assert (len(reply), reply.isprintable()) == (304, True)


# --- too large ----------------------------------------------------------------------------------


def test_a_mail_above_the_limit_is_refused_before_connecting(shop: Shop, server: MailServer):
    write_mail(shop.folder, "marketing", [ANNA, BOB], files={"report.pdf": bytes(80_000)})
    outcome = shop.send(server, largest_megabytes=0.1)
    assert states(outcome) == {CHEF: "sent", ANNA: "unsent", BOB: "unsent"}
    assert "the mail has 113 KB, and email.largest_megabytes is 0.1" in reply_to(ANNA, outcome)
    assert "leave out sections" in reply_to(ANNA, outcome)
    assert server.copies() == {CHEF: 1}
    shop.send(server, SendOptions(lists=("marketing",)), largest_megabytes=0.1)
    assert server.connection_count == 1
    assert server.copies() == {CHEF: 1}
    assert states(shop.send(server)) == ALL_SENT | {CHEF: "already_sent"}


def test_a_mail_above_what_the_server_announces_is_not_offered(shop: Shop):
    with MailServer(largest_bytes=9_000) as server:
        outcome = shop.send(server)
        assert set(states(outcome).values()) == {"unsent"}
        reply = reply_to(ANNA, outcome)
        assert f"the mail has 18 KB, and localhost:{server.port} takes 9 KB at most" in reply
        assert (server.commands, shop.waits) == ([], [])
    with MailServer() as server:
        assert states(shop.send(server)) == ALL_SENT
        assert server.copies() == ONE_EACH


@pytest.mark.parametrize("step", ["MAIL", "content"])
def test_a_mail_that_the_server_calls_too_large_is_refused_with_its_size(
    step, shop: Shop, server: MailServer
):
    server.faults.append(Fault(step, "552 5.3.4 Message too big"))
    outcome = shop.send(server)
    assert set(states(outcome).values()) == {"refused"}
    assert reply_to(ANNA, outcome) == "552 5.3.4 Message too big (the mail has 18 KB)"
    server.faults.clear()
    assert states(shop.send(server)) == ALL_SENT
    assert server.copies() == ONE_EACH


def test_a_server_that_has_enough_in_the_middle_of_a_mail_is_heard(shop: Shop, server: MailServer):
    """It reads no more of what is sent, so that only what it said tells that it will not."""
    write_mail(shop.folder, "marketing", [ANNA], files={"big.pdf": bytes(9_000_000)})
    server.faults.append(Fault("DATA", ENOUGH, ANNA))
    outcome = shop.send(server, timeout_seconds=0.5, tries=9, largest_megabytes=20)
    assert states(outcome) == {CHEF: "sent", ANNA: "refused"}
    assert reply_to(ANNA, outcome) == "552 5.3.4 Enough (the mail has 12.3 MB)"


# --- lost connections ---------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_mail_is_handed_over_is_made_again(
    step, shop: Shop, server: MailServer
):
    server.faults.append(Fault(step, DROP, times=1))
    assert states(shop.send(server)) == ALL_SENT
    assert server.copies() == ONE_EACH


@pytest.mark.parametrize(("step", "copies"), [("content", 0), ("kept", 1)])
@pytest.mark.parametrize("does", [DROP, SILENCE, "garbage"])
def test_a_connection_lost_after_that_leaves_a_doubt_that_no_run_resolves_by_itself(
    does, step, copies, shop: Shop, server: MailServer, monkeypatch
):
    monkeypatch.setattr("rfmreport.mail.sending.connection._TIMES_FOR_A_MAIL", 1)
    server.faults.append(Fault(step, does, ANNA))
    outcome = shop.send(server, timeout_seconds=1.0 if does == SILENCE else 5.0)
    assert states(outcome) == ALL_SENT | {ANNA: "unknown"}
    assert reply_to(ANNA, outcome) == {
        DROP: "the connection was lost while the mail was being handed over",
        SILENCE: "the server was silent for 1 s while the mail was being handed over",
    }.get(does, "the server's answer makes no sense: …age")
    assert server.copies()[ANNA] == copies
    server.faults.clear()
    again = shop.send(server)
    assert states(again) == dict.fromkeys(ALL_SENT, "already_sent") | {ANNA: "unknown"}
    assert reply_to(ANNA, again) == reply_to(ANNA, outcome)
    assert server.copies()[ANNA] == copies
    resent = shop.send(server, SendOptions(resend=True))
    assert states(resent) == dict.fromkeys(ALL_SENT, "already_sent") | {ANNA: "sent"}
    assert server.copies() == ONE_EACH | {ANNA: copies + 1}
    assert set(states(shop.send(server)).values()) == {"already_sent"}


def test_the_answer_to_a_whole_mail_is_waited_for_ten_times_as_long(shop: Shop, server: MailServer):
    server.faults.append(Fault("content", HOLD, times=1))
    timer = threading.Timer(0.8, server.released.set)
    timer.start()
    assert states(shop.send(server, timeout_seconds=0.3, tries=9)) == ALL_SENT
    assert server.copies() == ONE_EACH


def test_a_server_that_takes_few_mails_per_connection_is_connected_to_again(
    shop: Shop, server: MailServer
):
    people = [f"person{n}@shop.example" for n in range(9)]
    write_mail(shop.folder, "marketing", people)
    server.faults += [Fault("RCPT", "421 4.7.0 Too many", p, times=1) for p in people[::3]]
    assert set(states(shop.send(server)).values()) == {"sent"}
    assert server.copies() == dict.fromkeys([*people, CHEF], 1)


def test_recipients_who_cost_the_connection_do_not_hold_up_the_others(
    shop: Shop, server: MailServer
):
    people = [f"person{n}@shop.example" for n in range(6)]
    write_mail(shop.folder, "marketing", people)
    server.faults += [Fault("RCPT", DROP, person) for person in people[:3]]
    outcome = shop.send(server)
    assert [d.state for d in outcome.deliveries] == ["sent", *["unsent"] * 3, *["sent"] * 3]
    server.faults.clear()
    shop.send(server)
    assert server.copies() == dict.fromkeys([*people, CHEF], 1)


@pytest.mark.parametrize("does", [DROP, "502 5.5.1 What?"])
def test_a_server_that_cannot_begin_again_after_a_refusal_is_connected_to_again(
    does, shop: Shop, server: MailServer
):
    server.faults.append(Fault("RCPT", "550 No", ANNA))
    server.faults.append(Fault("RSET", does))
    assert states(shop.send(server)) == ALL_SENT | {ANNA: "refused"}


# --- letters of all kinds -------------------------------------------------------------------------

FOREIGN = "Übersicht für November – 顧客セグメント 🛒 " + "Größe " * 20
FILE_NAMES = ("Bericht für den Käufer.pdf", "顧客レポート.pdf", 'отчёт 100%; a="b".pdf')


@pytest.mark.parametrize("without", [(), ("8BITMIME", "SMTPUTF8"), ("SIZE",)])
def test_subjects_names_and_files_of_any_script_arrive_intact(without, shop: Shop):
    names = ["Jörg Müller, Einkauf", "山田 太郎", '"Bob" <evil@else.example>, x']
    people = [Address(name, f"p{n}", "shop.example") for n, name in enumerate(names)]
    text = "Größe, 顧客, отчёт\n" + "é" * 200 + "\n.\n..\n.x\n"
    write_mail(
        shop.folder, "marketing", people, subject=FOREIGN, text=text,
        files=dict.fromkeys(FILE_NAMES, PDF),
    )  # fmt: skip
    with MailServer(without=without) as server:
        assert set(states(shop.send(server)).values()) == {"sent"}
        assert server.copies() == dict.fromkeys((CHEF, *(p.addr_spec for p in people)), 1)
        message = server.to("p1@shop.example")
    assert message["Subject"] == FOREIGN
    assert [address.display_name for address in message["To"].addresses] == names
    assert message.get_body(("plain",)).get_content().splitlines() == text.splitlines()
    attachments = list(message.iter_attachments())
    assert [part.get_filename() for part in attachments] == list(FILE_NAMES)
    assert [part.get_content() for part in attachments] == [PDF] * 3
    (chart,) = (part for part in message.walk() if part.get_content_type() == "image/png")
    assert chart.get_content() == PNG
    assert [part.defects for part in message.walk() if part.defects] == []


def test_a_mail_in_8_bits_is_said_to_be_so_or_is_encoded(shop: Shop):
    content = write_mail(shop.folder, "marketing", [ANNA], text="kurz: Größe\n")
    assert not content.isascii()
    texts = []
    for without in ((), ("8BITMIME", "SMTPUTF8")):
        with MailServer(without=without) as server:
            shop.send(server, SendOptions(lists=("marketing",)), ledger=f"{shop.ledger}{without}")
            (mail,) = server.received
        texts.append(mail.message.get_body(("plain",)).get_content().splitlines())
        assert ("BODY=8BITMIME" in mail.options) == (not mail.content.isascii()) == (not without)
    assert texts == [["kurz: Größe"]] * 2


def test_a_domain_of_other_letters_is_written_in_punycode(shop: Shop, server: MailServer):
    content = make_mail("marketing", [ANNA]).as_bytes()
    to = f"To: {ANNA}".encode()
    assert to in content
    path = shop.folder / "email/marketing.eml"
    path.write_bytes(content.replace(to, "To: <chef@bücher.example>".encode()))
    outcome = shop.send(server, SendOptions(lists=("marketing",)))
    assert states(outcome) == {"chef@xn--bcher-kva.example": "sent"}


@pytest.mark.parametrize(("without", "state"), [((), "sent"), (("SMTPUTF8",), "unsent")])
def test_letters_before_the_at_sign_need_a_server_that_takes_them(without, state, shop: Shop):
    content = make_mail("marketing", [ANNA]).as_bytes()
    path = shop.folder / "email/marketing.eml"
    path.write_bytes(content.replace(f"To: {ANNA}".encode(), "To: jörg@shop.example".encode()))
    with MailServer(without=without) as server:
        outcome = shop.send(server)
        assert states(outcome) == {CHEF: "sent", "jörg@shop.example": state}
        if without:
            assert "does not offer SMTPUTF8" in reply_to("jörg@shop.example", outcome)
        else:
            (mail,) = (m for m in server.received if m.recipients == ("jörg@shop.example",))
            assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(mail.options)


def test_an_address_that_is_none_keeps_nobody_else_from_the_mail(shop: Shop, server: MailServer):
    write_mail(shop.folder, "marketing", [ANNA, "nobody", "bob@shop..example", BOB])
    outcome = shop.send(server)
    assert states(outcome) == ALL_SENT | {"nobody": "unsent", "bob@shop..example": "unsent"}
    assert "expected an @" in reply_to("nobody", outcome)
    assert server.copies() == ONE_EACH


# --- the ledger ---------------------------------------------------------------------------------


def test_other_content_for_the_same_report_is_sent_on_demand_only(shop: Shop, server: MailServer):
    shop.send(server)
    write_mail(shop.folder, "marketing", [ANNA, BOB, "new@shop.example"], subject="Corrected")
    outcome = shop.send(server)
    assert states(outcome) == {
        CHEF: "already_sent",
        ANNA: "already_sent_otherwise",
        BOB: "already_sent_otherwise",
        "new@shop.example": "sent",
    }
    assert server.copies() == ONE_EACH | {"new@shop.example": 1}
    shop.send(server, SendOptions(resend=True))
    assert server.copies() == {CHEF: 1, ANNA: 2, BOB: 2, "new@shop.example": 1}
    assert set(states(shop.send(server)).values()) == {"already_sent"}


@pytest.mark.parametrize("does", ["550 Gone", "450 Later", DROP])
@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_failed_resend_does_not_forget_that_the_mail_may_be_there(
    does, step, shop: Shop, server: MailServer
):
    server.faults.append(Fault("kept", DROP, ANNA, times=1))
    shop.send(server)
    server.faults.append(Fault(step, does, ANNA))
    outcome = shop.send(server, SendOptions(resend=True))
    assert states(outcome)[ANNA] in {"refused", "unsent"}
    server.faults.clear()
    assert states(shop.send(server))[ANNA] == "unknown"
    assert server.copies() == ONE_EACH


def test_a_report_has_one_ledger_by_whatever_path_it_is_named(shop: Shop, server: MailServer):
    shop.send(server)
    other = shop.folder.parent / "elsewhere"
    other.mkdir()
    (other / "latest").symlink_to(shop.folder)
    again = Shop(other / "latest").send(server)
    assert set(states(again).values()) == {"already_sent"}
    assert server.copies() == ONE_EACH


def test_what_one_report_was_sent_says_nothing_of_another(shop: Shop, server: MailServer):
    shop.send(server)
    path = shop.folder / "email/management.eml"
    path.write_bytes(path.read_bytes().replace(REPORT_ID.encode(), b"2011-12-1a2b3c4d"))
    assert states(shop.send(server)) == {
        CHEF: "sent",
        ANNA: "already_sent",
        BOB: "already_sent",
    }


def test_two_runs_at_once_send_once(shop: Shop, server: MailServer):
    server.faults.append(Fault("content", HOLD, times=1))
    first: list[Outcome] = []
    thread = threading.Thread(target=lambda: first.append(shop.send(server)))
    thread.start()
    assert server.is_holding.wait(10)
    with pytest.raises(OutputError, match="another run is sending with it"):
        shop.send(server)
    with pytest.raises(OutputError, match="another run is sending with it"):
        send_report(shop.folder, shop.settings(server), DRY)
    server.released.set()
    thread.join(10)
    assert states(first[0]) == ALL_SENT
    assert set(states(shop.send(server)).values()) == {"already_sent"}
    assert server.copies() == ONE_EACH


@pytest.mark.parametrize("after", ["pending", "sent"])
def test_a_ledger_that_fails_ends_the_run(after, shop: Shop, server: MailServer, monkeypatch):
    from rfmreport.mail.ledger import Ledger

    note = Ledger.note

    def failing(self, entry):
        if (entry.state, entry.key.recipient) == (after, ANNA):
            self._connection.execute("PRAGMA query_only = ON")
        note(self, entry)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "note", failing)
        with pytest.raises(OutputError, match="the sending ended there"):
            shop.send(server)
    copies = 1 if after == "sent" else 0
    assert server.copies() == {CHEF: 1} | ({ANNA: 1} if copies else {})
    now = {"sent": "unknown", "pending": "sent"}[after]
    assert states(shop.send(server)) == {CHEF: "already_sent", ANNA: now, BOB: "sent"}
    assert server.copies() == ONE_EACH


# --- nothing is sent ------------------------------------------------------------------------------


def test_a_dry_run_says_what_would_happen_and_touches_nothing(shop: Shop, server: MailServer):
    outcome = send_report(shop.folder, shop.settings(server, host=""), DRY)
    assert states(outcome) == dict.fromkeys(ALL_SENT, "to_send")
    assert (server.connection_count, shop.ledger.exists()) == (0, False)
    server.faults.append(Fault("RCPT", "550 No", ANNA))
    server.faults.append(Fault("kept", DROP, BOB))
    shop.send(server)
    before = shop.ledger.read_bytes()
    count = server.connection_count
    outcome = send_report(shop.folder, shop.settings(server), DRY)
    assert states(outcome) == {CHEF: "already_sent", ANNA: "to_send", BOB: "unknown"}
    outcome = send_report(shop.folder, shop.settings(server), replace(DRY, resend=True))
    assert states(outcome) == {CHEF: "already_sent", ANNA: "to_send", BOB: "to_send"}
    assert (server.connection_count, shop.ledger.read_bytes()) == (count, before)


SETTINGS_THAT_CANNOT_SEND = {
    "no host": ({"host": ""}, "email.host is not set"),
    "a port in the host": ({"host": "smtp.shop.example:587"}, "email.host: .* without a port"),
    "a space in the host": ({"host": "smtp shop"}, "email.host: 'smtp shop' is no domain"),
    "plain to elsewhere": (
        {"host": "smtp.shop.example", "security": "none"},
        'email.security = "none" is for a mail server on this machine',
    ),
    "plain to an address": ({"host": "192.0.2.1", "security": "none"}, "on this machine"),
    "plain login": ({"security": "none", "user": USER}, "nobody logs in without encryption"),
    "no authority": ({"ca_file": "nowhere.pem", "security": "tls"}, "No such file"),
    "no certificates": ({"ca_file": __file__, "security": "tls"}, "holds no certificates as PEM"),
}


@pytest.mark.parametrize("case", SETTINGS_THAT_CANNOT_SEND)
def test_settings_that_cannot_send_are_told_in_one_line(
    case, shop: Shop, server: MailServer, monkeypatch
):
    changed, message = SETTINGS_THAT_CANNOT_SEND[case]
    with pytest.raises(SettingsError, match=message):
        shop.send(server, **changed)
    assert (server.connection_count, shop.ledger.exists()) == (0, False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_on_this_machine_needs_no_encryption(host, shop: Shop, server: MailServer):
    assert states(shop.send(server, host=host)) == ALL_SENT


# --- whatever happens -----------------------------------------------------------------------------

STEPS = st.sampled_from(["connect", "EHLO", "MAIL", "RCPT", "DATA", "content", "RSET"])
DEEDS = st.sampled_from([DROP, "450 Later", "550 No", "421 Bye", "garbage"])
WHO = st.sampled_from(["", ANNA, BOB])
TIMES = st.integers(1, 3)
FAULTS = st.one_of(
    st.builds(Fault, STEPS, DEEDS, WHO, TIMES),
    st.builds(Fault, st.just("kept"), st.sampled_from([DROP, "garbage"]), WHO, TIMES),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(FAULTS, max_size=3), min_size=1, max_size=3))
def test_never_twice_never_not(tmp_path_factory, runs: list[list[Fault]]):
    """After any faults in any number of runs, a good one leaves one mail each, or a told doubt."""
    folder = tmp_path_factory.mktemp("shop") / "report"
    write_mail(folder, "marketing", [ANNA, BOB])
    write_mail(folder, "management", [CHEF])
    shop = Shop(folder)
    told: dict[str, set[str]] = {}
    with MailServer() as server:
        for faults in [*runs, []]:
            server.faults = [replace(fault) for fault in faults]
            for delivery in shop.send(server).deliveries:
                told.setdefault(delivery.recipient, set()).add(delivery.state)
        copies = server.copies()
        last = states(shop.send(server))
    for recipient, state in last.items():
        assert copies[recipient] <= 1
        assert state in {"already_sent", "unknown"}
        assert ("sent" in told[recipient]) == (state == "already_sent")
        assert copies[recipient] == 1 or state == "unknown"
