"""The rid: the revocation id that all cards of one person under one key carry. Pure."""

import base64
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def secret_of(d: str) -> bytes:
    """Made from the private half of a key: who holds that key can name its cards, and nobody else."""
    return HKDF(algorithm=SHA256(), length=32, salt=b"", info=b"vaxtext rid").derive(d.encode())


def rid_of(secret: bytes, kid: str, patient_id: str) -> str:
    """The first 64 bits of HMAC-SHA-256(secret || kid, patient id) in base64url, as SHC 1.4.0 advises."""
    patient = patient_id.encode(errors="surrogatepass")  # half a character is in an id as good as a whole one
    digest = hmac.digest(secret + kid.encode(), patient, "sha256")
    return base64.urlsafe_b64encode(digest[:8]).rstrip(b"=").decode()
