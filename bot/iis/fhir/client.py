"""HTTP with a registry: one pool of connections, an end to every wait, errors in our words."""

import logging
import os
import socket
import ssl
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, LifoQueue
from typing import Any, TypeVar

import httpx

from bot.iis.fhir.deadline import LATE, Transport, deadline, seconds_left
from bot.iis.fhir.retry_after import seconds_asked_for
from bot.iis.http.tls import PUBLIC, Tls
from bot.iis.time_limit import within
from bot.ports import IISRejected, IISUnavailable

T = TypeVar("T")

POOL_SIZE = 8  # questions that one process asks at once; each is asked by a client of its own
LARGEST_ANSWER = 8 * 2**20  # bytes; the longest CapabilityStatements have about 2 MB
CERTIFICATE = (
    "its certificate is not valid for this name, or expired, or of an unknown authority; check the host in IIS_URL, "
    "and ask the registry who vouches for it"
)
NO_TLS = "it does not speak TLS as we do; check host and port in IIS_URL"
WANTS_OURS = "it asks for a certificate of ours; ask the registry for one"
BROKE_OFF = "try again later; if this stays, ask the registry, and look at what stands in between"
UNREACHABLE = "it cannot be reached; check host and port in IIS_URL, and the firewall"
CHATTY = ("httpx", "httpcore")  # their lines hold URLs and headers


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    body: bytes
    retry_after: float | None = None  # seconds, if it says when to come back

    def __repr__(self) -> str:
        return f"Answer({self.status})"


class FhirClient:
    """Safe to share between threads, and to keep across a fork. Follows no redirect, keeps no secret."""

    def __init__(self, timeout: float, tls: Tls = PUBLIC) -> None:
        """`timeout`: seconds for each wait, and for all of them together within `in_time`."""
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._timeout, self._tls = timeout, tls.context()
        self._open()
        after_fork(self._open)

    def in_time(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. Raises IISUnavailable when all that it asks does not end within the time-out.

        The deadline ends every wait of ours; `within` also ends the waits of others, such as that for a host's name.
        """
        try:
            return within(self._timeout, lambda: self._until_deadline(work))
        except TimeoutError:
            raise IISUnavailable(LATE) from None

    def send(self, method: str, url: str, **request: Any) -> Answer:
        """`request`: what httpx takes. Raises IISUnavailable, or IISRejected for an answer that nobody can read."""
        try:
            with self._lent() as http, http.stream(method, url, timeout=self._wait(), **request) as response:
                asked_for = seconds_asked_for(response.headers.get("Retry-After"), datetime.now(UTC))
                return Answer(response.status_code, _body(response), asked_for)
        except httpx.TimeoutException:
            raise IISUnavailable(LATE) from None
        except (httpx.ConnectError, ValueError, OverflowError) as error:  # ValueError: a name or port that is none
            raise IISUnavailable(f"no connection to {httpx.URL(url).host}: {_cause(error) or UNREACHABLE}") from None
        except httpx.HTTPError as error:
            raise IISUnavailable(
                f"the registry broke off ({type(error).__name__}): {_cause(error) or BROKE_OFF}"
            ) from None

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _until_deadline(self, work: Callable[[], T]) -> T:
        with deadline(self._timeout):
            return work()

    def _open(self) -> None:
        """In a child process, too: the old connections are the parent's, which goes on using them.

        One client for all threads would do, but that httpcore now and then takes another thread's answer for the
        end of an idle connection, and closes it.
        """
        self._clients = [_new_client(self._tls) for _ in range(POOL_SIZE)]
        self._free: LifoQueue[httpx.Client] = LifoQueue()
        for client in self._clients:
            self._free.put(client)

    @contextmanager
    def _lent(self) -> Iterator[httpx.Client]:
        free = self._free
        try:
            client = free.get(timeout=self._wait())
        except Empty:
            raise IISUnavailable(f"{POOL_SIZE} questions at once are waiting for the registry already") from None
        try:
            yield client
        finally:
            free.put(client)

    def _wait(self) -> float:
        return min(self._timeout, seconds_left())


def after_fork(method: Callable[[], None]) -> None:
    """Call a bound method in every child process, as long as its object lives."""
    living = weakref.WeakMethod(method)
    os.register_at_fork(after_in_child=lambda: (found := living()) and found())


def _new_client(tls: ssl.SSLContext) -> httpx.Client:
    return httpx.Client(
        transport=Transport(tls),
        headers={"Accept-Encoding": "identity", "User-Agent": "vaxtext"},  # a packed answer has no known size
        trust_env=False,  # no credentials from ~/.netrc
    )


def _body(response: httpx.Response) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        if response.is_success:
            raise IISUnavailable(
                "what came is packed, though we ask for plain answers; is a server in between at fault?"
            )
        return b""  # the status says enough
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise IISRejected(f"the registry's answer is longer than {LARGEST_ANSWER // 2**20} MB")
    return bytes(body)


def _cause(error: BaseException) -> str:
    """What is behind it, without the library's own text; "" for what we have no words for."""
    cause: BaseException | None = error
    while cause:
        match cause:
            case ssl.SSLCertVerificationError():
                return CERTIFICATE
            case ssl.SSLError():
                return WANTS_OURS if "CERTIFICATE_REQUIRED" in (cause.reason or "") else NO_TLS
            case socket.gaierror() | UnicodeError() | OverflowError():
                return "no such host is known; check its name in IIS_URL"
            case ConnectionRefusedError():
                return "nobody listens at this port; check host and port in IIS_URL"
        cause = cause.__cause__ or cause.__context__
    return ""
