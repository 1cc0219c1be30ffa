"""The card as a JWS: minified JSON, raw DEFLATE, signed with ES256. Signs, measures, verifies."""

import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import deflate as libdeflate
from joserfc import jws as jose
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

Claims = dict[str, Any]

MAX_CLAIMS = 100_000  # bytes, inflated: a card has about 2,000, a bomb has more
TIGHT = 11  # of libdeflate's levels: 12 takes twice the time for a tenth of a character
RAW = -15  # zlib's name for DEFLATE without a header, with the largest window

# joserfc knows `zip` in JWE only, and refuses it in a JWS while it checks headers strictly
REGISTRY = jose.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
HEADER = {"alg": "ES256", "zip": "DEF"}  # and kid
NOT_UNDERSTOOD = {"crit", "b64"}  # would change what the signature means
COMPACT = re.compile(r"ey[\w-]*\.[\w-]+\.[\w-]{0,1000}", re.ASCII)  # ey: a header is JSON, which begins with {


class InvalidCard(Exception):
    """Not a card, or not signed by these keys. Carries no personal data."""


class ForgedCard(InvalidCard):
    """A card in form, but its signature proves nothing."""


def deflate(claims: Mapping[str, Any]) -> bytes:
    """The payload that `sign` takes: minified JSON in raw DEFLATE, which every inflater reads."""
    return squeezed(minified(claims))


def minified(claims: Mapping[str, Any]) -> bytes:
    return json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()


def squeezed(text: bytes) -> bytes:
    return bytes(libdeflate.deflate_compress(text, TIGHT))


def inflate(payload: bytes) -> Claims:
    """What `deflate` packed. Raises InvalidCard."""
    stretch = zlib.decompressobj(wbits=RAW)
    try:
        minified = stretch.decompress(payload, MAX_CLAIMS)
        whole = stretch.eof and not stretch.unused_data
        claims = json.loads(minified.decode(), parse_constant=no_json) if whole else None
    except (zlib.error, ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise InvalidCard(f"the payload is not raw DEFLATE of a JSON object of at most {MAX_CLAIMS} bytes")
    return claims


def sign(payload: bytes, key: ECKey) -> str:
    """The compact JWS of a deflated payload. The key must hold its private half."""
    return jose.serialize_compact({**HEADER, "kid": key.thumbprint()}, payload, key, registry=REGISTRY)


def signed_length(payload: bytes) -> int:
    """How many characters `sign` will make of it: every kid and every ES256 signature has one length."""
    header = len(json.dumps({**HEADER, "kid": "k" * 43}, separators=(",", ":")))
    return _base64_length(header) + 1 + _base64_length(len(payload)) + 1 + _base64_length(64)


@dataclass(frozen=True, slots=True)
class Unproven:
    """What a card says of itself. Anybody could have written it."""

    kid: str
    claims: Claims

    def __repr__(self) -> str:
        return "Unproven(...)"


def read_unproven(card: str) -> Unproven:
    """A card before its signature is checked. Raises ForgedCard for another algorithm, InvalidCard for what is no card.

    More header fields than these are ignored, as RFC 7515 says, unless they must be understood.
    """
    if not COMPACT.fullmatch(card):
        raise InvalidCard("not the three parts of a JWS")
    try:
        found = jose.extract_compact(card.encode(), registry=REGISTRY)
        header = found.headers()
    except (JoseError, ValueError) as error:
        raise InvalidCard(f"not a JWS: {type(error).__name__}") from None
    if header.get("alg") != HEADER["alg"]:
        raise ForgedCard("the header is not alg ES256")
    kid = header.get("kid")
    if header.get("zip") != HEADER["zip"] or not isinstance(kid, str) or NOT_UNDERSTOOD & header.keys():
        raise InvalidCard("the header is not zip DEF and kid")
    return Unproven(kid, inflate(found.payload))


def verify(card: str, jwks: Mapping[str, Iterable[Mapping[str, Any]]]) -> Claims:
    """The claims of a card that one of these keys signed. Raises InvalidCard, saying what is wrong."""
    unproven = read_unproven(card)
    try:
        jose.deserialize_compact(card, _key(jwks, unproven.kid), registry=REGISTRY)
    except (JoseError, ValueError) as error:
        raise ForgedCard(f"not signed by its key: {type(error).__name__}") from None
    return unproven.claims


def _key(jwks: Mapping[str, Iterable[Mapping[str, Any]]], kid: str) -> ECKey:
    for jwk in jwks["keys"]:
        if jwk.get("kid") == kid:
            return ECKey.import_key({**jwk})
    raise ForgedCard("no such kid among the keys")


def no_json(name: str) -> NoReturn:
    """Python would read NaN and Infinity."""
    raise ValueError(f"{name} is no JSON")


def _base64_length(size: int) -> int:
    return -(-size * 4 // 3)  # rounded up, without padding
