"""Where a registry takes HL7 v2 over SOAP, and as whom we ask: `hl7+https://` in IIS_URL."""

from dataclasses import dataclass, fields
from typing import Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

WRITE = (
    "write hl7+https://USER:PASSWORD@host/path?facility=ID, with every other character than letters and digits "
    "in user and password percent-encoded (@ is %40, / is %2F)"
)
SCHEMES = {"hl7+https": "https", "hl7+http": "http"}
PROFILES = ("Z34", "Z44")  # history; history with forecast


@dataclass(frozen=True, slots=True)
class Hl7Address:
    url: str  # of the SOAP endpoint
    user: str = ""
    password: str = ""
    facility: str = ""  # facilityID, and MSH-4
    profile: str = "Z34"  # MSH-21 of our question
    sending_app: str = "VAXTEXT"  # MSH-3
    receiving_app: str = ""  # MSH-5
    receiving_facility: str = ""  # MSH-6

    def __repr__(self) -> str:
        return f"Hl7Address({self.url})"

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises ValueError with the fix, and nothing of the URL."""
        try:
            parts = urlsplit(url)
            endpoint = _endpoint(parts)
            options = {
                name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()
            }
        except ValueError:  # its text may hold a piece of the password
            raise ValueError(WRITE) from None
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not "".join((user, password, *options.values())).isprintable():
            raise ValueError(WRITE)
        _check(options)
        return cls(url=endpoint, user=user, password=password, **options)


def _endpoint(parts: SplitResult) -> str:
    if parts.scheme not in SCHEMES or not parts.hostname or parts.port == 0 or parts.fragment:
        raise ValueError
    if bool(parts.username) != bool(parts.password):
        raise ValueError
    return f"{SCHEMES[parts.scheme]}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _check(options: dict[str, str]) -> None:
    known = [field.name for field in fields(Hl7Address) if field.name not in ("url", "user", "password")]
    if not options.keys() <= set(known):
        raise ValueError(f"after the question mark write only {', '.join(known)}")
    if options.get("profile", "Z34") not in PROFILES:
        raise ValueError("write profile=Z34 for the history, or profile=Z44 for history with forecast")
