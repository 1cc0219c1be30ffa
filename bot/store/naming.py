"""Names in Redis that tell nothing of whose they are."""

import hmac


def of_phone(index_key: bytes, phone: str) -> str:
    """The same phone always has the same name: 40 hexadecimal digits of an HMAC-SHA-256."""
    return hmac.digest(index_key, phone.encode(), "sha256").hex()[:40]
