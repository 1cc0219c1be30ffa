"""PostgreSQL connections that nobody waits on for ever.

A server that freezes keeps its sockets open and acknowledges everything: statement_timeout, keepalives and
tcp_user_timeout notice nothing. So we look at the clock ourselves, where psycopg waits for the socket.
"""

import math
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.errors import ConnectionTimeout
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

from bot.iis.http.deadline import time_left
from bot.time_limit import within

LOOK = 0.1  # seconds after which psycopg looks whether something else happened


def end_waits(engine: Engine, timeout: float) -> None:
    """Let each wait of this engine's connections end after `timeout` seconds, and at the deadline."""

    def connect(_dialect: object, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> Reader:
        left = min(timeout, time_left())
        connection = _in_time(left, lambda: Reader.connect(*arguments, **parameters))
        connection.longest = timeout
        return connection

    event.listen(engine, "do_connect", connect)


class Reader(psycopg.Connection[Any]):
    """Closes itself when an answer is late: the answer may still come, and is for nobody."""

    longest: float = math.inf

    def wait(self, gen: PQGen[RV], interval: float = LOOK, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, min(self.longest, time_left(), math.inf if timeout is None else timeout))
        except psycopg.OperationalError:
            _close_if_unanswered(self)
            raise


def watch(engine: Engine, patience: float) -> None:
    """Let this engine's connections wait as long as the server lets others in; look after `patience` silent seconds."""

    def connect(_dialect: object, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> Writer:
        connection = Writer.connect(*arguments, **parameters)
        connection.patience = patience
        connection.connect_again = lambda: psycopg.connect(*arguments, **parameters).close()
        return connection

    event.listen(engine, "do_connect", connect)


class Writer(psycopg.Connection[Any]):
    """Closes itself when the server is silent and lets nobody in: one statement of a load may take minutes."""

    patience: float = math.inf
    connect_again: Callable[[], object]

    def wait(self, gen: PQGen[RV], interval: float = LOOK, timeout: float | None = None) -> RV:
        try:
            return super().wait(self._watched(gen), interval, timeout)
        except psycopg.OperationalError:
            _close_if_unanswered(self)
            raise

    def _watched(self, gen: PQGen[RV]) -> PQGen[RV]:
        """The same, with a look at the server when nothing moved for a while."""
        ready: int | None = None
        heard_at = time.monotonic()
        while True:
            try:
                ready = yield gen.send(ready)  # type: ignore[arg-type]
            except StopIteration as end:
                answer: RV = end.value
                return answer
            if not ready and time.monotonic() < heard_at + self.patience:
                continue
            if not ready:
                self._look()
            heard_at = time.monotonic()

    def _look(self) -> None:
        try:
            self.connect_again()
        except ConnectionTimeout:
            raise
        except psycopg.OperationalError:
            pass  # an answer too


def _in_time(seconds: float, connect: Callable[[], Reader]) -> Reader:
    """In a thread: the name of the host is looked up by the C library, which waits as long as it likes."""
    try:
        return within(seconds, connect, too_late=Reader.close)
    except TimeoutError:
        raise ConnectionTimeout("connection timeout expired") from None


def _close_if_unanswered(connection: psycopg.Connection[Any]) -> None:
    if connection.info.transaction_status == TransactionStatus.ACTIVE:
        connection.close()
