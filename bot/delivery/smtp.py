"""Emails by SMTP, with TLS."""

import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from html import escape
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from bot.conversation.scripts import direction
from bot.outbox.delivery import Message, Report, Route
from bot.ports import DeliveryRefused, DeliveryUnavailable, DeliveryUncertain

LINK = re.compile(r"https?://[^\s<>\"]+")
TIMEOUT = 10.0  # seconds for one answer
SESSION = 25.0  # seconds for one mail, less than the outbox waits before it thinks that we are dead


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """`smtp://user:password@host:587?from=records@example.org`, or `smtps://` for TLS from the first byte."""

    host: str
    port: int
    user: str
    password: str
    sender: str
    tls: str  # "start", "always" or "offered"

    def __repr__(self) -> str:
        return f"SmtpAddress({self.host}:{self.port})"

    @classmethod
    def parse(cls, url: str, *, tls_required: bool) -> "SmtpAddress":
        """Raises ValueError with the fix."""
        parts = urlsplit(url)
        sender = parse_qs(parts.query).get("from", [""])[0]
        if not (parts.scheme in ("smtp", "smtps") and parts.hostname and "@" in sender and _has_port(parts)):
            raise ValueError(
                "write smtp://user:password@host:587?from=records@example.org; several with a space between them"
            )
        always = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if always else 587),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            sender=sender,
            tls="always" if always else ("start" if tls_required else "offered"),
        )


class SmtpDelivery:
    def __init__(self, address: SmtpAddress) -> None:
        self.address = address

    def route(self, message: Message, *, booked: str = "", tried: str = "") -> Route:
        return Route()

    def send(self, message: Message, seconds: float = 0.0) -> Report:
        """`seconds`: after which the server is cut off, if not SESSION."""
        mail = _mail(message, self.address.sender)
        if not _is_for_one(mail, message.to):
            raise DeliveryRefused("ADDRESS")
        with self._session(seconds or SESSION) as server:
            if not message.to.isascii() and not server.has_extn("smtputf8"):
                raise DeliveryRefused("SMTPUTF8")
            _hand_over(server, mail, message.to)
            with suppress(smtplib.SMTPException, OSError):  # it has the mail, whatever becomes of the farewell
                server.quit()
        return Report("accepted", str(mail["Message-ID"]), last=True)

    def find(self, message: Message, *, since: float, known: Collection[str]) -> None:
        """Nobody can know. A second mail has the same Message-ID, by which mail programs can tell that it is one."""

    def status(self, message: Message, provider_id: str) -> None:
        """Nobody can know."""

    def knock(self) -> str:
        """Connect, TLS, login and the name of our sender, but no mail; the version of TLS, "" for none.

        Raises DeliveryUnavailable.
        """
        with self._session(SESSION) as server:
            tls = server.sock.version() if isinstance(server.sock, ssl.SSLSocket) else ""
            try:
                code, _ = server.mail(self.address.sender)
                server.quit()
            except (smtplib.SMTPException, OSError) as error:
                raise DeliveryUnavailable(_why(error)) from None
            if code != 250:
                raise DeliveryUnavailable(f"the mail server takes no mail from {self.address.sender}: {code}")
            return tls or ""

    @contextmanager
    def _session(self, seconds: float) -> Iterator[smtplib.SMTP]:
        """For so long at most, however slowly the server answers. Raises DeliveryUnavailable."""
        context, began = ssl.create_default_context(), time.monotonic()
        try:
            server = self._connect(context, min(TIMEOUT, seconds))
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryUnavailable(_why(error)) from None
        watchdog = threading.Timer(max(0.0, began + seconds - time.monotonic()), _cut_off, [server])
        watchdog.daemon = True
        watchdog.start()
        try:
            self._introduce(server, context)
            yield server
        finally:
            watchdog.cancel()
            server.close()

    def _connect(self, context: ssl.SSLContext, timeout: float) -> smtplib.SMTP:
        address = self.address
        if address.tls == "always":
            return smtplib.SMTP_SSL(address.host, address.port, timeout=timeout, context=context)
        return smtplib.SMTP(address.host, address.port, timeout=timeout)

    def _introduce(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        try:
            self._greet(server, context)
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryUnavailable(_why(error)) from None

    def _greet(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        server.ehlo()
        if self.address.tls == "start" or (self.address.tls == "offered" and server.has_extn("starttls")):
            server.starttls(context=context)  # raises where the server does not offer it
            server.ehlo()
        if self.address.user:
            server.login(self.address.user, self.address.password)


def _hand_over(server: smtplib.SMTP, mail: EmailMessage, to: str) -> None:
    """A connection that breaks off in here may have broken off after the last byte."""
    try:
        server.send_message(mail, to_addrs=[to])
    except smtplib.SMTPRecipientsRefused as error:
        raise _translated(next(iter(error.recipients.values()))[0]) from None
    except smtplib.SMTPDataError as error:
        raise _translated(error.smtp_code) from None
    except OSError as error:  # SMTPException is one
        lost = isinstance(error, smtplib.SMTPServerDisconnected) or not isinstance(error, smtplib.SMTPException)
        raise (DeliveryUncertain if lost else DeliveryUnavailable)(type(error).__name__) from None


def _why(error: Exception) -> str:
    """For whoever has to mend it: the server's own words may name the address and are dropped."""
    match error:
        case ssl.SSLCertVerificationError():
            return "the mail server's certificate is not for this host, has ended or is of nobody we trust"
        case ssl.SSLError():
            return "the mail server speaks no TLS that we take"
        case smtplib.SMTPNotSupportedError():
            return "the mail server lacks what is needed: STARTTLS, or a login after it"
        case smtplib.SMTPAuthenticationError():
            return "the mail server does not take user and password"
        case smtplib.SMTPResponseException():
            return f"the mail server does not let us in: {error.smtp_code}"
    return type(error).__name__


def _cut_off(server: smtplib.SMTP) -> None:
    with suppress(OSError):
        if server.sock:
            server.sock.shutdown(socket.SHUT_RDWR)


def _has_port(parts: SplitResult) -> bool:
    """Whether the port is a number, or left to us."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _translated(code: int) -> DeliveryUnavailable | DeliveryRefused:
    """5xx is final, 4xx passes, and 45x is about this mail alone. The server's own text may name the address and is
    dropped."""
    return DeliveryRefused(str(code)) if code >= 500 else DeliveryUnavailable(str(code), is_general=code < 450)


def _is_for_one(mail: EmailMessage, to: str) -> bool:
    """Whether a mail server reads of the header the one recipient that we mean: `a,b@c.org` would be two."""
    return [address.addr_spec for address in mail["To"].addresses] == [to]


def _mail(message: Message, sender: str) -> EmailMessage:
    """The text, plain and as HTML in its own direction; no picture that reports who opened it."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.to
    mail["Subject"] = message.subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{message.delivery_id}@{sender.partition('@')[2]}>"  # the same at every try
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body + "\n", cte="quoted-printable")  # not every mail server takes 8 bits
    mail.add_alternative(_html(message), subtype="html", cte="quoted-printable")
    mail["Content-Language"] = message.language  # set_content would remove it
    return mail


def _html(message: Message) -> str:
    """The same words; only here can a mail reader be told which way they run."""
    lines = (LINK.sub(r'<a href="\g<0>" dir="ltr">\g<0></a>', escape(line)) for line in message.body.splitlines())
    way = f'lang="{escape(message.language)}" dir="{direction(message.language)}"'
    return f"<!doctype html>\n<html {way}><body><p>{'<br>'.join(lines)}</p></body></html>\n"
