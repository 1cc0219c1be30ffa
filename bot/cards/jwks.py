"""The public half of our keys, as `/.well-known/jwks.json` serves it."""

from collections.abc import Iterable, Mapping

Jwk = dict[str, str]
Jwks = dict[str, list[Jwk]]

PUBLIC = (
    "kty",
    "crv",
    "use",
    "alg",
    "kid",
    "x",
    "y",
)  # what may leave: a list of what may not forgets one day


def public_jwks(keys: Iterable[Mapping[str, str]]) -> Jwks:
    """The JWK Set (RFC 7517) of these private JWKs, without their private part."""
    return {"keys": [{name: key[name] for name in PUBLIC} for key in keys]}
