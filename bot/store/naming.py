"""Names in Redis that tell nothing of whose they are."""

import hmac


def of_phone(index_key: bytes, phone: str) -> str:
    """The same phone always has the same name: 40 hexadecimal digits of an HMAC-SHA-256."""
    return _name(index_key, phone.encode())


def of_credentials(index_key: bytes, *shown: bytes) -> str:
    """The same credentials always have the same name, and others another."""
    return _name(index_key, b"".join(len(part).to_bytes(4, "big") + part for part in shown))


def of_parts(index_key: bytes, *parts: str) -> str:
    """The same texts in the same order always have the same name, and others another."""
    return of_credentials(index_key, *(part.encode() for part in parts))


def _name(index_key: bytes, secret: bytes) -> str:
    return hmac.digest(index_key, secret, "sha256").hex()[:40]
