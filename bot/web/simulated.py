"""Twilio's side of the webhook, for testers: what it posts for one text, and what it reads in the answer."""

import secrets
from xml.etree import ElementTree

ROUTE = "/twilio/sms"
NUMBER = "+15555550199"  # the number that people text where none is given


def form_for(account_sid: str, sender: str, body: str, *, to: str = "", sid: str = "") -> dict[str, str]:
    """The form of one inbound text message."""
    return {
        "MessageSid": sid or f"SM{secrets.token_hex(16)}",
        "AccountSid": account_sid,
        "From": sender,
        "To": to or NUMBER,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }


def reply_in(twiml: bytes) -> str | None:
    """The text of the answer, None for silence. Raises ElementTree.ParseError for what is no TwiML."""
    message = ElementTree.fromstring(twiml).find("Message")  # noqa: S314 - our own server wrote it
    return None if message is None else message.text
