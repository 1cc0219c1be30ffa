"""The public half of our keys, as `/.well-known/jwks.json` serves it."""

from collections.abc import Iterable, Mapping
from typing import Any

Jwks = dict[str, list[dict[str, Any]]]

KEPT = 3600  # seconds that a reader may keep the keys; no key signs before it has been public for as long
PUBLIC = ("kty", "crv", "use", "alg", "kid", "x", "y")  # what may leave: a list of what may not forgets one day


def public_jwks(keys: Iterable[Mapping[str, Any]], crl_versions: Mapping[str, int] | None = None) -> Jwks:
    """The JWK Set (RFC 7517) of these JWKs, without their private part, with `crlVersion` by kid where it is given."""
    versions = crl_versions or {}
    return {"keys": [_public(key, versions) for key in keys]}


def _public(key: Mapping[str, Any], versions: Mapping[str, int]) -> dict[str, Any]:
    public = {name: key[name] for name in PUBLIC}
    return public | ({"crlVersion": versions[key["kid"]]} if key["kid"] in versions else {})
