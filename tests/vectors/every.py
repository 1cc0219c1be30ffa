"""All vectors, for a set of issuers and for our own cards."""

from bot.ports import Cards
from vectors import Vector
from vectors.contents import credentials, doses, people
from vectors.issued import issued
from vectors.issuers import Issuers
from vectors.no_cards import files, no_cards, remains, spellings
from vectors.payloads import moments, payloads
from vectors.revoked import revoked
from vectors.signatures import headers, keys, signatures

RULES = (
    signatures,
    headers,
    payloads,
    moments,
    credentials,
    doses,
    people,
    revoked,
    spellings,
    remains,
    no_cards,
    files,
)


def every_vector(issuers: Issuers, cards: Cards, our_iss: str) -> list[Vector]:
    broken = [vector for rule in RULES for vector in rule(issuers)]
    return [*issued(cards), *keys(issuers, cards, our_iss), *broken]
