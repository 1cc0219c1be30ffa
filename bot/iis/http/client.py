"""One HTTP client for a registry: an end to every wait and every answer, errors in our words."""

import logging
import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, LifoQueue
from typing import Any

import httpx

from bot.http_body import read_body
from bot.iis.http.causes import BROKE_OFF, UNREACHABLE, cause
from bot.iis.http.connections import Connections
from bot.iis.http.deadline import LATE, seconds_left
from bot.iis.http.hosts import Hosts
from bot.iis.http.retry_after import seconds_asked_for
from bot.iis.http.tls import PUBLIC, Tls
from bot.ports import IISUnavailable

POOL_SIZE = 8  # questions that one process asks at once; each is asked by a client of its own
LARGEST_ANSWER = 8 * 2**20  # bytes; the longest CapabilityStatements have about 2 MB
COME_AGAIN = (408, 425, 429)
CHATTY = ("httpx", "httpcore")  # their lines hold URLs and headers
HEADERS = {"Accept-Encoding": "identity", "User-Agent": "vaxtext"}  # a packed answer has no known size


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status, and whoever sent it."""

    status: int
    body: bytes
    retry_after: float | None = None  # seconds, if it says when to come back

    @property
    def out_of_order(self) -> bool:
        """Whether it says itself that it comes from a server that cannot answer now."""
        return self.status >= 500 or self.status in COME_AGAIN

    def __repr__(self) -> str:
        return f"Answer({self.status})"


class HttpClient:
    """Safe to share between threads, and to keep across a fork. Follows no redirect, keeps no secret."""

    def __init__(self, timeout: float, tls: Tls = PUBLIC) -> None:
        """`timeout`: seconds for each wait; a `deadline` ends many waits together. Raises ValueError for `tls`."""
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._timeout, self._tls = timeout, tls.context()
        self._open()
        after_fork(self._open)

    def send(self, method: str, url: str, **request: Any) -> Answer:
        """`request`: what httpx takes. Raises IISUnavailable, and nothing else: here nobody knows who answered."""
        try:
            with self._lent() as http, http.stream(method, url, timeout=self._wait(), **request) as response:
                asked_for = seconds_asked_for(response.headers.get("Retry-After"), datetime.now(UTC))
                return Answer(response.status_code, _body(response), asked_for)
        except httpx.TimeoutException:
            raise IISUnavailable(LATE) from None
        except httpx.ConnectError as error:
            raise IISUnavailable(
                f"no connection to {httpx.URL(url).raw_host.decode()}: {cause(error, UNREACHABLE)}"
            ) from None
        except httpx.HTTPError as error:
            raise IISUnavailable(f"the registry broke off: {cause(error, BROKE_OFF)}") from None
        except (httpx.InvalidURL, ValueError, OverflowError):  # a name or port that is none
            raise IISUnavailable("no connection to the registry: no such host can be: check IIS_URL") from None

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _open(self) -> None:
        """In a child process, too: the old connections are the parent's, which goes on using them.

        One client for all threads would do, but that httpcore now and then takes another thread's answer for the
        end of an idle connection, and closes it.
        """
        hosts = Hosts()
        self._clients = [_new_client(Connections(self._tls, hosts)) for _ in range(POOL_SIZE)]
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


def _new_client(connections: Connections) -> httpx.Client:
    return httpx.Client(transport=connections, headers=HEADERS, trust_env=False)  # no credentials from ~/.netrc


def _body(response: httpx.Response) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        if response.is_success:
            raise IISUnavailable("what came is packed, though we ask for plain answers: look at what stands in between")
        return b""  # the status says enough
    body = read_body(response, LARGEST_ANSWER)
    if body is None:
        raise IISUnavailable(f"the answer is longer than {LARGEST_ANSWER // 2**20} MB")
    return body
