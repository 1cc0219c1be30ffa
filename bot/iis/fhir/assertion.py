"""The signed assertion by which a backend service says who it is: RS384 or ES384. http://hl7.org/fhir/smart-app-launch/"""

import secrets
import time
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

LIFETIME = 240  # seconds; five minutes are allowed, and clocks differ
SMALLEST_RSA = 2048  # bits
WANTED = "the private key must be RSA of 2048 bits or more, or EC P-384: as PEM without a password, a JWK or a JWK Set"


@dataclass(frozen=True, slots=True)
class AssertionKey:
    """Our private key; its public half is registered with the registry under `kid`."""

    key: RSAKey | ECKey
    kid: str

    def __repr__(self) -> str:
        return f"AssertionKey({self.kid})"

    @property
    def algorithm(self) -> str:
        return "RS384" if isinstance(self.key, RSAKey) else "ES384"


def read_key(data: bytes) -> AssertionKey:
    """PEM, JWK or JWK Set; of a set the first key that will do. Raises ValueError, which never quotes the key."""
    found = _from_json(data) if data.lstrip().startswith(b"{") else _from_pem(data)
    if found is None:
        raise ValueError(WANTED)
    return found


def sign_assertion(key: AssertionKey, client_id: str, audience: str) -> str:
    """A JWT for one use; `audience`: the token end point. No `iat`: a clock that is slow would refuse it."""
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "exp": int(time.time()) + LIFETIME,
        "jti": secrets.token_urlsafe(24),
    }
    header = {"alg": key.algorithm, "kid": key.kid, "typ": "JWT"}
    return jwt.encode(header, claims, key.key, algorithms=[key.algorithm])


def _from_json(data: bytes) -> AssertionKey | None:
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    listed = parsed.get("keys", [parsed])
    keys = (_from_jwk(jwk) for jwk in (listed if isinstance(listed, list) else []) if isinstance(jwk, dict))
    return next((key for key in keys if key), None)


def _from_jwk(jwk: dict[str, Any]) -> AssertionKey | None:
    try:
        match jwk:
            case {"kty": "RSA", "d": str()}:
                return _checked(RSAKey.import_key(jwk), jwk.get("kid"))
            case {"kty": "EC", "d": str()}:
                return _checked(ECKey.import_key(jwk), jwk.get("kid"))
            case _:
                return None
    except (JoseError, ValueError, TypeError):
        return None


def _from_pem(data: bytes) -> AssertionKey | None:
    try:
        match load_pem_private_key(data, None):
            case RSAPrivateKey():
                return _checked(RSAKey.import_key(data))
            case EllipticCurvePrivateKey():
                return _checked(ECKey.import_key(data))
            case _:
                return None
    except (ValueError, TypeError, JoseError):
        return None


def _checked(key: RSAKey | ECKey, kid: object = None) -> AssertionKey | None:
    if isinstance(key, RSAKey):
        strong = key.private_key is not None and key.private_key.key_size >= SMALLEST_RSA
    else:
        strong = key.curve_name == "P-384"
    return AssertionKey(key, kid if isinstance(kid, str) and kid else key.thumbprint()) if strong else None
