"""Emails by SMTP, with TLS."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from html import escape
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from bot.conversation.scripts import direction
from bot.ports import DeliveryRefused, DeliveryUnavailable, Message

LINK = re.compile(r"https?://[^\s<>\"]+")
TIMEOUT = 10.0  # seconds


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
            raise ValueError("write smtp://user:password@host:587?from=records@example.org")
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

    def send(self, message: Message) -> str:
        mail = _mail(message, self.address.sender)
        try:
            with self._connect() as server:
                if not message.to.isascii() and not server.has_extn("smtputf8"):
                    raise DeliveryRefused("SMTPUTF8")
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise _translated(next(iter(error.recipients.values()))[0]) from None
        except smtplib.SMTPDataError as error:
            raise _translated(error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryUnavailable(type(error).__name__) from None
        return str(mail["Message-ID"])

    def _connect(self) -> smtplib.SMTP:
        address, context = self.address, ssl.create_default_context()
        if address.tls == "always":
            server: smtplib.SMTP = smtplib.SMTP_SSL(address.host, address.port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(address.host, address.port, timeout=TIMEOUT)
        try:
            self._greet(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        server.ehlo()
        if self.address.tls == "start" or (self.address.tls == "offered" and server.has_extn("starttls")):
            server.starttls(context=context)  # raises where the server does not offer it
            server.ehlo()
        if self.address.user:
            server.login(self.address.user, self.address.password)


def _has_port(parts: SplitResult) -> bool:
    """Whether the port is a number, or left to us."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _translated(code: int) -> DeliveryUnavailable | DeliveryRefused:
    """5xx is final. The server's own text may name the address and is dropped."""
    return DeliveryRefused(str(code)) if code >= 500 else DeliveryUnavailable(str(code))


def _mail(message: Message, sender: str) -> EmailMessage:
    """The text, plain and as HTML in its own direction; no picture that reports who opened it."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.to
    mail["Subject"] = message.subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(idstring=message.delivery_id, domain=sender.partition("@")[2])
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
