"""What a card of our own says of itself: when it was issued, and its reference number. Checks nothing."""

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.cards.jws import inflate
from bot.cards.reference import to_reference


@dataclass(frozen=True, slots=True)
class Issued:
    on: date  # where this server is: TZ says so
    reference: str  # such as "7K3M-9QXTR-2VB8C"


def issued(jws: str) -> Issued:
    payload = jws.split(".")[1]
    claims = inflate(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return Issued(datetime.fromtimestamp(claims["nbf"], UTC).astimezone().date(), to_reference(claims["vc"]["rid"]))
