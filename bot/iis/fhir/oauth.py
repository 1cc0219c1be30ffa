"""OAuth 2.0 client credentials, as SMART backend services use them: one token for a process, kept until it ends."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote_plus

from bot.iis.fhir.address import FhirAddress
from bot.iis.fhir.answer import BROKEN, BUSY, PAGE, away, json_object
from bot.iis.fhir.assertion import AssertionKey, sign_assertion
from bot.iis.fhir.elements import Resource
from bot.iis.fhir.outcome import sentence
from bot.iis.http.client import Answer, HttpClient, after_fork
from bot.iis.http.deadline import seconds_left
from bot.ports import IISRefusesUs, IISRejected, IISUnavailable

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, 2.1
LIFETIME = 300.0  # seconds, where the server does not say
LONGEST = 86_400.0
MARGIN = 30  # seconds before its end in which a token is not used any more
ASKED = "the token end point"
HINTS = {
    "invalid_client": "is this client registered there, with the key or secret that we have",
    "invalid_scope": "ask the registry which scopes it grants, and write them into IIS_URL as ?scope=",
    "unauthorized_client": "ask the registry to allow client credentials for this client",
    "invalid_request": "",
    "invalid_grant": "",
    "unsupported_grant_type": "it gives no tokens to backend services",
    "temporarily_unavailable": "",
    "server_error": "",
}
ERROR = re.compile(r"[a-z]+(?:_[a-z]+)+")  # the form of all codes; "Not Found" comes from a page
MOVED = "it has moved, or shows a page of maintenance; if this stays, write its address into IIS_URL as ?token="
COMES_BACK = ("temporarily_unavailable", "server_error")


@dataclass(frozen=True, slots=True)
class Token:
    value: str
    ends: float  # time.monotonic()
    scope: str  # what was granted; "" if the server does not say

    def __repr__(self) -> str:
        return "Token(...)"


class Tokens:
    """Safe to share between threads, and to keep across a fork."""

    def __init__(
        self, address: FhirAddress, client: HttpClient, key: AssertionKey | None, discover: Callable[[], str]
    ) -> None:
        """`discover`: asks the server where its token end point is. Raises ValueError without key or secret."""
        if not (key or address.secret):
            raise ValueError("a client id needs a private key to sign with, or a secret: CLIENT_ID:SECRET@")
        self._address, self._client, self._discover = address, client, discover
        self._key = None if address.secret else key
        self._token: Token | None = None
        self._open()
        after_fork(self._open)

    def current(self) -> Token:
        """The token that we hold, or a new one; of many threads one fetches it, and all wait. Raises as `fetch`."""
        token = self._token
        return token if token and _is_fresh(token) else self._exchanged(token)

    def renewed(self, refused: Token) -> Token:
        """Another token than the one that was refused."""
        return self._exchanged(refused)

    def fetch(self) -> Token:
        """A new token from the server. Raises IISUnavailable, IISRefusesUs or IISRejected."""
        url = self._address.token_url or self._discover()
        form = {"grant_type": "client_credentials", "scope": self._address.scope}
        basic = None
        if self._key:
            form |= {
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": sign_assertion(self._key, self._address.client_id, url),
            }
        else:
            basic = quote_plus(self._address.client_id), quote_plus(self._address.secret)  # RFC 6749, 2.3.1
        began = time.monotonic()
        answer = self._client.send("POST", url, data=form, auth=basic, headers={"Accept": "application/json"})
        return _read_token(answer, began)

    def _open(self) -> None:
        self._lock = threading.Lock()  # in a child process a new one: a thread of the parent may hold the old

    def _exchanged(self, old: Token | None) -> Token:
        if not self._lock.acquire(timeout=min(seconds_left(), threading.TIMEOUT_MAX)):
            raise IISUnavailable("the token end point did not answer in time")
        try:
            token = self._token
            if token is None or token is old or not _is_fresh(token):
                token = self._token = self.fetch()
            return token
        finally:
            self._lock.release()


def _is_fresh(token: Token) -> bool:
    return time.monotonic() < token.ends


def _read_token(answer: Answer, began: float) -> Token:
    """Only a token end point can refuse, in the words of OAuth; any other page goes away again."""
    if answer.out_of_order:
        raise away(answer, ASKED, BUSY if answer.status == 429 else BROKEN)
    if 300 <= answer.status < 400:
        raise away(answer, ASKED, MOVED)
    said = json_object(answer, ASKED)
    if isinstance(error := said.get("error"), str) and ERROR.fullmatch(error):
        raise _refusal(answer, error)
    if answer.status >= 400 or "access_token" not in said:
        raise away(answer, ASKED, PAGE)
    return _token(said, began)


def _token(granted: Resource, began: float) -> Token:
    value, kind = granted["access_token"], granted.get("token_type")
    if not isinstance(value, str) or not TOKEN.fullmatch(value) or str(kind).lower() != "bearer":
        raise IISRejected(f"{ASKED}: what came is no bearer token")
    scope = granted.get("scope")
    return Token(value, began + _seconds(granted), scope if isinstance(scope, str) else "")


def _seconds(granted: Resource) -> float:
    lifetime = granted.get("expires_in")
    if isinstance(lifetime, str) and lifetime.isascii() and lifetime.isdigit():
        lifetime = float(lifetime[:9])  # some servers write "3600"
    seconds = min(float(lifetime), LONGEST) if isinstance(lifetime, int | float) else LIFETIME
    return seconds - min(MARGIN, seconds / 2)


def _refusal(answer: Answer, error: str) -> IISUnavailable | IISRefusesUs:
    """Of us, for nobody else is named here. Told by the codes of RFC 6749: all else may quote what was sent."""
    told = sentence(
        f"{ASKED}: HTTP {answer.status} {error if error in HINTS else 'another error'}", hint=HINTS.get(error, "")
    )
    if error in COMES_BACK:
        return IISUnavailable(told, retry_after=answer.retry_after)
    return IISRefusesUs(told)
