"""A key that signs whatever it is told to: written from RFC 7515 and 7638, with nothing of `bot.cards`."""

import base64
import hashlib
import json
import zlib
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

Claims = dict[str, Any]


class Key:
    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        point = {"x": b64(numbers.x.to_bytes(32)), "y": b64(numbers.y.to_bytes(32))}
        told = json.dumps({"crv": "P-256", "kty": "EC", **point}, separators=(",", ":"))
        self.kid = b64(hashlib.sha256(told.encode()).digest())
        self.jwk = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, **point}

    def sign(self, claims: Claims, *, without: str = "", **header: Any) -> str:
        """A card of these claims. `header`: fields besides the right ones, or instead of them."""
        return self.sign_payload(pack(claims), without=without, **header)

    def sign_payload(self, payload: bytes, *, without: str = "", **header: Any) -> str:
        fields = {"alg": "ES256", "zip": "DEF", "kid": self.kid, **header}
        fields.pop(without, None)
        return self.sign_parts(json.dumps(fields).encode(), payload)

    def sign_parts(self, header: bytes, payload: bytes) -> str:
        signed = f"{b64(header)}.{b64(payload)}"
        r, s = utils.decode_dss_signature(self.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{b64(r.to_bytes(32) + s.to_bytes(32))}"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pack(claims: Claims | str) -> bytes:
    text = claims if isinstance(claims, str) else json.dumps(claims)
    return zlib.compress(text.encode(), wbits=-15)


def as_code(card: str) -> str:
    """What the QR code of a card holds."""
    return "shc:/" + "".join(f"{ord(character) - 45:02}" for character in card)
