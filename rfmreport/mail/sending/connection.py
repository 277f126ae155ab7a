"""One connection to the mail server: the only module that opens any."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import localtime
from typing import TYPE_CHECKING, Literal

from rfmreport.mail.deliveries import SMALLER, megabytes, one_line
from rfmreport.mail.files import in_7bit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rfmreport.mail.files import WrittenMail
    from rfmreport.mail.sending.server import Server

_DOT = b".\r\n"
_CHUNK_BYTES = 65_536
# A server looks for viruses before it answers to a whole mail, and giving up on the answer is how
# mails come twice: RFC 5321, 4.5.3.2.6, allows it ten minutes.
_TIMES_FOR_A_MAIL = 10
_OK, _TRY_LATER, _NO = 2, 4, 5  # the first digit of a reply
_GO_AHEAD, _GO_ON_WITH_LOGIN, _TOO_LARGE, _LOGIN_NEEDED = 354, 334, 552, 530
_MAYBE_A_SECRET = re.compile(r"[A-Za-z0-9+/=]{16,}")
_OUR_AUTHORITY = "; if an authority of your own made it, name that one's file in email.ca_file"
# By the numbers of X509_verify_cert_error_string(3): self-signed, unknown issuer, other name.
_CERTIFICATE_HINTS = {
    **dict.fromkeys((18, 19, 20, 21), _OUR_AUTHORITY),
    **dict.fromkeys((62, 64), "; email.host must be the name for which it was made"),
}

Ending = Literal["accepted", "refused", "later", "lost", "unknown", "not_asked"]
"""later: the server wants to be asked again. lost: the connection was, before the mail was handed
over; unknown: after that. not_asked: the server cannot take such a mail."""


class TryLaterError(Exception):
    """There is no connection now; the text says why."""


class HopelessError(Exception):
    """There will be no connection before somebody mends something; the text says what."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one transaction ended, and what the server said or why it could not."""

    ending: Ending
    words: str


class Connection:
    """A connection to the mail server: encrypted and logged in, or not made at all."""

    def __init__(self, server: Server) -> None:
        """Connect; a failure is either worth trying again or hopeless."""
        self._server = server
        with _explained(server):
            self._client = _opened(server)
            try:
                _introduce(self._client, server)
            except BaseException:
                self._client.close()
                raise

    @property
    def is_open(self) -> bool:
        """Say whether it can be used again."""
        return self._client.sock is not None

    def transact(
        self, mail: WrittenMail, recipient: str, before_data: Callable[[], None]
    ) -> Answer:
        """Give the server one mail for one recipient.

        `before_data` is called before the mail itself is offered: the last moment at which it is
        sure that nothing was delivered.
        """
        needs_utf8 = mail.has_utf8_headers or not f"{recipient}{mail.sender}".isascii()
        content = self._fitted(mail)
        reason = self._cannot_take(len(content), needs_utf8=needs_utf8)
        if reason:
            return Answer("not_asked", reason)
        self._client.command_encoding = "utf-8" if needs_utf8 else "ascii"
        options = self._options(content, needs_utf8=needs_utf8)
        try:
            for command in (f"MAIL FROM:<{mail.sender}>{options}", f"RCPT TO:<{recipient}>"):
                code, reply = self._client.docmd(command)
                if code // 100 != _OK:
                    return self._after(self._answer(code, reply, len(content)))
            before_data()
            code, reply = self._client.docmd("DATA")
            if code != _GO_AHEAD:
                return self._after(self._answer(code, reply, len(content)))
        except OSError as error:
            return self._after(Answer("lost", _how_lost(error, self._server.timeout_seconds)))
        return self._after(self._hand_over(content))

    def leave(self) -> None:
        """Say goodbye, and close."""
        with suppress(OSError):
            self._client.docmd("QUIT")
        self.close()

    def close(self) -> None:
        """Hang up without a word, also in the middle of a transaction."""
        self._client.close()

    def _fitted(self, mail: WrittenMail) -> bytes:
        content = mail.dated(localtime())
        if content.isascii() or self._client.has_extn("8bitmime"):
            return content
        return in_7bit(content)

    def _cannot_take(self, byte_count: int, *, needs_utf8: bool) -> str:
        """Return why the server need not be asked; nothing where it may take the mail."""
        if needs_utf8 and not self._client.has_extn("smtputf8"):
            return (
                f"{self._server} does not offer SMTPUTF8, which letters such as ö before the @ "
                "need: give another address"
            )
        limit = self._client.esmtp_features.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < byte_count:
            return (
                f"the mail has {megabytes(byte_count)}, and {self._server} takes "
                f"{megabytes(int(limit))} at most: {SMALLER}"
            )
        return ""

    def _options(self, content: bytes, *, needs_utf8: bool) -> str:
        options = {
            f" SIZE={len(content)}": self._client.has_extn("size"),
            " BODY=8BITMIME": not content.isascii(),
            " SMTPUTF8": needs_utf8,
        }
        return "".join(option for option, is_needed in options.items() if is_needed)

    def _hand_over(self, content: bytes) -> Answer:
        """Send the mail itself: if the connection is lost at its end, nobody knows how it ended."""
        sent = self._sent(content)
        is_whole = sent == "whole"
        seconds = self._server.timeout_seconds * (_TIMES_FOR_A_MAIL if is_whole else 1)
        try:
            self._socket().settimeout(seconds)
            code, reply = self._client.getreply()
            self._socket().settimeout(self._server.timeout_seconds)
        except OSError as error:
            words = f"{_how_lost(error, seconds)} while the mail was being handed over"
            return Answer("lost" if sent == "a part" else "unknown", words)
        if not is_whole:
            self.close()
        if code // 100 in {_TRY_LATER, _NO}:
            return self._answer(code, reply, len(content))
        ending: Ending = "accepted" if code // 100 == _OK and is_whole else "unknown"
        return Answer(ending, self._said(code, reply))

    def _sent(self, content: bytes) -> Literal["whole", "a part", "perhaps whole"]:
        """Send the mail; a server that has had enough of it hangs up, and may have said why.

        Before the last piece, which holds the dot that ends it, no server can have taken it.
        """
        stuffed = re.sub(rb"^\.", b"..", content, flags=re.MULTILINE) + _DOT
        start = 0
        try:
            # The socket's timeout is for a whole call: in one, a slow line could not carry a PDF.
            for start in range(0, len(stuffed), _CHUNK_BYTES):
                self._socket().sendall(stuffed[start : start + _CHUNK_BYTES])
        except OSError:
            return "perhaps whole" if start + _CHUNK_BYTES + len(_DOT) > len(stuffed) else "a part"
        return "whole"

    def _socket(self) -> socket.socket:
        if self._client.sock is None:
            raise smtplib.SMTPServerDisconnected
        return self._client.sock

    def _answer(self, code: int, reply: bytes, byte_count: int) -> Answer:
        """Return what a reply means that does not let the transaction go on."""
        said = self._said(code, reply)
        if code // 100 != _NO:
            return Answer("later" if code // 100 == _TRY_LATER else "lost", said)
        hints = {
            _TOO_LARGE: f" (the mail has {megabytes(byte_count)})",
            _LOGIN_NEEDED: "" if self._server.user else " (set email.user to log in)",
        }
        return Answer("refused", said + hints.get(code, ""))

    def _after(self, answer: Answer) -> Answer:
        """Make the connection fit for the next transaction, or close it."""
        if answer.ending in {"lost", "unknown"}:
            self.close()
        elif answer.ending != "accepted":
            with suppress(OSError):  # such as after 421, with which a server says goodbye
                code, _ = self._client.rset()
                if code // 100 == _OK:
                    return answer
            self.close()
        return answer

    def _said(self, code: int, reply: bytes) -> str:
        words = _without_secrets(reply, self._server.secrets())
        return f"{code} {words}" if code > 0 else f"the server's answer makes no sense: …{words}"


def _opened(server: Server) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout_seconds, context=server.context
        )
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)


def _introduce(client: smtplib.SMTP, server: Server) -> None:
    """Greet the server, encrypt where that is still to do, and log in."""
    client.ehlo_or_helo_if_needed()
    if server.security == "starttls":
        if not client.has_extn("starttls"):
            reason = (
                f"{server} does not offer STARTTLS, so the mail could be read on its way; use "
                'email.security = "tls" if the server has a port for it, such as 465'
            )
            raise HopelessError(reason)
        client.starttls(context=server.context)
        client.ehlo_or_helo_if_needed()
    if server.user:
        _log_in(client, server)


def _log_in(client: smtplib.SMTP, server: Server) -> None:
    """Log in with PLAIN, else LOGIN.

    The standard library's own login takes no password with letters such as ä, and repeats it in the
    error that it raises.
    """
    offered = client.esmtp_features.get("auth", "").upper().split()
    steps = next((steps for name, steps in server.login_steps().items() if name in offered), None)
    if steps is None:
        reason = (
            f"{server} offers no login that rfmreport knows (PLAIN or LOGIN; it offers "
            f"{one_line(', '.join(offered)) or 'none'})"
        )
        raise HopelessError(reason)
    for step in steps:
        code, reply = client.docmd(step)
        if code // 100 != _OK and code != _GO_ON_WITH_LOGIN:
            break
    if code // 100 == _OK:
        return
    words = _MAYBE_A_SECRET.sub("…", _without_secrets(reply, server.secrets()))
    reason = f"{server}: the login as {server.user!r} was not accepted: {code} {words}"
    if code // 100 == _TRY_LATER:
        raise TryLaterError(reason)
    reason += "; check email.user and the password"
    raise HopelessError(reason)


@contextmanager
def _explained(server: Server) -> Iterator[None]:
    """Turn what goes wrong while connecting into one sentence, and into worth a retry or not."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        reason = f"{server}: its certificate is not trusted: {one_line(error.verify_message)}"
        raise HopelessError(reason + _CERTIFICATE_HINTS.get(error.verify_code, "")) from error
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
        reason = f"{server}: the connection was lost while it was being encrypted"
        raise TryLaterError(reason) from error
    except ssl.SSLError as error:
        reason = f"{server}: no encryption that both sides know ({error.reason}); {_check(server)}"
        raise HopelessError(reason) from error
    except smtplib.SMTPResponseException as error:
        reason = f"{server}: {error.smtp_code} {_without_secrets(error.smtp_error, ())}"
        kind = HopelessError if error.smtp_code // 100 == _NO else TryLaterError
        raise kind(reason) from error
    except socket.gaierror as error:
        reason = f"{server}: no such server is known ({error.strerror}); check email.host"
        raise TryLaterError(reason) from error
    except OSError as error:
        reason = f"{server}: {_how_lost(error, server.timeout_seconds)}; {_check(server)}"
        raise TryLaterError(reason) from error


def _check(server: Server) -> str:
    return f'check email.port ({server.port}) and email.security ("{server.security}")'


def _how_lost(error: OSError, seconds: float) -> str:
    # The standard library's SMTP tells a timeout apart in its text only.
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return f"the server was silent for {seconds:g} s"
    if isinstance(error, smtplib.SMTPException):
        return "the connection was lost"
    return f"no connection ({error.strerror or type(error).__name__})"


def _without_secrets(reply: bytes | str, secrets: Iterable[str]) -> str:
    """Return the server's words as one line, also where it repeats what it was told."""
    words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    for secret in secrets:
        words = words.replace(secret, "…")
    return one_line(words)
