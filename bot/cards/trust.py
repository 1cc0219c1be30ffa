"""The issuers whose cards are believed: each with the keys that it signs with and what it has revoked.

The file of others is near VCI's directory: https://github.com/the-commons-project/vci-directory
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

KEY = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256"}
DAY = 86_400.0
GOOD_FOR = 7 * DAY  # seconds for which what an issuer has revoked counts as known
RID = r"^[\w-]{1,24}(\.\d{1,15})?$"


class TrustBroken(ValueError):
    """The list of issuers cannot be used. The text says where it is wrong and what to write."""


def check_key(jwk: dict[str, Any]) -> dict[str, Any]:
    """A public key as the specification has it. Raises ValueError, saying what is wrong with it."""
    if "d" in jwk:
        raise ValueError("this is a private key: never write it here, and never use it again")
    if wrong := [name for name, value in KEY.items() if jwk.get(name) != value]:
        raise ValueError(f"{wrong[0]} must be {KEY[wrong[0]]}")
    try:
        thumbprint = ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")}).thumbprint()
    except (JoseError, KeyError, ValueError, TypeError, AttributeError):
        raise ValueError("x and y are no point of P-256") from None
    if jwk.get("kid") != thumbprint:
        raise ValueError("kid must be the thumbprint of the key (RFC 7638)")
    version = jwk.get("crlVersion", 0)
    if not isinstance(version, int) or isinstance(version, bool):
        raise ValueError("crlVersion must be a number")
    return jwk


def check_iss(iss: str) -> str:
    """Raises ValueError."""
    parts = urlsplit(iss)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or iss.endswith("/"):
        raise ValueError("write the issuer as its cards do: https://..., without a slash at the end")
    return iss


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Crl(_Shape):
    """What one key signed and its issuer has revoked."""

    kid: str
    method: str = Field("rid", pattern="^rid$")
    ctr: int
    rids: tuple[Annotated[str, Field(pattern=RID)], ...] = Field(repr=False)

    def holds(self, rid: str, issued: float) -> bool:
        """Whether a card is revoked: for good, or because it was issued (`nbf`) before a moment."""
        timed = (entry.partition(".")[2] for entry in self.rids if entry.startswith(f"{rid}."))
        return rid in self.rids or any(issued < int(moment) for moment in timed)


class Issuer(_Shape):
    """Somebody who signs cards."""

    iss: Annotated[str, AfterValidator(check_iss)]
    name: str = Field(min_length=1, max_length=200)
    canonical_iss: str | None = None
    website: str | None = None
    keys: tuple[Annotated[dict[str, Any], AfterValidator(check_key)], ...] = ()
    crls: tuple[Crl, ...] = ()
    updated: str | None = None  # when keys and crls were last fetched, ISO 8601

    @property
    def fetched_at(self) -> float | None:
        """Seconds since 1970; None where `updated` does not say it."""
        try:
            moment = datetime.fromisoformat(self.updated or "")
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None

    def is_current(self, now: float) -> bool:
        """Whether keys and lists are of these days. A day ahead of us is a clock; more is a mistake."""
        return self.fetched_at is not None and -DAY <= now - self.fetched_at <= GOOD_FOR

    def key(self, kid: str) -> dict[str, Any] | None:
        return next((key for key in self.keys if key["kid"] == kid), None)

    def has_revoked(self, key: dict[str, Any], rid: str, issued: float) -> bool:
        return any(crl.holds(rid, issued) for crl in self.crls if crl.kid == key["kid"])

    def knows_revoked(self, key: dict[str, Any]) -> bool:
        """Whether the list for a key is as new as the key says; a key that says nothing has none."""
        newest = max((crl.ctr for crl in self.crls if crl.kid == key["kid"]), default=-1)
        return "crlVersion" not in key or newest >= key["crlVersion"]


class Ourselves(Issuer):
    """Our keys and lists are read from where we publish them, whenever they are asked for."""

    def is_current(self, now: float) -> bool:
        return True


class Directory(_Shape):
    participating_issuers: tuple[Issuer, ...]

    def issuer(self, iss: object) -> Issuer | None:
        """To the letter: another spelling is another issuer."""
        return next((issuer for issuer in self.participating_issuers if issuer.iss == iss), None)

    def old(self, now: float) -> list[Issuer]:
        """Those whose cards cannot be checked any more."""
        return [issuer for issuer in self.participating_issuers if not issuer.is_current(now)]

    def with_ours(self, ours: Issuer) -> "Directory":
        """We are first, so that nobody else speaks for us."""
        return Directory.model_construct(participating_issuers=(ours, *self.participating_issuers))


def our_issuer(iss: str, name: str, keys: Iterable[dict[str, Any]], crls: Iterable[Crl] = ()) -> Issuer:
    """Ourselves; the demo's address is not https."""
    return Ourselves.model_construct(iss=iss, name=name, keys=tuple(keys), crls=tuple(crls))


def read_directory(text: bytes | str) -> Directory:
    """Raises TrustBroken with the first thing that is wrong, and how many more there are."""
    try:
        directory = Directory.model_validate_json(text)
    except ValidationError as error:
        raise TrustBroken(_in_words(error)) from None
    if double := _double(issuer.iss for issuer in directory.participating_issuers):
        raise TrustBroken(f"{double} is there twice; remove one")
    return directory


def _in_words(error: ValidationError) -> str:
    first, *more = error.errors()
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    what = first.get("ctx", {}).get("error", first["msg"])
    told = f"no JSON: {what}" if first["type"] == "json_invalid" else f"{place or 'the file'}: {what}"
    return f"{told} (and {len(more)} more)" if more else told


def _double(names: Iterable[str]) -> str:
    seen: set[str] = set()
    return next((name for name in names if name in seen or seen.add(name)), "")  # type: ignore[func-returns-value]
