"""How fast a card is made, from the record to the signed JWS and the picture of its QR code, and what takes the time.

`make bench-cards`. One process and its CPU time; the best of several rounds, since others may use the machine.
"""

import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from bot.cards import jws, qr
from bot.cards.crl import Crls
from bot.cards.fhir_bundle import build_bundle
from bot.cards.issuer import SmartHealthCards
from bot.cards.keys.ring import KeyRing, load_or_create
from bot.ports import Card
from bot.records import Immunization, VaccineRecord
from bot.vaccines import COVID

T = TypeVar("T")

AIM = 100  # cards a second and core
DOSES = (2, 4, 8, 12)
PEOPLE = 20
ROUNDS = 15
CODES = "208 208 217 300 309 310 312 313".split()
PLACES = ("CVS Pharmacy 4411", "Kaiser Oakland", "Harbor Community Clinic", "Walgreens 12311", "Clínica de la Raza")
STEPS = ("bundle", "JSON", "deflate", "sign", "QR", "PNG", "rest")


def main() -> None:
    print("doses  characters  version  cards/s  ms a card   " + "".join(f"{step:>9}" for step in STEPS))
    with TemporaryDirectory() as folder:
        ring = load_or_create(Path(folder) / "card_keys")
        cards = SmartHealthCards("https://records.health.example.gov", ring, Crls(Path(folder) / "crl"))
        slowest = min(_row(cards, ring, doses) for doses in DOSES)
    print(f"\nAt least {slowest:.0f} cards a second and core; the aim is {AIM}.")


def _row(cards: SmartHealthCards, ring: KeyRing, doses: int) -> float:
    """Print one line; the cards a second."""
    people = [_person(number, doses) for number in range(PEOPLE)]
    signed = [_issue(cards, person) for person in people]
    whole = _seconds(lambda person: qr.png(_issue(cards, person)), people)
    steps = _steps(people, signed, ring)
    shares = [step / whole for step in (*steps, whole - sum(steps))]
    characters = sum(map(len, signed)) // PEOPLE
    version = max(qr.qr_code(card).version for card in signed)
    print(f"{doses:5}  {characters:10}  {version:7}  {1 / whole:7.0f}  {whole * 1000:9.2f}   ", end="")
    print("".join(f"{share:9.1%}" for share in shares))
    return 1 / whole


def _steps(people: list[VaccineRecord], signed: list[str], ring: KeyRing) -> list[float]:
    """Seconds for a card in each step."""
    key = ring.signing(time.time()).ec
    payloads = [_decoded(card.split(".")[1]) for card in signed]
    claims = [jws.inflate(payload) for payload in payloads]
    return [
        _seconds(lambda person: build_bundle(person, person.immunizations), people),
        _seconds(jws.minified, claims),
        _seconds(jws.squeezed, [jws.minified(one) for one in claims]),
        _seconds(lambda payload: jws.sign(payload, key), payloads),
        _seconds(qr.qr_code, signed),
        _seconds(qr.drawn, [qr.qr_code(card) for card in signed]),
    ]


def _seconds(make: Callable[[T], object], of: Iterable[T]) -> float:
    """For one of them."""
    things = [*of]
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for thing in things:
            make(thing)
        rounds.append(time.process_time() - began)
    return min(rounds) / len(things)


def _issue(cards: SmartHealthCards, person: VaccineRecord) -> str:
    card = cards.issue(person, COVID)
    assert isinstance(card, Card)
    assert len(card.doses) == len(person.immunizations)
    return card.jws


def _person(number: int, doses: int) -> VaccineRecord:
    born = date(1940, 1, 1) + timedelta(days=number * 977)
    given = (_dose(number, nth) for nth in range(doses))
    return VaccineRecord(f"p{number}", "Reyes", ("Ana", "María"), born, None, tuple(given))


def _dose(number: int, nth: int) -> Immunization:
    """Half of somebody's doses are from one place."""
    place = PLACES[number % 5 if nth % 2 else (number + nth) % 5]
    lot = f"{'EFGH'[nth % 4]}{'ABCK'[number % 4]}{(number * 3301 + nth * 977) % 10000:04}"
    return Immunization(CODES[nth % 8], date(2021, 1, 5) + timedelta(days=nth * 120 + number), lot, place)


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


if __name__ == "__main__":
    main()
