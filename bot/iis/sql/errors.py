"""The database's errors in our words: what is wrong and what to do, without a word of what was asked."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.ports import IISRefusesUs, IISRejected, IISUnavailable

Trouble = IISUnavailable | IISRejected

OLD_TABLES = "the registry's tables are missing, or older than this program: run 'vaxtext iis upgrade'"

STOPPED = "PostgreSQL was stopped, or restarted: see that it runs"

# By PostgreSQL's SQLSTATE or the name of SQLite's error, or how they begin. What may pass is IISUnavailable.
PASSING = {
    "42P01": OLD_TABLES,
    "42703": OLD_TABLES,
    "53100": "the disk of the registry's database is full: make room on it",
    "53200": "PostgreSQL has no memory left: its log says why",
    "55P03": "somebody else keeps a lock on the registry's tables: pg_stat_activity shows who",
    "57014": "the registry's database took too long: is it busy, or without indexes?",
    "57P": STOPPED,
    "SQLITE_BUSY": "another program keeps the registry's file locked: end that first",
    "SQLITE_CANTOPEN": "no such file, or no right to open it: 'vaxtext iis load' makes it",
    "SQLITE_FULL": "the disk with the registry's file is full: make room on it",
    "SQLITE_INTERRUPT": "the registry's file took too long: is the disk busy?",
    "SQLITE_IOERR": "the disk with the registry's file cannot be read or written: is it full, broken or away?",
}
NO_RIGHT = "42501"
GRANT = "the database lets this user not do that: grant it the right, or name the tables' owner in IIS_URL"
LASTING = {
    "25006": "this PostgreSQL, or this user, may only read: IIS_URL must name the one that is written to",
    "XX00": "the registry's database is damaged: load into an empty one",
    "SQLITE_CORRUPT": "the registry's file is damaged: move it away and load again",
    "SQLITE_NOTADB": "the file in IIS_URL is no SQLite database",
    "SQLITE_READONLY": "this user may not write the registry's file, or its folder: let the file's owner do it",
}

SQLITE_SAYS = {"no such table": OLD_TABLES, "no such column": OLD_TABLES}  # of the same code as a wrong statement

# What libpq says when no TLS comes about: it, too, gives no SQLSTATE.
NO_TLS = {
    "does not support SSL": "this PostgreSQL has no TLS: turn it on there (ssl = on)",
    "certificate verify failed": "PostgreSQL's certificate is not valid, or not of the authority in sslrootcert",
    "does not match host name": "PostgreSQL's certificate is not for this name: look at the host in IIS_URL",
    "root certificate file": "there is no certificate (PEM) of an authority: name its file as &sslrootcert= in IIS_URL",
    "could not read certificate file": "the file in sslcert in IIS_URL holds no certificate (PEM)",
    "private key file": "the file in sslkey in IIS_URL is not the key of sslcert, or others may read it: chmod 600",
    "weak sslmode": "sslrootcert=system in IIS_URL goes with sslmode=verify-full only",
    "SSL error": "no TLS came about with PostgreSQL: look at its log, and at sslmode and sslcert in IIS_URL",
}
# Before a connection stands, and when it breaks, PostgreSQL gives no SQLSTATE, only words.
NO_SERVER = {
    "failed to resolve host": "no host of that name: look at the host in IIS_URL",
    "No such file or directory": "there is no PostgreSQL behind that socket: look at the host in IIS_URL",
    "Connection refused": "nothing listens there: is PostgreSQL running, and are host and port in IIS_URL right?",
    "timeout": "no answer in time: does PostgreSQL hang? Or look at the host in IIS_URL, and at the firewall",
    "closed the connection": STOPPED,
}
NOT_NOW = {
    "the database system is": "PostgreSQL is just starting or stopping: try again in a minute",
    "too many": "PostgreSQL has no connection left: raise its max_connections",
}
REFUSES_US = {
    "password authentication failed": "the user or the password in IIS_URL is wrong",
    "no password supplied": "IIS_URL has no password, and PostgreSQL wants one",
    "requires a valid client certificate": "PostgreSQL wants a certificate of ours: &sslcert= and &sslkey= in IIS_URL",
    "no encryption": "PostgreSQL lets this machine in by TLS only: write ?sslmode=verify-full into IIS_URL",
    "no pg_hba.conf entry": "PostgreSQL's pg_hba.conf does not let this machine in",
    "permission denied for database": "this user may not open the database: GRANT CONNECT to it",
    "not permitted to log in": "this user may not log in: ALTER ROLE ... LOGIN",
    'database "': "there is no such database: make it, or look at the name in IIS_URL",
    'role "': "there is no such user: make it, or look at the user in IIS_URL",
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise IISUnavailable or IISRejected for what the database raises."""
    try:
        yield
    except SQLAlchemyError as error:
        raise in_our_words(error) from None
    except (ValueError, TypeError):  # a date or a list of names that is none
        raise IISRejected("the registry's database holds what is no record") from None


def in_our_words(error: SQLAlchemyError) -> Trouble:
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None) or ""
    said = str(original or "")
    if passing := _first(PASSING, code.startswith) or _first(SQLITE_SAYS, said.startswith):
        return IISUnavailable(passing)
    if code.startswith(NO_RIGHT):
        return IISRefusesUs(GRANT)
    if lasting := _first(LASTING, code.startswith):
        return IISRejected(lasting)
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        return (not code and _before_a_connection(said)) or IISUnavailable(
            f"the registry's database did not answer: {_kind(error)}"
        )
    return IISRejected(f"the registry's database refused: {_kind(error)}")


def not_let_in(error: SQLAlchemyError) -> Trouble:
    """For a server that answers, and does not let us in."""
    known = _before_a_connection(str(getattr(error, "orig", "")))
    return known or IISRefusesUs("the database does not let us in: its log says why")


def _before_a_connection(said: str) -> Trouble | None:
    if passing := _first(NO_TLS | NO_SERVER | NOT_NOW, said.__contains__):
        return IISUnavailable(passing)
    refused = _first(REFUSES_US, said.__contains__)
    return IISRefusesUs(refused) if refused else None


def _first(words: Mapping[str, str], fits: Callable[[str], bool]) -> str | None:
    return next((told for begin, told in words.items() if fits(begin)), None)


def _kind(error: SQLAlchemyError) -> str:
    """The name of the driver's error: its text may quote what was asked."""
    return type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
