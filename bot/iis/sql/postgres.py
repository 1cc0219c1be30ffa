"""PostgreSQL connections that nobody waits on for ever.

A server that freezes keeps its sockets open and acknowledges everything: statement_timeout, keepalives and
tcp_user_timeout notice nothing. So we look at the clock ourselves, where psycopg waits for the socket.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.errors import ConnectionTimeout
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Engine, event

from bot.iis.time_limit import within

LOOK = 0.1  # seconds after which psycopg looks whether something else happened
DEADLINE: ContextVar[float] = ContextVar("deadline", default=math.inf)  # on time.monotonic()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Inside, all waits for PostgreSQL together end after `seconds`."""
    token = DEADLINE.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        DEADLINE.reset(token)


def with_psycopg(address: URL) -> URL:
    named = address.drivername in ("postgresql", "postgres")
    return address.set(drivername="postgresql+psycopg") if named else address


def impatient(timeout: float) -> dict[str, Any]:
    """libpq waits for ever unless told: for the connection, and for a server whose machine went away."""
    seconds = max(2, round(timeout))
    alive = {"keepalives_idle": seconds, "keepalives_interval": 2, "keepalives_count": 2}
    return {"connect_timeout": seconds, "tcp_user_timeout": seconds * 1000} | alive


def end_waits(engine: Engine, timeout: float) -> None:
    """Let each wait of this engine's connections end after `timeout` seconds, and at the deadline."""

    def connect(_dialect: object, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> Reader:
        left = min(timeout, _time_left())
        connection = _in_time(left, lambda: Reader.connect(*arguments, **parameters))
        connection.longest = timeout
        return connection

    event.listen(engine, "do_connect", connect)


class Reader(psycopg.Connection[Any]):
    """Closes itself when an answer is late: the answer may still come, and is for nobody."""

    longest: float = math.inf

    def wait(self, gen: PQGen[RV], interval: float = LOOK, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, min(self.longest, _time_left()))
        except psycopg.OperationalError:
            _close_if_unanswered(self)
            raise


def _time_left() -> float:
    return max(0.0, DEADLINE.get() - time.monotonic())


def _in_time(seconds: float, connect: Callable[[], Reader]) -> Reader:
    """In a thread: the name of the host is looked up by the C library, which waits as long as it likes."""
    try:
        return within(seconds, connect, too_late=Reader.close)
    except TimeoutError:
        raise ConnectionTimeout("connection timeout expired") from None


def _close_if_unanswered(connection: psycopg.Connection[Any]) -> None:
    if connection.info.transaction_status == TransactionStatus.ACTIVE:
        connection.close()
