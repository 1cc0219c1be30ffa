"""Which dialect an IIS_URL means: a SQL copy, HL7 over SOAP or a FHIR server. Each is imported when it is needed."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.iis.fhir.address import FhirAddress
from bot.iis.hl7v2.address import Hl7Address
from bot.iis.http.tls import PUBLIC, Tls
from bot.iis.sql.address import check_address, is_protected
from bot.iis.steps import Step
from bot.ports import IIS

WRITE = (
    "write postgresql://user:password@host/name or sqlite:///var/iis.db for a copy of the registry, "
    "hl7+https://user:password@host/path?facility=ID for CDC's SOAP contract, "
    "or fhir+https://client@host/path for a FHIR R4 server"
)


class Dialect(IIS, Protocol):
    """A registry that can also say, step by step, what is wrong with it."""

    def steps(self) -> Sequence[Step]: ...


def open_dialect(url: str, *, timeout: float, private_key: bytes | None = None, tls: Tls = PUBLIC) -> Dialect:
    """`timeout`: seconds for each try. `private_key`: PEM or JWK, for a FHIR server. `tls`: for what is asked live.

    Raises ValueError.
    """
    match _kind(url):
        case "hl7":
            from bot.iis.soap.iis import Hl7IIS  # noqa: PLC0415 - zeep takes half a second

            return Hl7IIS(Hl7Address.parse(url), timeout=timeout, tls=tls)
        case "fhir":
            from bot.iis.fhir.iis import FhirIIS  # noqa: PLC0415

            return FhirIIS(FhirAddress.parse(url), timeout=timeout, private_key=private_key, tls=tls)
        case "sql":
            from bot.iis.sql.iis import SqlIIS  # noqa: PLC0415

            return SqlIIS(url, timeout=timeout)
    raise ValueError(WRITE)


def check_url(url: str) -> None:
    """Raises ValueError with a sentence that quotes nothing of it."""
    match _kind(url):
        case "hl7":
            Hl7Address.parse(url)
        case "fhir":
            FhirAddress.parse(url)
        case "sql":
            check_address(make_url(url))
        case "":
            raise ValueError(WRITE)


def is_copy(url: str) -> bool:
    """Whether it is a copy that `vaxtext iis load` fills."""
    return _kind(url) == "sql"


def unsafe_way(url: str) -> str | None:
    """What is to be written instead of an address by which others could read along; None for a safe one."""
    if url.startswith(("hl7+http://", "fhir+http://")):
        return "must go by https in production: hl7+https:// or fhir+https://"
    if is_copy(url) and not is_protected(make_url(url)):
        return (
            "must go by TLS in production: write ?sslmode=verify-full&sslrootcert=FILE after the name of the database, "
            "FILE being the certificate (PEM) of the authority"
        )
    return None


def _kind(url: str) -> str:
    scheme = url.partition("://")[0]
    if scheme in ("hl7+https", "hl7+http"):
        return "hl7"
    if scheme in ("fhir+https", "fhir+http"):
        return "fhir"
    try:
        return "sql" if make_url(url).get_backend_name() in ("sqlite", "postgresql", "postgres") else ""
    except (ArgumentError, ValueError):
        return ""
