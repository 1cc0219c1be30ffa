"""HTTP with a registry: one pool of connections, an end to every wait, errors in our words."""

import logging
import os
import socket
import ssl
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from queue import Empty, LifoQueue
from typing import Any

import httpcore
import httpx

from bot.iis.http.tls import PUBLIC, Tls
from bot.ports import IISRejected, IISUnavailable

POOL_SIZE = 8  # questions that one process asks at once; each is asked by a client of its own
ORIGINS = 2  # the registry and its token end point
KEEP_ALIVE = 20.0  # seconds
LARGEST_ANSWER = 8 * 2**20  # bytes; the longest CapabilityStatements have about 2 MB
CHATTY = ("httpx", "httpcore")  # their lines hold URLs and headers

_ends: ContextVar[float] = ContextVar("ends", default=float("inf"))  # time.monotonic() of the deadline


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    body: bytes

    def __repr__(self) -> str:
        return f"Answer({self.status})"


class FhirClient:
    """Safe to share between threads, and to keep across a fork. Follows no redirect, keeps no secret."""

    def __init__(self, timeout: float, tls: Tls = PUBLIC) -> None:
        """`timeout`: seconds for each wait; a `deadline` ends many waits together."""
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._timeout, self._tls = timeout, tls.context()
        self._open()
        after_fork(self._open)

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """Everything that this thread asks within the block ends `seconds` from now."""
        outer = _ends.set(min(_ends.get(), time.monotonic() + seconds))
        try:
            yield
        finally:
            _ends.reset(outer)

    def send(self, method: str, url: str, **request: Any) -> Answer:
        """`request`: what httpx takes. Raises IISUnavailable, or IISRejected for an answer that nobody can read."""
        try:
            with self._lent() as http, http.stream(method, url, timeout=self._wait(), **request) as response:
                return Answer(response.status_code, _body(response))
        except httpx.TimeoutException:
            raise IISUnavailable("the registry did not answer in time") from None
        except (httpx.ConnectError, ValueError, OverflowError) as error:  # ValueError: a name or port that is none
            raise IISUnavailable(f"no connection to {httpx.URL(url).host}: {_cause(error)}") from None
        except httpx.HTTPError as error:
            raise IISUnavailable(f"the registry broke off: {type(error).__name__}") from None

    def close(self) -> None:
        for client in self._clients:
            client.close()

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


def seconds_left() -> float:
    """Until the deadline of this thread. Raises IISUnavailable when none are left."""
    left = _ends.get() - time.monotonic()
    if left <= 0:
        raise IISUnavailable("the registry did not answer in time")
    return left


def after_fork(method: Callable[[], None]) -> None:
    """Call a bound method in every child process, as long as its object lives."""
    living = weakref.WeakMethod(method)
    os.register_at_fork(after_in_child=lambda: (found := living()) and found())


def _new_client(tls: ssl.SSLContext) -> httpx.Client:
    return httpx.Client(
        transport=_Transport(tls),
        headers={"Accept-Encoding": "identity", "User-Agent": "vaxtext"},  # a packed answer has no known size
        trust_env=False,  # no credentials from ~/.netrc
    )


class _Transport(httpx.HTTPTransport):
    """httpx has a time-out for each read, so a server that drips would be read for ever; this pool's reads end."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=ORIGINS,
            max_keepalive_connections=ORIGINS,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=_Network(),
        )


class _Network(httpcore.SyncBackend):
    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **more: Any
    ) -> httpcore.NetworkStream:
        return _Stream(super().connect_tcp(host, port, _cut(timeout), *args, **more))


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _cut(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _cut(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _cut(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _cut(timeout: float | None) -> float:
    left = _ends.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(timeout, left)


def _body(response: httpx.Response) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise IISRejected(f"the registry packs its answers, though asked not to: HTTP {response.status_code}")
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise IISRejected(f"the registry's answer is longer than {LARGEST_ANSWER // 2**20} MB")
    return bytes(body)


def _cause(error: BaseException) -> str:
    """Why there is no connection, without the library's own text."""
    cause: BaseException | None = error
    while cause:
        match cause:
            case ssl.SSLCertVerificationError():
                return "its certificate is not valid for this name, or expired, or of an unknown authority"
            case ssl.SSLError():
                return "it does not speak TLS as we do"
            case socket.gaierror() | UnicodeError() | OverflowError():
                return "no such host is known"
            case ConnectionRefusedError():
                return "nobody listens at this port"
        cause = cause.__cause__ or cause.__context__
    return "it cannot be reached"
