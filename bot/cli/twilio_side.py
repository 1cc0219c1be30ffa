"""The tester's side of the webhook: signs and posts texts as Twilio does."""

import secrets
from dataclasses import dataclass
from xml.etree import ElementTree

import requests
from twilio.request_validator import RequestValidator

ROUTE = "/twilio/sms"


class PostRefused(Exception):
    """The server did not answer with TwiML; the text says why."""


@dataclass(frozen=True, slots=True)
class TwilioSide:
    """Posts to `url`; signs for `public_url`, which is what the server believes its address to be."""

    url: str
    public_url: str
    account_sid: str
    auth_token: str
    number: str = "+15555550199"

    def text(self, sender: str, body: str, sid: str = "") -> str | None:
        """Post one text; the reply, or None for silence. Raises PostRefused."""
        form = {
            "MessageSid": sid or f"SM{secrets.token_hex(16)}",
            "AccountSid": self.account_sid,
            "From": sender,
            "To": self.number,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
        }
        signature = RequestValidator(self.auth_token).compute_signature(f"{self.public_url}{ROUTE}", form)
        try:
            answer = requests.post(
                f"{self.url}{ROUTE}", data=form, headers={"X-Twilio-Signature": signature}, timeout=15
            )
        except requests.RequestException as error:
            raise PostRefused(f"nothing answers at {self.url} ({type(error).__name__})") from None
        if answer.status_code != 200:
            raise PostRefused(f"{answer.status_code}: {answer.text.strip()}")
        message = ElementTree.fromstring(answer.content).find("Message")  # noqa: S314 - our own server
        return None if message is None else message.text
