"""Cards of our own issuing code, in every form in which people show them."""

from collections.abc import Iterator
from datetime import date

from bot.cards.issuer import card_file
from bot.ports import Cards
from bot.records import Immunization, VaccineRecord
from bot.vaccines import COVID
from vectors import Vector
from vectors.claims import facts
from vectors.signing import as_code

FIRST = Immunization("208", date(2021, 3, 18), "EW0162", "Kaiser")
SEVEN = tuple(Immunization("213", date(2021, month, 1)) for month in range(7, 0, -1))
ANA = VaccineRecord("ana", "Reyes", ("Ana", "María"), date(1985, 3, 27), "Jr.", (FIRST,))
WANG = VaccineRecord("wang", "王", ("小明",), date(1990, 1, 2), None, (Immunization("300", date(2022, 9, 6)),))
GRACE = VaccineRecord("grace", "Okafor", ("Grace",), date(1968, 7, 19), None, SEVEN)


def issued(cards: Cards) -> Iterator[Vector]:
    card = cards.issue(ANA, COVID).jws
    code = as_code(card)
    lines = "\n".join(code[at : at + 76] for at in range(0, len(code), 76))
    ana = facts("Ana María Reyes Jr.", "1985-03-27", ("2021-03-18", "208", "EW0162", "Kaiser"))
    for name, text in {
        "as a code": code,
        "as a JWS": card,
        "in lines": f"  {lines}\r\n",
        "as a file": card_file(card).decode(),
        "after a byte order mark": f"\ufeff{code}",
    }.items():
        yield Vector(f"our card {name}", text, ["verified"], (ana,))
    wang = facts("王小明", "1990-01-02", ("2022-09-06", "300", "", ""))
    yield Vector("our card of a name in Han", cards.issue(WANG, COVID).jws, ["verified"], (wang,))
    grace = facts("Grace Okafor", "1968-07-19", *((f"2021-0{month}-01", "213", "", "") for month in range(1, 8)))
    yield Vector("our card of seven doses", cards.issue(GRACE, COVID).jws, ["verified"], (grace,))
