"""Where the registry's copy is: what IIS_URL may say of a SQLite file or a PostgreSQL, and what production wants."""

from ipaddress import ip_address

from sqlalchemy import URL

SQLITE = "write sqlite:////srv/vaxtext/iis.db, with three slashes and the path of a file, and nothing after it"
DRIVER = "write postgresql:// or sqlite:///, without a + and a driver: vaxtext brings its own"
POSTGRES = "write postgresql://user:password@host/name, with the name of the database"
OPTION = "PostgreSQL has no such option as one after the ? in the registry's address: sslmode and sslrootcert are usual"
SSLMODE = "?sslmode= takes verify-full, which is what production wants, or require or disable"
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
VERIFIED = "verify-full"  # the others take any certificate for good, or one of another host
ONE_DRIVER = {"sqlite": ("sqlite", "sqlite+pysqlite"), "postgresql": ("postgresql", "postgresql+psycopg")}


def check_address(address: URL) -> None:
    """Raises ValueError with the fix; its text quotes nothing of the address."""
    if address.drivername not in ("postgres", *ONE_DRIVER.get(address.get_backend_name(), ())):
        raise ValueError(DRIVER)
    if address.get_backend_name() == "sqlite":
        _check_file(address)
    else:
        _check_server(address)


def is_protected(address: URL) -> bool:
    """Whether nobody on the way can read along, or be taken for the registry."""
    if address.get_backend_name() == "sqlite" or address.query.get("sslmode") == VERIFIED:
        return True
    return "service" not in address.query and all(map(is_here, _hosts(address)))


def _check_file(address: URL) -> None:
    path = address.database or ""
    if path in ("", ":memory:") or path.startswith("file:") or address.host or address.query:
        raise ValueError(SQLITE)


def _check_server(address: URL) -> None:
    from psycopg.pq import Conninfo  # noqa: PLC0415 - for PostgreSQL only

    if not address.database and "service" not in address.query:
        raise ValueError(POSTGRES)
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    if not known.issuperset(address.query):
        raise ValueError(OPTION)
    if address.query.get("sslmode", VERIFIED) not in MODES:
        raise ValueError(SSLMODE)


def _hosts(address: URL) -> list[str]:
    """All that are tried, with their ports: libpq and SQLAlchemy take several."""
    query = address.query
    given = [query.get("host", ()), query.get("hostaddr", ())]
    named = [host for hosts in given for host in ([hosts] if isinstance(hosts, str) else hosts)]
    return [host for names in (address.host or "", *named) for host in names.split(",") if host]


def is_here(host: str) -> bool:
    """A socket's folder, or this machine."""
    name = host.rpartition(":")[0] if host.count(":") == 1 else host.strip("[]")
    try:
        return name.startswith(("/", "@")) or name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
