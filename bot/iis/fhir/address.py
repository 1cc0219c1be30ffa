"""Where a FHIR registry is, and who we are to it: read from IIS_URL."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import httpx

SCOPE = "system/Patient.rs system/Immunization.rs"  # SMART v2: read and search
FORM = "write fhir+https://CLIENT_ID@host/path, or fhir+https://CLIENT_ID:SECRET@host/path"
HOST = re.compile(rb"[A-Za-z0-9._:%-]{1,253}")  # operators read it
PARTS_OF_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")  # RFC 6749, 3.3


@dataclass(frozen=True, slots=True)
class FhirAddress:
    """`fhir+https://iis.example.org/fhir`, with what we are known by in front where it asks for a token.

    `CLIENT_ID@` signs with our private key (SMART backend services), `CLIENT_ID:SECRET@` shows a secret.
    `?scope=` and `?token=` (the token end point) are for servers that want others than the usual ones, `?search=get`
    for those that take searches only in the URL.
    """

    base: str  # "https://iis.example.org/fhir", no slash at the end
    client_id: str = ""
    secret: str = ""
    scope: str = SCOPE
    token_url: str = ""  # "": the server says where
    by_get: bool = False  # whether the operator lets names and birth dates stand in URLs, and so in logs on the way

    def __repr__(self) -> str:
        return f"FhirAddress({self.base})"

    @classmethod
    def parse(cls, url: str) -> "FhirAddress":
        """Raises ValueError with the fix; its text never holds the secret."""
        parts, base = _split(url)
        options = parse_qs(parts.query, keep_blank_values=True)
        search = options.pop("search", [])
        address = cls(
            base=base,
            client_id=unquote(parts.username or ""),
            secret=unquote(parts.password or ""),
            scope=options.pop("scope", [SCOPE])[-1],
            token_url=options.pop("token", [""])[-1],
            by_get=search == ["get"],
        )
        if options or parts.fragment or search not in ([], ["get"]):
            raise ValueError("the registry's address takes ?scope=, ?token= and ?search=get, and nothing else")
        _check(address)
        return address


def is_safe(url: str, base: str) -> bool:
    """Whether this is the URL of a server to which what we hide from others may go: https where `base` is."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    schemes = ("https",) if base.startswith("https:") else ("http", "https")
    return parsed.scheme in schemes and bool(HOST.fullmatch(parsed.raw_host)) and not parsed.userinfo


def _split(url: str) -> tuple[SplitResult, str]:
    try:
        parts = urlsplit(url)
        netloc = parts.netloc.rpartition("@")[2]
        base = f"{parts.scheme.removeprefix('fhir+')}://{netloc}{parts.path.rstrip('/')}"
        valid = parts.scheme in ("fhir+https", "fhir+http") and bool(parts.hostname) and parts.port != 0
        httpx.URL(base)
    except (ValueError, httpx.InvalidURL):  # their texts may hold a piece of the secret
        valid = False
    if not valid:
        raise ValueError(FORM)
    return parts, base


def _check(address: FhirAddress) -> None:
    if (address.secret and not address.client_id) or not f"{address.client_id}{address.secret}".isprintable():
        raise ValueError(FORM)
    if not PARTS_OF_SCOPE.fullmatch(address.scope):
        raise ValueError("?scope= takes OAuth scopes with a + between them: system/Patient.rs+system/Immunization.rs")
    if address.token_url and not is_safe(address.token_url, address.base):
        raise ValueError("?token= takes the address of the token end point, https:// as the registry's own")
