"""The tester's side of the webhook: signs and posts texts as Twilio does."""

from dataclasses import dataclass

import requests

from bot.web.signature import Signature
from bot.web.simulated import ROUTE, form_for, reply_in


class PostRefused(Exception):
    """The server did not answer with TwiML; the text says why."""


@dataclass(frozen=True, slots=True)
class TwilioSide:
    """Posts to `url`; signs for `public_url`, which is what the server believes its address to be."""

    url: str
    public_url: str
    account_sid: str
    auth_token: str

    def text(self, sender: str, body: str, sid: str = "") -> str | None:
        """Post one text; the reply, or None for silence. Raises PostRefused."""
        form = form_for(self.account_sid, sender, body, sid=sid)
        signature = Signature(self.public_url, [self.auth_token]).sign(ROUTE, form)
        try:
            answer = requests.post(
                f"{self.url}{ROUTE}", data=form, headers={"X-Twilio-Signature": signature}, timeout=15
            )
        except requests.RequestException as error:
            raise PostRefused(f"nothing answers at {self.url} ({type(error).__name__})") from None
        if answer.status_code == 403:
            raise PostRefused(f"{answer.text.strip()} If the server goes by another address: --public-url ADDRESS")
        if answer.status_code != 200:
            raise PostRefused(f"{answer.status_code}: {answer.text.strip()}")
        return reply_in(answer.content)
