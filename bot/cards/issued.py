"""What a card of our own says: when it was issued, its reference number, and whose it is. Checks nothing."""

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.cards.jws import inflate
from bot.cards.reference import to_reference
from bot.records import full_name


@dataclass(frozen=True, slots=True)
class Issued:
    on: date  # where this server is: TZ says so
    reference: str  # such as "7K3M-9QXTR-2VB8C"
    name: str  # as much of it as is on the card

    def __repr__(self) -> str:
        return "Issued(...)"


def issued(jws: str) -> Issued:
    payload = jws.split(".")[1]
    claims = inflate(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    (name,) = claims["vc"]["credentialSubject"]["fhirBundle"]["entry"][0]["resource"]["name"]
    return Issued(
        on=datetime.fromtimestamp(claims["nbf"], UTC).astimezone().date(),
        reference=to_reference(claims["vc"]["rid"]),
        name=full_name(name.get("family", ""), name.get("given", ()), next(iter(name.get("suffix", ())), None)),
    )
