"""The key of the audit trail: it gives pseudonyms, and chains row to row. Pure."""

import hmac
from dataclasses import dataclass

LENGTH = 32  # hexadecimal digits of a pseudonym: 128 bits


@dataclass(frozen=True, slots=True, repr=False)
class AuditKey:
    """One secret. `id` is written into each row whose pseudonyms or chain it made, so that keys can be changed."""

    id: str
    secret: bytes

    def pseudonym(self, kind: str, value: str) -> str:
        """Always the same for the same thing of a kind; whoever lacks the key can neither make nor undo it."""
        return hmac.digest(self.secret, f"{kind}\0{value}".encode(), "sha256").hex()[:LENGTH] if value else ""

    def link(self, previous: str, row: bytes) -> str:
        """What chains this row to the one before."""
        return hmac.digest(self.secret, b"chain\0" + previous.encode() + b"\0" + row, "sha256").hex()
