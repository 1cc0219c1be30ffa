"""A mail server on loopback: keeps mails, refuses recipients when told to."""

import socket
import ssl
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    encrypted: bool
    user: str

    @property
    def parsed(self) -> EmailMessage:
        """What a mail program reads."""
        return cast(EmailMessage, message_from_bytes(self.raw, policy=policy.default))

    @property
    def text(self) -> str:
        """What its reader sees, without the line's end that every mail has."""
        return str(self.parsed.get_body(("plain",)).get_content()).replace("\r\n", "\n").removesuffix("\n")


BREAK_OFF = "break off"  # after the mail was taken, instead of an answer


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@dataclass
class FakeSmtp:
    """`with FakeSmtp() as smtp:` answers at `smtp.port` until the block ends. With `tls` it offers STARTTLS."""

    tls: ssl.SSLContext | None = None
    utf8: bool = True  # takes addresses in every script
    mails: list[Mail] = field(default_factory=list)
    at_recipient: deque[str] = field(default_factory=deque)  # answers to the next RCPT commands
    at_data: deque[str] = field(default_factory=deque)  # answers to the next DATA commands
    logins: dict[str, str] = field(default_factory=dict)
    senders: tuple[str, ...] = ()  # whose mails alone are taken; everybody's, if none is named
    port: int = field(default_factory=free_port)

    def __enter__(self) -> Self:
        self._controller = Controller(
            _Handler(self),
            hostname="127.0.0.1",
            port=self.port,
            tls_context=self.tls,
            authenticator=self._check,
            enable_SMTPUTF8=self.utf8,
        )
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.mails if address in mail.recipients]

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        user, password = data.login.decode(), data.password.decode()
        right = self.logins.get(user) == password
        return AuthResult(success=right, handled=right, auth_data=user)  # not handled: answered with 535


class _Handler:
    def __init__(self, smtp: FakeSmtp) -> None:
        self.smtp = smtp

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.smtp.senders and address not in self.smtp.senders:
            return "550 not one of ours"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.smtp.at_recipient:
            return self.smtp.at_recipient.popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.smtp.at_data.popleft() if self.smtp.at_data else ""
        if answer not in ("", BREAK_OFF):
            return answer
        mail = Mail(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            raw=cast(bytes, envelope.content),
            encrypted=session.ssl is not None,
            user=str(session.auth_data or ""),
        )
        self.smtp.mails.append(mail)
        if answer == BREAK_OFF:
            server.transport.abort()
        return "250 OK"
