"""An end to everything that one try asks: a deadline for all its waits, and connections whose reads keep it."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from bot.ports import IISUnavailable

LATE = "the registry did not answer in time"
ORIGINS = 2  # the registry and its token end point
KEEP_ALIVE = 20.0  # seconds

_ends: ContextVar[float] = ContextVar("ends", default=float("inf"))  # time.monotonic() of the deadline


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Everything that this thread asks within the block ends `seconds` from now."""
    outer = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(outer)


def seconds_left() -> float:
    """Until the deadline of this thread. Raises IISUnavailable when none are left."""
    left = _ends.get() - time.monotonic()
    if left <= 0:
        raise IISUnavailable(LATE)
    return left


class Transport(httpx.HTTPTransport):
    """Straight to the host, through no proxy of the environment.

    httpx has a time-out for each read, so a server that drips would be read for ever; this pool's reads end.
    """

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
