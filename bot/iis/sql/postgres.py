"""The registry's copy in PostgreSQL."""

from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine

from bot.iis.sql.waits import end_waits, watch

POOL_SIZE = 8  # connections of one process
RECYCLE = 1800  # seconds
FREES_LOCKS = "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"  # of a lost machine


def open_reader(address: URL, timeout: float) -> Engine:
    engine = create_engine(
        _with_psycopg(address),
        hide_parameters=True,
        connect_args=_arguments(
            address, timeout, f"-c default_transaction_read_only=on -c statement_timeout={_ms(timeout)}"
        ),
        isolation_level="AUTOCOMMIT",  # a lookup is one statement: BEGIN and ROLLBACK would be two waits more
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=timeout,
        pool_pre_ping=True,
        pool_recycle=RECYCLE,
    )
    end_waits(engine, timeout)
    return engine


def open_writer(address: URL, patience: float) -> Engine:
    engine = create_engine(
        _with_psycopg(address),
        hide_parameters=True,
        connect_args=_arguments(address, patience, f"-c lock_timeout={_ms(patience)} {FREES_LOCKS}"),
        poolclass=NullPool,
    )
    watch(engine, patience)
    return engine


def _with_psycopg(address: URL) -> URL:
    named = address.drivername in ("postgresql", "postgres")
    return address.set(drivername="postgresql+psycopg") if named else address


def _arguments(address: URL, timeout: float, options: str) -> dict[str, Any]:
    """libpq waits for ever unless told: for the connection, and for a server whose machine went away."""
    seconds = max(2, round(timeout))
    return {
        "connect_timeout": seconds,
        "tcp_user_timeout": seconds * 1000,
        "keepalives_idle": seconds,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "options": f"{address.query.get('options', '')} {options}",
    }


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
