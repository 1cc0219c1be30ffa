"""The addresses of a host. The system's look-up has no time limit, so that it needs a thread of its own."""

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock, Thread

Addresses = Sequence[str]


def look_up(host: str, port: int) -> Addresses:
    """As the system knows them, the best first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Hosts:
    """Safe to share between threads; a child process needs one of its own."""

    def __init__(self, look_up: Callable[[str, int], Addresses] = look_up) -> None:
        self._look_up, self._lock = look_up, Lock()
        self._under_way: dict[tuple[str, int], Future[Addresses]] = {}

    def addresses(self, host: str, port: int, seconds: float) -> Addresses:
        """Raises OSError or UnicodeError, and TimeoutError after `seconds`.

        A late look-up goes on until the system's own limits end it. Whoever asks meanwhile waits for the same
        one: no host ever has more than one left behind.
        """
        with self._lock:
            found = self._under_way.get((host, port)) or self._begin(host, port)
        return found.result(seconds)

    def _begin(self, host: str, port: int) -> Future[Addresses]:
        found: Future[Addresses] = Future()
        self._under_way[host, port] = found
        Thread(target=self._settle, args=(found, host, port), daemon=True).start()
        return found

    def _settle(self, found: Future[Addresses], host: str, port: int) -> None:
        try:
            addresses = self._look_up(host, port)
        except BaseException as error:  # noqa: BLE001 (it is raised where the addresses are awaited)
            self._forget(host, port)
            found.set_exception(error)
        else:
            self._forget(host, port)
            found.set_result(addresses)

    def _forget(self, host: str, port: int) -> None:
        with self._lock:
            del self._under_way[host, port]
