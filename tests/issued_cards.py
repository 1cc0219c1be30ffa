"""The cards of the demo people and of all generated records, made once for each test process, and their pictures."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from card_rules import Issued
from generated_records import TODAY, generated_records
from joserfc.jwk import ECKey

from bot.cards.crl import Crls
from bot.cards.issuer import SmartHealthCards
from bot.cards.keys.ring import load_or_create
from bot.iis.demo_people import demo_people
from bot.record_content import shown_groups, shows_any
from bot.records import VaccineRecord
from bot.vaccines import ALL, Vaccines, packaged

ISSUER = "https://records.health.example.gov"
EVERYTHING = Vaccines(packaged(), (ALL,))


def make_cards(folder: Path, issuer: str = ISSUER) -> SmartHealthCards:
    return SmartHealthCards(issuer, load_or_create(folder / "card_keys"), Crls(folder / "crl"))


@cache
def records() -> list[VaccineRecord]:
    return [*(person.record for person in demo_people()), *generated_records()]


def issued(cards: SmartHealthCards, some: Iterable[VaccineRecord], issuer: str = ISSUER) -> Iterator[Issued]:
    """Every card of these records, as a page that shows every vaccine has them."""
    (jwk,) = cards.jwks()["keys"]
    key = ECKey.import_key(jwk)
    for record in some:
        groups = shown_groups(record, EVERYTHING, cards, today=TODAY) if shows_any(record, EVERYTHING) else ()
        yield from (Issued(group.jws, record, group.name, issuer, key, TODAY) for group in groups if group.jws)
