"""HTTP under zeep: one try, bounded in time and size, for any number of threads, also after a fork."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
import zeep

from bot.iis.soap.faults import from_network, from_status
from bot.ports import IISRejected, IISUnavailable

LARGEST = 10_000_000  # bytes of an answer: a history has some ten thousand
CHUNK = 65_536
XML_TYPES = ("application/soap+xml", "text/xml", "application/xml")


class Transport(zeep.Transport):
    """Raises IISUnavailable or IISRejected for everything that is no SOAP answer."""

    def __init__(self, timeout: float) -> None:
        """`timeout`: seconds for each wait, and for reading an answer."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._timeout = timeout
        self._sessions = Sessions()

    def post(self, address: str, message: bytes, headers: Any) -> requests.Response:
        try:
            with self._sessions.one() as session:
                return self._post(session, address, message, headers)
        except requests.RequestException as error:
            raise from_network(error, self._timeout) from None

    def close(self) -> None:
        self.session.close()
        self._sessions.close()

    def _post(self, session: requests.Session, address: str, message: bytes, headers: Any) -> requests.Response:
        """A redirect is not followed: what we send is for one address alone."""
        deadline = time.monotonic() + self._timeout
        response = session.post(
            address, data=message, headers=headers, timeout=self._timeout, stream=True, allow_redirects=False
        )
        with response:
            response._content = content = _read(response, deadline)  # what zeep reads
        if not _is_xml(response) or (response.status_code != 200 and b"Fault" not in content):
            raise from_status(response.status_code)
        return response


class Sessions:
    """Connections that wait for the next call. A child process begins with none: those it has are its parent's."""

    def __init__(self) -> None:
        self._idle: list[requests.Session] = []
        self._process = os.getpid()

    @contextmanager
    def one(self) -> Iterator[requests.Session]:
        if self._process != os.getpid():
            self._idle, self._process = [], os.getpid()
        try:
            session = self._idle.pop()
        except IndexError:
            session = requests.Session()
        try:
            yield session
        except BaseException:
            session.close()
            raise
        self._idle.append(session)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def _read(response: requests.Response, deadline: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST:
            raise IISRejected(f"the registry's answer has more than {LARGEST:,} bytes")
        if time.monotonic() > deadline:
            raise IISUnavailable("the registry's answer came too slowly")
    return bytes(content)


def _is_xml(response: requests.Response) -> bool:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower() in XML_TYPES
