"""People who never lived, for the demo, the testers and the tests. Each shows something."""

from dataclasses import dataclass
from datetime import date

from bot.iis.dose import Dose
from bot.iis.sql.engine import writer
from bot.iis.sql.errors import translated
from bot.iis.sql.replica import save_doses, save_people
from bot.iis.sql.schema import upgrade_schema
from bot.records import Immunization, VaccineRecord


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to text as."""

    key: str
    shows: str  # one sentence for a tester
    phone: str  # the one she texts from: E.164, in the fictional range 555-0100 to 555-0199
    record: VaccineRecord

    @property
    def contact_hint(self) -> str:
        """The contact that the registry holds, for when it is not the phone she texts from."""
        return min(self.record.contacts)


def demo_people() -> tuple[DemoPerson, ...]:
    """All of them, Ana first."""
    return (*_one_to_a_phone(), *_several_to_a_phone(), *_found_elsewhere(), *_odd_records())


def seed(url: str) -> None:
    """Put the demo people into the registry at `url`; doing it again changes nothing."""
    upgrade_schema(url)
    records = [person.record for person in demo_people()]
    with writer(url) as engine, translated(), engine.begin() as connection:
        save_people(connection, records)
        save_doses(connection, [dose for record in records for dose in _doses(record)])


def _one_to_a_phone() -> list[DemoPerson]:
    return [
        _person(
            "ana Ana|Reyes 1985-03-27 +13605550100",
            "Two doses, found by the phone she texts from: the plain case.",
            "2021-04-08 208 PFR EW0162 Fairgrounds Vaccination Site",
            "2021-04-29 208 PFR EW0175 Fairgrounds Vaccination Site",
        ),
        _person(
            "omar Omar|Haddad 1972-11-05 +13605550101",
            "One dose only.",
            "2021-05-14 212 JSN 203A21A Cedar Street Pharmacy",
        ),
        _person(
            "grace Grace|Okafor 1968-07-19 +13605550102",
            "Four doses of four different products.",
            "2021-03-11 207 MOD 041B21A Harbor Community Clinic",
            "2021-04-09 208 PFR ER8737 Harbor Community Clinic",
            "2022-10-04 300 PFR GH9697 Cedar Street Pharmacy",
            "2024-10-22 313 NVX 6024MF019 Cedar Street Pharmacy",
        ),
        _person(
            "jose José+Ángel|Muñoz-Peña 1990-12-02 +13605550103",
            "Accents, two given names and a double family name: any of them, or all, will do.",
            "2021-06-01 217 PFR FD0810 Clínica San Martín",
            "2021-06-22 217 PFR FD0846 Clínica San Martín",
            "2023-11-07 309 PFR HD9867 Clínica San Martín",
        ),
        _person(
            "wang 小明|王 1979-09-09 +13605550104",
            "A name that the registry holds in Chinese.",
            "2021-07-15 511 SNV L202106038 Eastside International Clinic",
            "2022-01-20 217 PFR FL3207 Eastside International Clinic",
        ),
    ]


def _several_to_a_phone() -> list[DemoPerson]:
    return [
        _person(
            "mia Mia|Thompson 2015-05-09 +13605550105",
            "A twin: one letter from Lia, on the same phone, and never taken for her.",
            "2021-11-20 218 PFR FK5127 Northfield Children's Hospital",
            "2021-12-11 218 PFR FK5618 Northfield Children's Hospital",
        ),
        _person(
            "lia Lia|Thompson 2015-05-09 +13605550105",
            "A twin: one letter from Mia, on the same phone, and never taken for her.",
            "2021-11-20 218 PFR FK5127 Northfield Children's Hospital",
        ),
        _person(
            "linh Linh|Nguyen 1999-01-15 +13605550106",
            "Two records with the same name, birth date and phone: nobody is found, here the first.",
            "2021-05-03 208 PFR EW0191 Fairgrounds Vaccination Site",
        ),
        _person(
            "linh-again Linh|Nguyen 1999-01-15 +13605550106",
            "Two records with the same name, birth date and phone: nobody is found, here the second.",
            "2021-05-24 207 MOD 017C21A Harbor Community Clinic",
        ),
        _person(
            "fatima Fatima|Rahman 1988-02-29 +13605550107",
            "A mother, born on a leap day, whose phone is on her children's records too.",
            "2021-04-19 207 MOD 045B21A Tri-County Public Health",
            "2021-05-17 207 MOD 006D21A Tri-County Public Health",
        ),
        _person(
            "yusuf Yusuf|Rahman 2014-08-30 +13605550107",
            "A child found by his mother's phone.",
            "2021-11-27 218 PFR FK5127 Northfield Children's Hospital",
            "2021-12-18 218 PFR FL0007 Northfield Children's Hospital",
        ),
        _person(
            "amina Amina|Rahman 2017-01-04 +13605550107",
            "A second child on the same phone.",
            "2022-07-06 228 MOD 052A22A Northfield Children's Hospital",
        ),
        _person(
            "robert Robert|Hayes|Sr. 1952-10-10 +13605550108",
            "A father whose son has his name: the birth date tells them apart.",
            "2021-02-12 207 MOD 013M20A Tri-County Public Health",
            "2021-03-12 207 MOD 030A21A Tri-County Public Health",
        ),
        _person(
            "robert-jr Robert|Hayes|Jr. 1981-06-23 +13605550108",
            "A son who has his father's name: the birth date tells them apart.",
            "2021-04-30 208 PFR EW0171 Cedar Street Pharmacy",
        ),
    ]


def _found_elsewhere() -> list[DemoPerson]:
    return [
        _person(
            "priya Priya|Natarajan 1994-04-17 +13605550110 priya.natarajan@example.org",
            "Her record holds an email address and no phone.",
            "2021-05-06 208 PFR EW0196 Harbor Community Clinic",
            "2021-05-27 208 PFR FA7485 Harbor Community Clinic",
        ),
        _person(
            "tom Tom|Kowalski 1977-12-31 +13605550111 +13605550112",
            "His record holds another mobile phone than the one he texts from.",
            "2021-04-22 207 MOD 038B21A Cedar Street Pharmacy",
            "2021-05-20 207 MOD 009D21A Cedar Street Pharmacy",
        ),
        _person(
            "ruth Ruth|Andersen 1941-03-08 +13605550113 +13605550114",
            "Her record holds only her landline; the mobile phone she texts from is not on it.",
            "2021-01-26 208 PFR EL9261 Tri-County Public Health",
            "2021-02-16 208 PFR EN6200 Tri-County Public Health",
        ),
        _person(
            "sofia Sofia|Marin 1979-09-09 +13605550122 +13605550122 sofia.marin@example.org",
            "Her record holds her phone and an email, where her link goes if no text reaches the phone.",
            "2021-04-13 207 MOD 025B21A Fairgrounds Vaccination Site",
            "2021-05-11 207 MOD 048C21A Fairgrounds Vaccination Site",
        ),
    ]


def _odd_records() -> list[DemoPerson]:
    return [
        _person(
            "ben Ben|Carter 2001-09-14 +13605550115",
            "A record with a flu shot and no COVID-19 dose.",
            "2023-10-12 140 SEQ P100582941 University Health Center",
        ),
        _person(
            "margaret Margaret+Mary|O'Neill 1938-11-21 +13605550116",
            "Nine doses: a long page and a full card.",
            "2021-01-20 207 MOD 012L20A Tri-County Public Health",
            "2021-02-17 207 MOD 023M20A Tri-County Public Health",
            "2021-10-28 207 MOD 048F21A Cedar Street Pharmacy",
            "2022-04-12 207 MOD 050A22A Cedar Street Pharmacy",
            "2022-09-14 229 MOD AS7140C Cedar Street Pharmacy",
            "2023-05-02 229 MOD 026G22A Cedar Street Pharmacy",
            "2023-10-03 312 MOD 3030582 Cedar Street Pharmacy",
            "2024-09-10 312 MOD 3043208 Cedar Street Pharmacy",
            "2025-09-30 312 MOD 3052417 Cedar Street Pharmacy",
        ),
        _person(
            "noah Noah|Kim 2025-06-12 +13605550117",
            "An infant, found by a parent's phone.",
            "2025-12-20 311 MOD 3053109 Northfield Children's Hospital",
        ),
        _person(
            "lars Lars|Eriksen 1983-05-17 +13605550118",
            "A dose with a vaccine code that nobody knows, beside one that everybody does.",
            "2021-03-30 208 PFR ER8732 Fairgrounds Vaccination Site",
            "2021-09-09 999 UNK UNKNOWN Traveler's Clinic",
        ),
        _person(
            "nina Nina|Petrova 1996-02-20 +13605550120",
            "Only a dose with a code that nobody knows: a page without a QR code, also when she asks for a picture.",
            "2022-03-15 9999 UNK 77A4 Traveler's Clinic",
        ),
        _person(
            "henry Henry|Walsh 1990-08-12 +13605550121",
            "A dose before his birth and one in the year 2202, beside a right one: only the right one is on the card.",
            "1921-04-06 208 PFR ER8734 Cedar Street Pharmacy",
            "2021-04-27 208 PFR EW0173 Cedar Street Pharmacy",
            "2202-01-18 208 PFR FL3212 Cedar Street Pharmacy",
        ),
        _person(
            "elena Elena|Castillo 2012-08-22 +13605550119",
            "Vaccines against many diseases, two of them combinations: the page shows those that the flow names.",
            "2012-10-24 110 SKB AC21B153A Northfield Children's Hospital",
            "2013-09-03 94 MSD H012345 Northfield Children's Hospital",
            "2021-11-19 218 PFR FK5127 Northfield Children's Hospital",
            "2021-12-10 218 PFR FK5618 Northfield Children's Hospital",
            "2024-10-08 140 SEQ P100612873 Cedar Street Pharmacy",
        ),
    ]


def _person(who: str, shows: str, *doses: str) -> DemoPerson:
    """`who`: "key Given+Given|Family|Suffix birth-date phone-she-texts-from contact-on-record-if-another"."""
    key, names, born, phone, *others = who.split(" ")
    given, family, *suffix = names.split("|")
    contacts = others or [phone]
    record = VaccineRecord(
        patient_id=f"demo-{key}",
        family=family,
        given=tuple(given.split("+")),
        birth_date=date.fromisoformat(born),
        suffix=suffix[0] if suffix else None,
        immunizations=tuple(map(_immunization, doses)),
        phones=frozenset(contact for contact in contacts if "@" not in contact),
        emails=frozenset(contact for contact in contacts if "@" in contact),
    )
    return DemoPerson(key, shows, phone, record)


def _immunization(dose: str) -> Immunization:
    """`dose`: "date CVX MVX lot place"."""
    day, cvx, mvx, lot, place = dose.split(" ", 4)
    return Immunization(cvx=cvx, date=date.fromisoformat(day), lot=lot, place=place, mvx=mvx)


def _doses(record: VaccineRecord) -> list[Dose]:
    return [
        Dose(record.patient_id, f"{record.patient_id}-{number}", dose)
        for number, dose in enumerate(record.immunizations, 1)
    ]
