"""Text and picture messages by Twilio's REST API."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot.ports import DeliveryRefused, DeliveryUnavailable, Message

TIMEOUT = 10.0  # seconds; the SDK's default waits for ever


class TwilioDelivery:
    """`status_url` is where Twilio reports what became of a message; its id is put behind it."""

    def __init__(self, account_sid: str, auth_token: str, sender: str, status_url: str, api_url: str = "") -> None:
        http = _HttpClient(api_url)
        self.client = Client(account_sid, auth_token, http_client=http)
        self.sender = sender
        self.status_url = status_url

    def send(self, message: Message) -> str:
        try:
            sent = self.client.messages.create(
                to=message.to,
                from_=self.sender,
                body=message.body,
                status_callback=f"{self.status_url}/{message.delivery_id}",
                **({"media_url": [message.media_url]} if message.media_url else {}),
            )
        except TwilioRestException as error:
            raise _translated(error) from None
        except (TwilioException, requests.RequestException) as error:
            raise DeliveryUnavailable(type(error).__name__) from None
        return str(sent.sid)


class _HttpClient(TwilioHttpClient):  # type: ignore[misc]
    """With a time-out, and with another address where TWILIO_API_URL names one: the SDK has no such option."""

    def __init__(self, api_url: str) -> None:
        super().__init__(timeout=TIMEOUT)
        self.api = urlsplit(api_url) if api_url else None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self.api:
            url = urlunsplit(urlsplit(url)._replace(scheme=self.api.scheme, netloc=self.api.netloc))
        return super().request(method, url, *args, **kwargs)


def _translated(error: TwilioRestException) -> DeliveryUnavailable | DeliveryRefused:
    """429 and 5xx pass, 401 and 403 are for the operator to mend (a token that was replaced, an account that is
    suspended); every other status is final. Twilio's own text may name the number and is dropped."""
    code = str(error.code or error.status)
    if error.status in (401, 403, 429) or error.status >= 500:
        return DeliveryUnavailable(code)
    return DeliveryRefused(code)
