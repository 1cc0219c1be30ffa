"""Records as registries deliver them, hundreds and always the same ones: plain, and with every ugliness there is."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from bot.iis.doses import merged
from bot.records import Immunization, VaccineRecord

TODAY = date(2026, 11, 18)
PILES = 25  # records, each with more doses than any card takes


class Name(NamedTuple):
    family: str
    given: tuple[str, ...]
    suffix: str | None = None


PLAIN = (
    Name("Reyes", ("Ana", "María"), "Jr."),
    Name("O'Neill-García", ("Seán",)),
    Name("王", ("小明",)),
    Name("김", ("서연",)),
    Name("Nguyễn", ("Thị", "Minh", "Khai")),
    Name("Иванова", ("Мария", "Сергеевна")),
    Name("الشريف", ("محمد", "عبد الرحمن")),
    Name("علی\u200cزاده", ("نگار",)),
    Name("शर्मा", ("प्रिया",)),
    Name("สมบูรณ์", ("กิตติ",)),
    Name("አበበ", ("ሰላም",)),
    Name("X", ("Y",)),
    Name("", ("Suharto",)),
    Name("Teller", ()),
    Name("de la Cruz y Fernández de Córdoba", ("José", "María", "del", "Carmen", "Ángel", "Luis", "Pío"), "III"),
)
UGLY = (
    Name("Reyes", ("Ana", "UNKNOWN", ""), "N/A"),
    Name("unknown", ("Ana",), "{{suffix}}"),
    Name("  Reyes\t", ("Ana\nMaría",), "\u200b"),
    Name("Re\x00yes", ("A\x1fna",)),
    Name("Mu\ud800oz", ("\udfffAna",)),
    Name("\u202eseyeR\u202c", ("\u200fمحمد\u200e",)),
    Name("Mun\u0303oz", ("Jose\u0301",)),
    Name("Reyes 🌸", ("🌸 Ana 👩🏽‍⚕️",)),
    Name("<b>Reyes</b>", ('"Ana"',), "&amp;"),
    Name("Null", ("Test",), "None"),
    Name("Null", ("Anna", "NMN"), "null"),
    Name("FNU", ("Suharto",)),
    Name("(null)", ("Ana", "<null>", "NotApplicable", "12345")),
    Name("[object Object]", ("未知", "Ana", "Không rõ")),
    Name("Reyes", ("Ana", "No", "Middle", "Name")),
    Name("Maximiliana " * 25, ("Anastasia " * 30,)),
    Name("王" * 300, ("明" * 300,)),
)
NOBODY = (
    Name("UNKNOWN", ("N/A", "{{given}}"), "Jr."),
    Name("\x00", ("-", "🌸")),
    Name("LNU", ("FNU",)),
)
LOTS = (
    *(None, "", " ", "-", "EL3302", "039K20A", "ew0162", " EK9231 ", "L202106038", "1234567890123456789"),
    *("Lot #123", "LOT 7", "lot:EW0162", "PILOT1", "Lote 12", "A" * 20, "012345678901234567890123"),
    *("UNKNOWN", "N/A", "none", "[unknown]", "{{lot}}", "${lotNumber}", "XXXX", "0000000", "TBD"),
    *("N.A.", "Not Provided", "see chart", "Refused", "UNKNOWN-CDC", "NA1234", "UNK0012"),
    *("unk 2021", "03/01/2021", "-1", "Dose #2", "Batch: EW0150", "8888888888", "see card 2", "not-asked"),
    *("EW\x000162", "EW\ud8000162", "\u202eEW0162", "EW🙂0162", "🙂" * 10, "EW\n0162", "٠١٢٣"),
)
PLACES = (
    *(None, "", "CVS Pharmacy 4411", "Clínica de la Raza", "市立病院", "مستشفى الشفاء\u200f", "H"),
    *("Twenty-Nine Characters Clinic", "Thirty Characters Clinic Inc.!", "A County Public Health Department, Annexe B"),
    *("UNKNOWN", "n/a", "Other", "{{facility}}", "Clini\u0301ca", "Clinic\nRoom 2", "Hospital 🏥", "🏥" * 15),
    *("UNKNOWN FACILITY", "N/A - historical", "null null", "Other/Unknown", "self reported", "Othello Pharmacy"),
    *("NAVU", "temp-unknown", "Facility Name", "Provider", "Facility not known", "NotRecorded", "UNC Hospital"),
    *("Cl\ud83dnic", "\u202dSt. Mary\u202c", "\x00", "<script>"),
)
COVID_CODES = (
    "207 208 210 211 212 213 217 218 221 225 227 228 229 230 300 301 302 308 309 310 311 312 313 500 511".split()
)
OTHER_CODES = "08 140 03 115 187 94 110 20 162 305 999 9999 00 998".split()  # unknown ones, and no dose, too
WRONG_DAYS = tuple(
    Immunization(code, day)
    for code in ("208", "03")
    for day in (date(1900, 1, 1), date(1970, 1, 1), date(2019, 12, 31), date(1899, 12, 31))
)


def generated_records(count: int = 300) -> list[VaccineRecord]:
    """The first PILES of them are of people with many doses; every name and every number of doses comes again."""
    return [_record(number) for number in range(count)]


def _record(number: int) -> VaccineRecord:
    chosen = random.Random(number)
    named = (*PLAIN, *UGLY, *NOBODY, _noise(chosen, 45), _noise(chosen, 500))
    name = named[number % len(named)]
    born = date(1930, 1, 1) + timedelta(chosen.randrange(33000))
    born = date(1899, 12, 31) if number % 50 == 49 else born
    doses = list(_doses(chosen, chosen.randrange(13, 60) if number < PILES else 1 + number % 12, born))
    doses += WRONG_DAYS if number % 10 == 9 else ()
    twice = chosen.choices(doses, k=number % 3)
    return VaccineRecord(f"p{number}", *name[:2], born, name.suffix, merged([*doses, *twice]))


def _noise(chosen: random.Random, length: int) -> Name:
    """A name that nothing can pack."""
    return Name("".join(chosen.choices("abcdefghijklmnopqrstuvwxyzåéîøüçñßœ", k=length)).title(), ("Zoë",))


def _doses(chosen: random.Random, count: int, born: date) -> Iterator[Immunization]:
    ugly = chosen.random() < 0.5
    day = max(date(2020, 12, 14), born)
    for _ in range(count):
        day += timedelta(chosen.randrange(1, 40))
        yield _dose(chosen, _ugly_day(chosen, day, born) if ugly else day, ugly)


def _dose(chosen: random.Random, day: date, ugly: bool) -> Immunization:
    code = chosen.choice(COVID_CODES)
    if not ugly:
        lot = f"{chosen.choice('EFKL')}{chosen.choice('ABCDKW')}{chosen.randrange(10000):04}"
        return Immunization(
            code, day, lot, f"{chosen.choice(('CVS', 'Kaiser', 'Harbor Clinic'))} {chosen.randrange(999)}"
        )
    code = chosen.choice((code, code, code, f"0{code}", f" {code} ", *chosen.sample(OTHER_CODES, 2)))
    return Immunization(code, day, chosen.choice(LOTS), chosen.choice(PLACES))


def _ugly_day(chosen: random.Random, day: date, born: date) -> date:
    days = (day, day, day, day, TODAY + timedelta(chosen.randrange(4)), date(2202, 1, 4), born - timedelta(1), born)
    return chosen.choice(days)
