"""A token end point for backend services: verifies signed assertions, each of which it takes only once."""

import base64
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class FakeOAuth:
    """Knows one client, by the public keys that it registered or by its secret."""

    client_id: str
    keys: dict[str, Any] = field(default_factory=lambda: {"keys": []})
    secret: str = ""
    scopes: frozenset[str] = frozenset({"system/Patient.rs", "system/Immunization.rs"})
    expires_in: object = 300
    valid: set[str] = field(default_factory=set)  # tokens; take one out and it is refused
    given: list[str] = field(default_factory=list)
    assertions: list[jwt.Token] = field(default_factory=list)

    def token(self, url: str, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer to a token request at `url`."""
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        if not (self._shows_secret(authorization) if self.secret else self._signed(url, form)):
            return 401, {"error": "invalid_client", "error_description": f"no such client: {form}"}
        asked = set(form.get("scope", "").split())
        if not asked & self.scopes:
            return 400, {"error": "invalid_scope"}
        token = secrets.token_urlsafe(32)
        self.valid.add(token)
        self.given.append(token)
        granted = {"access_token": token, "token_type": "bearer", "scope": " ".join(sorted(asked & self.scopes))}
        return 200, granted | ({} if self.expires_in is None else {"expires_in": self.expires_in})

    def accepts(self, authorization: str) -> bool:
        kind, _, token = authorization.partition(" ")
        return kind == "Bearer" and token in self.valid

    def _shows_secret(self, authorization: str) -> bool:
        kind, _, encoded = authorization.partition(" ")
        if kind != "Basic":
            return False
        user, _, password = base64.b64decode(encoded).decode().partition(":")
        return (unquote_plus(user), unquote_plus(password)) == (self.client_id, self.secret)

    def _signed(self, url: str, form: dict[str, str]) -> bool:
        if form.get("client_assertion_type") != JWT_BEARER:
            return False
        try:
            keys = KeySet.import_key_set(self.keys)
            token = jwt.decode(form.get("client_assertion", ""), keys, algorithms=["RS384", "ES384"])
        except (JoseError, ValueError):
            return False
        self.assertions.append(token)
        return self._is_right(url, token.claims)

    def _is_right(self, url: str, claims: dict[str, Any]) -> bool:
        used = [token.claims["jti"] for token in self.assertions[:-1]]
        left = claims["exp"] - time.time()
        named = claims["iss"] == claims["sub"] == self.client_id and claims["aud"] == url
        return bool(named and 0 < left <= 300 and claims["jti"] not in used)
