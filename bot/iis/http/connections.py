"""Connections whose every wait ends at the deadline.

httpx has a time-out for each wait, and never for the sum: a server that drips would be read for ever.
"""

import ssl
from typing import Any

import httpcore
import httpx

from bot.iis.http.deadline import seconds_left
from bot.iis.http.hosts import Hosts
from bot.ports import IISUnavailable

MOST = 2  # of one client: to the registry and to its token end point
KEEP_ALIVE = 20.0  # seconds


class Connections(httpx.HTTPTransport):
    """What httpx asks through. Raises IISUnavailable besides httpx's own errors."""

    def __init__(self, tls: ssl.SSLContext, hosts: Hosts) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=MOST,
            max_keepalive_connections=MOST,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=_Network(hosts),
        )


class _Network(httpcore.SyncBackend):
    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **more: Any
    ) -> httpcore.NetworkStream:
        """To the first address that answers; each gets its share of the time that is left."""
        addresses = self._addresses(host, port, _cut(timeout))
        for place, address in enumerate(addresses, 1):
            share = _cut(timeout) / (len(addresses) - place + 1)
            try:
                return _Stream(super().connect_tcp(address, port, share, *args, **more))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(addresses):
                    raise
        raise httpcore.ConnectError

    def _addresses(self, host: str, port: int, seconds: float) -> tuple[str, ...]:
        try:
            return tuple(self._hosts.addresses(host, port, seconds))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError from error


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
        try:
            seconds = _cut(timeout)
        except IISUnavailable:
            self.close()  # httpcore does not, before it has TLS
            raise
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _cut(timeout: float | None) -> float:
    left = seconds_left()
    return left if timeout is None else min(timeout, left)
