"""People who never lived, with everything about them unlike anything else, for tests that look where it turns up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.conversation.answers.date_of_birth import show
from bot.iis.fhir.match import spellings
from bot.records import Immunization, VaccineRecord

LANGUAGES = sorted(file.stem for file in Path(__file__).parent.parent.glob("flows/vaccine_record/text/*.yaml"))
FORMS = ("%Y-%m-%d", "%Y%m%d", "%B %d %Y", "%m/%d/%Y", "%d/%m/%Y")


@dataclass(frozen=True, slots=True)
class Seeded:
    """Who texts from where, what she answers, and what the registry knows; "": it knows nobody."""

    given: str
    family: str
    born: date
    phone: str  # from which she texts
    pin: str
    contact: str = ""  # on her record; "": the phone that texts
    lot: str = ""
    picture: bool = False

    @property
    def answers(self) -> tuple[str, ...]:
        """From the first name to the last question."""
        last = () if self.contact else ("2" if self.picture else "1",)
        return (*self.name_and_birth, self.contact or "1", "AGREE", self.pin, *last)

    @property
    def name_and_birth(self) -> tuple[str, ...]:
        return self.given, self.family, f"{self.born:%B %d %Y}"

    @property
    def record(self) -> VaccineRecord:
        contact = self.contact or self.phone
        return VaccineRecord(
            patient_id=f"np-{self.lot[::-1].lower()}",  # stands in addresses, and so has nothing else in it
            given=(self.given,),
            family=self.family,
            birth_date=self.born,
            phones=frozenset() if "@" in contact else frozenset({contact}),
            emails=frozenset({contact}) if "@" in contact else frozenset(),
            immunizations=(Immunization("208", date(2021, 4, 8), lot=self.lot, mvx="PFR"),),
        )

    def personal(self) -> Iterator[str]:
        """In each way in which it is written anywhere, but for capitals, accents and encodings."""
        yield from (self.given, self.family, self.pin)
        yield from dates(self.born)
        for contact in filter(None, (self.phone, self.contact)):
            yield from contacts(contact)
        if self.lot:
            yield self.lot


def dates(day: date) -> Iterator[str]:
    """As it is kept, typed and sent to registries, and as we show it in each language."""
    yield from (f"{day:{form}}" for form in FORMS)
    yield from (f"{day.month}/{day.day}/{day.year}", f"{day.day}/{day.month}/{day.year}")
    yield from (show(day.isoformat(), language) for language in LANGUAGES)


def contacts(contact: str) -> Iterator[str]:
    """An email, or a phone in all ways in which registries write it down, none of which has another in it."""
    written = spellings(contact)
    yield from (one for one in written if not any(other in one for other in written if other != one))


OWN = Seeded("Quenby", "Zyxquava", date(1961, 8, 23), "+13605550141", "7391", lot="QZ7731XK")
CHILD = Seeded("Lazlorin", "Zyxquava", date(1993, 4, 19), "+13605550141", "8264", lot="LZ5503QJ")
BY_PHONE = Seeded("Ottoline", "Wimbrelthorpe", date(1958, 11, 17), "+13605550142", "9537", "+13605550143", "OW9021VV")
BY_EMAIL = Seeded(
    "Peregrine", "Vashkulat", date(1970, 12, 29), "+13605550144", "6182", "peregrine.v@mail.example.org", "PV1187ZK"
)
PICTURE = Seeded("Ysolde", "Krandthéim", date(1966, 9, 21), "+13605550146", "5926", lot="YK4410WP", picture=True)
UNKNOWN = Seeded("Thaddeus", "Blorvington", date(1949, 10, 13), "+13605550145", "4715")
EVERYBODY = (OWN, CHILD, BY_PHONE, BY_EMAIL, PICTURE, UNKNOWN)
PERSONAL = tuple(sorted({text for person in EVERYBODY for text in person.personal()}))
