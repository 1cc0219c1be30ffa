"""Twilio's client, with a time-out, the clock of the other side, and another address for tests."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

TIMEOUT = 10.0  # seconds to connect, and again to answer; the SDK's default waits for ever
AT_ONCE = 32  # connections that are kept


def build_client(account_sid: str, auth_token: str, api_url: str = "") -> Client:
    """Sends nothing before its first request. `api_url`: TWILIO_API_URL."""
    return Client(account_sid, auth_token, http_client=DatedHttpClient(api_url))


class DatedHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """With a time-out, and with another address where TWILIO_API_URL names one: the SDK has no such option."""

    def __init__(self, api_url: str) -> None:
        super().__init__(timeout=TIMEOUT)
        self.session.mount("https://", HTTPAdapter(pool_maxsize=AT_ONCE))
        self.session.mount("http://", HTTPAdapter(pool_maxsize=AT_ONCE))
        self.api = urlsplit(api_url) if api_url else None
        self.date = ""  # of the last answer, as HTTP writes it

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self.api:
            url = urlunsplit(urlsplit(url)._replace(scheme=self.api.scheme, netloc=self.api.netloc))
        response = super().request(method, url, *args, **kwargs)
        self.date = response.headers.get("Date", "")
        return response
