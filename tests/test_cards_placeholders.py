"""Nothing that says "unknown" is on a signed card, however a registry writes it; real names, lots and places are."""

from datetime import date

import pytest

from bot.cards import words
from bot.cards.fhir_bundle import human_name
from bot.records import VaccineRecord

ANYWHERE = """
    UNKNOWN|Unknown|(unknown)|[UNKNOWN]|unknown.|UNKNOWN-CDC|Unknown Unknown|unknown_value|ＵＮＫＮＯＷＮ|UNKNOWN1|UNK
    N/A|n/a|N / A|N\\A|N.A.|N. A.|n-a|N/A - historical|(N/A)
    NONE|none|(none)|None.|none given|None on file|undefined|unspecified
    Not Provided|NOT_PROVIDED|not-available|Not known|not recorded|Not applicable|no information|No info on file
    Refused|Declined|refused by patient|asked-declined|asked-unknown|ASKU|Withheld
    NotApplicable|NotKnown|notspecified|NoData|NotRecorded|N/K|n/d|TBD|To be determined|Undisclosed|Unassigned|MISSING
    Facility not known|Provider not specified|not-asked|not-applicable|not-permitted|not-performed|not-a-number
    不明|未知|不詳|不详|未提供|미상|알 수 없음|غير معروف|لا يوجد|Không rõ|KHÔNG BIẾT|Hindi alam|Se desconoce|No consta
    Entered in error|[object Object]|#REF!|#NAME?|#N/A|XX|1111
    {{name}}|${x}|<% x %>|%%x%%|XXXX|0000|9999999|00-00|...|---|?|🌸|DESCONOCIDO|No disponible|Ninguno
"""
DETAILS = """
    NA|na|n a|null|null null|[null]|nil|NaN|TBA|TBD|tbc|pending|missing|see chart|See notes|test|Test Clinic|(blank)|X
    HISTORICAL|Historical entry|Historical Provider|per history|Hx|Other|Other/Unknown|OTHER PROVIDER|other - unknown
    UNKNOWN FACILITY|Unknown Provider|Unknown Pharmacy|Unknown Soldier Memorial Clinic|Outside facility|External
    Not reported|Not administered here|not in our system|no record|PATIENT REPORTED|self reported|Self-reported|Self
    Patient|reported by patient|per patient|Pt. reported|parent recall|masked|N.A. per patient|Invalid|UNK facility
    NI|NP|INV|NAVU|NAV|UNC|UNK|NASK|ASKU|MSK|OTH|QS|TRC|PINF|NINF|DER|temp-unknown|as-text|error
    positive-infinity|NegativeInfinity|unsupported|無|wala|Provider|Facility|CLINIC|Facility Name|Provider Name|Location
    Default|[Site]
"""
NAMES = """
    FNU|LNU|fnu|FNU LNU|NMN|(NMN)|NFN|NLN|NMI|No First Name|No Middle Name|NO LAST NAME|no middle initial|No Name
    noname|NoMiddleName|First name unknown|last name refused|Sin nombre|Unknown Father
    Last Name|FIRST NAME|Given Name|LastName|Legal Name Unknown|12345|٠١٢|(null)|<null>|[Null]|Walang pangalan
"""
NO_LOTS = """
    UNK1|TBD1|NONE1|NONE7|UNK0012|TBA0123|TEST001|unk 2021|historical 2021|see card 2|Dose #2
    dose 1|#EL0140|Batch: EW0150|EL0140 (1st dose)|LOT EW0162
    03/01/2021|3/1/21|1900-01-01|2021.3.1|01-MAR-2021|0001-01-01T00:00:00|-1|8888888888|111
"""
REAL_LOTS = """
    EL3302|039K20A|1805018|NA1234|NA 1234|N/A1234|0000001|X0001|EW-0162/B|٠١٢٣|900|NIL-22B|11|20210301|1111112
    EW0162|FA7485|013L20A|1805031|201A21A|CTMAV501|4301MF019|J202106019|L202106038|ABV2856|4120Z001|AS7140C|NP0123
"""
REAL_PLACES = """
    Othello Pharmacy|Other Half Clinic|Nullarbor Clinic|Na Pali Clinic|Notre Dame Hospital|Northside|Nilsson Clinic
    Patient First|Patient Care Clinic|Outside In|Blank Children's Hospital|Test Valley Surgery|Nonesuch Medical|H
    Self Regional Healthcare|Legacy Health|History Center Clinic|Refugio County Clinic|Perry Clinic|N. A. Smith, MD
    No Limits Health|Clínica de la Raza|市立病院|مستشفى الشفاء|9th Street Clinic|Doctor's Clinic|Hospital|Sin City Shots
    Pharmacy 4411|Reported Sightings Clinic|Clinic One|Unity Clinic|NP Family Practice|NP Clinic|UNC Hospital
    Location 7|Nino's Pharmacy|INVA Pharmacy|Noon Clinic|Nona Practice|Notable Health|Clinic on First
    Default Street Clinic|不動診所
"""
REAL_NAMES = """
    Na|Null|Test|Nil|Not|Nan|Nona|Noné|Other|No|No A|No Young|Sin|Self|Unni|Pending|Error|Nonato|Given|Known|First|Last
    Name|X|Xi|Nam|N|A|N. Arun|王|Refugio|Lundy|Blank|O'Neill-García|Notaro|Unkel|Ana NA|Per|Ada|Nilo|Naná|Mi|Fnuzi|Na Na
    Ng|Li|Noda|Notari|Nomura|Noé|Noon|Nodan|An The|Not A|Surname|Wala|明|未央|Missingham|Determan|Ni|Inv|J2|Không Lộ
"""


def each(table: str) -> list[str]:
    return [text.strip() for line in table.strip().splitlines() for text in line.split("|")]


def name_of(family: str, *given: str, suffix: str | None = None) -> dict[str, object]:
    return human_name(VaccineRecord("p1", family, given, date(1985, 3, 27), suffix))


@pytest.mark.parametrize("text", each(ANYWHERE))
def test_what_says_unknown_is_no_lot_no_place_and_no_name(text: str) -> None:
    assert (words.lot(text), words.place(text), words.name(text), words.suffix(text)) == (None,) * 4


@pytest.mark.parametrize("text", each(DETAILS))
def test_what_says_nothing_of_a_dose_is_no_lot_and_no_place(text: str) -> None:
    assert (words.lot(text), words.place(text)) == (None, None)


@pytest.mark.parametrize("text", each(NAMES))
def test_what_says_that_there_is_no_name_is_none(text: str) -> None:
    assert name_of("Reyes", "Ana", text) == {"family": "Reyes", "given": ["Ana"]}
    assert name_of(text, "Ana") == {"given": ["Ana"]}


@pytest.mark.parametrize("lot", each(REAL_LOTS))
def test_a_real_lot_stays_whatever_it_begins_with(lot: str) -> None:
    assert words.lot(lot) == lot


@pytest.mark.parametrize("lot", each(NO_LOTS))
def test_a_date_a_label_a_count_or_nothing_with_a_number_is_no_lot(lot: str) -> None:
    assert words.lot(lot) is None


@pytest.mark.parametrize("lot", ["see label", "Moderna", "same as above", "ask the nurse"])
def test_words_without_a_digit_are_no_lot(lot: str) -> None:
    assert words.lot(lot) is None


@pytest.mark.parametrize("place", each(REAL_PLACES))
def test_a_real_place_stays_whatever_it_begins_with(place: str) -> None:
    assert words.place(place) == place


@pytest.mark.parametrize("name", each(REAL_NAMES))
def test_a_real_name_stays_whatever_else_it_means(name: str) -> None:
    assert name_of(name, "Ana") == {"family": name, "given": ["Ana"]}
    assert name_of("Reyes", name)["family"] == "Reyes"
    assert name_of("Reyes", name).get("given", []) == ([] if name == "Null" else [name])


@pytest.mark.parametrize("middle", ["No Middle Name", "NOT PROVIDED", "None Given", "no middle initial"])
def test_a_placeholder_that_comes_in_several_parts_is_left_out_whole(middle: str) -> None:
    """As HL7 delivers it, where a field holds all further given names."""
    assert name_of("Reyes", "Ana", *middle.split()) == {"family": "Reyes", "given": ["Ana"]}


@pytest.mark.parametrize("null", ["null", "(null)", "<NULL>", "[null]", "null null", "null."])
def test_null_is_never_a_given_name(null: str) -> None:
    assert name_of("Reyes", "Ana", null) == {"family": "Reyes", "given": ["Ana"]}
    assert name_of("Reyes", null) == {"family": "Reyes"}


def test_a_name_behind_a_placeholder_and_initials_stay() -> None:
    assert name_of("Reyes", "Ana", "UNKNOWN", "María")["given"] == ["Ana", "María"]
    assert name_of("Reyes", "Ana", "N.", "A.")["given"] == ["Ana", "N.", "A."]


@pytest.mark.parametrize(
    ("family", "given", "known"),
    [
        ("Singh", "FNU", {"family": "Singh"}),
        ("LNU", "Suharto", {"given": ["Suharto"]}),
        ("NONE", "Suharto", {"given": ["Suharto"]}),
        ("Na", "Li", {"family": "Na", "given": ["Li"]}),
    ],
)
def test_one_name_is_enough(family: str, given: str, known: dict[str, object]) -> None:
    assert name_of(family, given) == known


@pytest.mark.parametrize(
    ("family", "given"), [("NONE", "(none)"), ("LNU", "FNU"), ("Null", "null"), ("Test", "Test"), ("NLN", "NA")]
)
def test_two_placeholders_are_no_name_even_where_somebody_else_is_called_so(family: str, given: str) -> None:
    assert name_of(family, given, suffix="Jr.") == {}


@pytest.mark.parametrize("suffix", ["NA", "null", "None", "N.A."])
def test_nobody_has_a_suffix_that_means_nothing(suffix: str) -> None:
    assert name_of("Reyes", "Ana", suffix=suffix) == {"family": "Reyes", "given": ["Ana"]}
