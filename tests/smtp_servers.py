"""Real mail servers for the tests: aiosmtpd in a thread, with TLS, login, and faults as wanted."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from typing import TYPE_CHECKING, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    import trustme

Step = Literal[
    "connect", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "content", "kept", "RSET"
]
DROP = "drop"
SILENCE = "silence"
HOLD = "hold"
ENOUGH = "enough"
USER = "reports@shop.example"


@dataclass
class Fault:
    """What goes wrong at a step, for how many times, for whom.

    `does` is a reply such as "450 4.2.0 Greylisted", DROP (hang up), SILENCE (say nothing more) or
    HOLD (go on when the test releases the server; only at "content") or ENOUGH (say no in the
    middle of the mail and read no more of it; only at "DATA"). With 421 it hangs up. The step
    "content" is after the mail was received and before it is kept, "kept" after that.
    """

    step: Step
    does: str
    recipient: str = ""
    times: int = 1_000

    def fits(self, step: str, recipient: str) -> bool:
        return self.step == step and self.times > 0 and self.recipient in {"", recipient}


@dataclass(frozen=True)
class Received:
    """One mail as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    was_encrypted: bool
    user: str | None
    options: tuple[str, ...]

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=SMTP_POLICY)


@dataclass
class MailServer:
    """A server, what it shall do wrong, and what it has received."""

    security: Literal["starttls", "tls", "none"] = "none"
    certificate: trustme.LeafCert | None = None
    password: str = ""
    """With one, nobody may send without a login."""
    largest_bytes: int = 33_554_432
    without: tuple[str, ...] = ()
    """Extensions that are not offered: "STARTTLS", "SIZE", "8BITMIME", "SMTPUTF8", "AUTH"."""
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    faults: list[Fault] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    connection_count: int = 0
    commands: list[str] = field(default_factory=list)
    port: int = 0
    is_holding: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        """Start it on a free port."""
        self._loop = asyncio.new_event_loop()
        self.sessions: set[_Session] = set()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        started = threading.Event()
        self._started = started
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it, whatever it was doing."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def copies(self) -> Counter[str]:
        """Return how many mails each recipient got."""
        return Counter(recipient for mail in self.received for recipient in mail.recipients)

    def to(self, recipient: str) -> EmailMessage:
        """Return the one mail that a recipient got."""
        (mail,) = (mail for mail in self.received if recipient in mail.recipients)
        return mail.message

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._until_stopped())
        self._loop.close()

    async def _until_stopped(self) -> None:
        self._stop = asyncio.Event()
        context = self._tls_context() if self.security == "tls" else None
        server = await self._loop.create_server(
            lambda: _Session(self), "127.0.0.1", self.port, ssl=context
        )
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        for session in list(self.sessions):
            session.hang_up()
        await asyncio.sleep(0.01)  # lets the sessions end
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _tls_context(self) -> ssl.SSLContext:
        assert self.certificate is not None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.certificate.configure_cert(context)
        return context

    def options(self) -> dict[str, object]:
        """Return how aiosmtpd is set up."""
        return {
            "data_size_limit": self.largest_bytes,
            "enable_SMTPUTF8": "SMTPUTF8" not in self.without,
            "hostname": "mail.test",
            "tls_context": self._tls_context() if self.security == "starttls" else None,
            "require_starttls": self.security == "starttls" and "STARTTLS" not in self.without,
            "auth_require_tls": self.security == "starttls",
            "auth_exclude_mechanism": {"PLAIN", "LOGIN"} - set(self.mechanisms),
            "authenticator": self._authenticate,
        }

    def fault(self, step: Step, recipient: str = "") -> str:
        """Return what shall go wrong now."""
        for fault in self.faults:
            if fault.fits(step, recipient):
                fault.times -= 1
                return fault.does
        return ""

    def _authenticate(self, *asked) -> AuthResult:
        *_, data = asked
        is_right = (data.login, data.password) == (USER.encode(), self.password.encode())
        return AuthResult(success=is_right, handled=False, auth_data=data)


class _Session(SMTP):
    """One connection to the server."""

    def __init__(self, mail_server: MailServer) -> None:
        self.mail_server = mail_server
        super().__init__(_Handler(mail_server), **mail_server.options())

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        self.mail_server.sessions.add(self)

    def connection_lost(self, error) -> None:
        super().connection_lost(error)
        self.mail_server.sessions.discard(self)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    async def _handle_client(self) -> None:
        self.mail_server.connection_count += 1
        if not await self.goes_wrong("connect"):
            await super()._handle_client()

    async def goes_wrong(self, step: Step, recipient: str = "") -> bool:
        """Do what shall go wrong at a step; say whether anything did."""
        does = self.mail_server.fault(step, recipient)
        if does == DROP:
            self.hang_up()
        if does == ENOUGH:
            await self.push("354 Go ahead\r\n552 5.3.4 Enough")
        if does in {DROP, SILENCE, ENOUGH}:
            await asyncio.sleep(60)  # cancelled when the connection ends
        if does:
            await self.push(does)
        if does.startswith("421"):
            self.transport.close()
        return bool(does)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802  aiosmtpd's name
        if not await self.goes_wrong("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if not await self.goes_wrong("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        self.mail_server.commands.append(f"AUTH {arg}")
        if not await self.goes_wrong("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        self.mail_server.commands.append(f"MAIL {arg}")
        if self.mail_server.password and not self.session.authenticated:
            await self.push("530 5.7.0 Authentication required")
        elif not await self.goes_wrong("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        self.mail_server.commands.append(f"RCPT {arg}")
        recipient = arg.partition("<")[2].partition(">")[0]
        if not await self.goes_wrong("RCPT", recipient):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        recipient = self.envelope.rcpt_tos[0] if self.envelope.rcpt_tos else ""
        if not await self.goes_wrong("DATA", recipient):
            await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        if not await self.goes_wrong("RSET"):
            await super().smtp_RSET(arg)


class _Handler:
    """What aiosmtpd asks when a greeting or a mail has arrived."""

    def __init__(self, mail_server: MailServer) -> None:
        self.mail_server = mail_server

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        return [
            line for line in responses if line[4:].partition(" ")[0] not in self.mail_server.without
        ]

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        does = self.mail_server.fault("content", recipient)
        if does == HOLD:
            self.mail_server.is_holding.set()
            while not self.mail_server.released.is_set():  # noqa: ASYNC110  of another thread
                await asyncio.sleep(0.01)
            does = ""
        if does and does not in {DROP, SILENCE}:
            return does
        if not does:
            self.mail_server.received.append(
                Received(
                    sender=envelope.mail_from,
                    recipients=tuple(envelope.rcpt_tos),
                    content=envelope.content,
                    was_encrypted=server.transport.get_extra_info("ssl_object") is not None,
                    user=session.auth_data.login.decode() if session.authenticated else None,
                    options=tuple(envelope.mail_options),
                )
            )
            does = self.mail_server.fault("kept", recipient)
        if does == DROP:
            server.hang_up()
        if does in {DROP, SILENCE}:
            await asyncio.sleep(60)
        return does or "250 2.0.0 Queued"


def write_authority(authority: trustme.CA, path: Path) -> Path:
    """Write the certificate that clients must trust."""
    authority.cert_pem.write_to_path(str(path))
    return path
