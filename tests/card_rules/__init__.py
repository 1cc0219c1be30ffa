"""Every rule for a card, one function for each, whose docstring is the rule. Written with nothing of `bot.cards`.

The rules are those of SMART Health Cards 1.4.0 (https://spec.smarthealth.cards/), and of HL7's vaccination guide
(https://build.fhir.org/ig/HL7/fhir-shc-vaccination-ig/), the mere recommendations of which are rules here, too.
"""

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from joserfc.jwk import ECKey

from bot.records import VaccineRecord


@dataclass(frozen=True)
class Issued:
    """A card, with all that it was made of and for."""

    jws: str
    record: VaccineRecord
    group: str
    issuer: str
    key: ECKey  # the public half
    today: date

    @cached_property
    def parts(self) -> list[bytes]:
        return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in self.jws.split(".")]

    @cached_property
    def minified(self) -> bytes:
        return zlib.decompress(self.parts[1], wbits=-15)

    @cached_property
    def claims(self) -> dict[str, Any]:
        claims: dict[str, Any] = json.loads(self.minified)
        return claims

    @property
    def public_key(self) -> EllipticCurvePublicKey:
        return self.key.public_key

    @property
    def bundle(self) -> dict[str, Any]:
        bundle: dict[str, Any] = self.claims["vc"]["credentialSubject"]["fhirBundle"]
        return bundle

    @property
    def resources(self) -> list[dict[str, Any]]:
        return [entry["resource"] for entry in self.bundle["entry"]]

    @property
    def patient(self) -> dict[str, Any]:
        return self.resources[0]

    @property
    def immunizations(self) -> list[dict[str, Any]]:
        return self.resources[1:]


Rule = Callable[[Issued], None]


def sentence(rule: Callable[..., None]) -> str:
    return str(rule.__doc__).strip().split("\n")[0].rstrip(".")
