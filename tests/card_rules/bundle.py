"""The rules for the FHIR Bundle, its Patient and its Immunizations."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from bot.vaccines import packaged
from card_rules import Issued

NEVER = {"id", "text", "meta", "contained", "extension", "identifier", "telecom", "gender", "address", "manufacturer"}
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
NOTHING = {  # of names, too
    *(
        "unknown",
        "unknown unknown",
        "n/a",
        "n.a.",
        "n/k",
        "n/d",
        "none",
        "(none)",
        "unk",
        "tbd",
        "to be determined",
        "missing",
    ),
    *("not provided", "not available", "not known", "not applicable", "not specified", "not recorded", "not reported"),
    *("notprovided", "notapplicable", "notknown", "notspecified", "nodata", "notrecorded", "not asked", "not-asked"),
    *("refused", "declined", "withheld", "undisclosed", "unassigned", "undefined", "unavailable", "entered in error"),
    *("xx", "xxxx", "0000", "0000000", "#ref!", "#name?", "[object object]", "no information"),
    *("不明", "未知", "不详", "不詳", "미상", "غير معروف", "không rõ", "desconocido", "hindi alam"),
}
NOTHING_OF_NAMES = NOTHING | {
    *("fnu", "lnu", "nmn", "nfn", "nln", "no name", "no middle name", "first name", "last name", "legal name unknown"),
    *("(null)", "<null>", "[null]"),
}
NOTHING_OF_DOSES = NOTHING | {
    *(
        "null",
        "(null)",
        "<null>",
        "null null",
        "na",
        "nan",
        "nil",
        "[unknown]",
        "see chart",
        "self reported",
        "historical",
    ),
    *("ni", "inv", "der", "oth", "ninf", "pinf", "unc", "msk", "asku", "nav", "nask", "navu", "qs", "trc", "np"),
    *("temp-unknown", "asked-unknown", "asked-declined", "not-applicable", "unsupported", "as-text", "error", "masked"),
    *("not-a-number", "negative-infinity", "positive-infinity", "not-performed", "not-permitted"),
    *("provider", "facility", "clinic", "location", "default", "facility name", "provider name", "facility not known"),
}
NO_LOT = re.compile(
    r"(\d)\1{2,}|-\d+|\d+/\d+/\d+|\d{4}-\d\d?-\d\d?|.*(batch|dose|#).*|(unk|tbd|none|unknown|historical)[ -]?\d+",
    re.IGNORECASE,
)


def bundle(card: Issued) -> None:
    """The bundle is a collection, and has nothing but its entries."""
    assert card.bundle.keys() == {"resourceType", "type", "entry"}
    assert (card.bundle["resourceType"], card.bundle["type"]) == ("Bundle", "collection")


def entries(card: Issued) -> None:
    """Its entries are numbered resource:0, resource:1 and so on, and have only that and the resource."""
    assert [entry["fullUrl"] for entry in card.bundle["entry"]] == [f"resource:{n}" for n in range(len(card.resources))]
    assert all(entry.keys() == {"fullUrl", "resource"} for entry in card.bundle["entry"])


def one_patient(card: Issued) -> None:
    """First comes the one Patient, then Immunizations, at least one."""
    kinds = [resource["resourceType"] for resource in card.resources]
    assert kinds[0] == "Patient"
    assert {*kinds[1:]} == {"Immunization"}


def references(card: Issued) -> None:
    """Every dose is the patient's: each reference resolves within the bundle."""
    assert all(dose["patient"] == {"reference": "resource:0"} for dose in card.immunizations)


def minimal(card: Issued) -> None:
    """Nowhere is an id, a text, meta data or another thing that no verifier needs."""
    assert not NEVER & {*_names(card.bundle)}


def nothing_empty(card: Issued) -> None:
    """Nothing is empty."""
    assert all(value not in ("", [], {}, None) for value in _values(card.bundle))


def readable(card: Issued) -> None:
    """All text is on one line, without control characters, marks that turn the direction, or half characters."""
    for text in _texts(card.bundle):
        assert text == " ".join(text.split())
        odd = {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs")}
        assert odd <= {"\u200c", "\u200d"}


def known(card: Issued) -> None:
    """No text stands for something unknown, is unfilled, or has neither letters nor digits."""
    for text in _facts(card):
        assert "{{" not in text
        assert "${" not in text
        assert any(char.isalnum() for char in text)
        assert not text.lower().startswith(("unknown", "n/a "))
    assert not NOTHING_OF_NAMES & {text.lower() for text in _texts(card.patient["name"])}
    assert "null" not in {text.lower() for name in card.patient["name"] for text in name.get("given", [])}
    assert all(any(char.isalpha() for char in text) for name in card.patient["name"] for text in _name_parts(name))
    assert not NOTHING_OF_DOSES & {text.lower() for text in _facts(card, names=False)}


def patient(card: Issued) -> None:
    """The patient has one name and a birth date, and nothing else."""
    assert card.patient.keys() == {"resourceType", "name", "birthDate"}
    (name,) = card.patient["name"]
    assert {"family", "given"} & name.keys()
    assert name.keys() <= {"family", "given", "suffix"}
    assert isinstance(name.get("family", ""), str)
    assert card.patient["birthDate"] == card.record.birth_date.isoformat()


def birth_date(card: Issued) -> None:
    """The patient was born in 1900 or later."""
    assert date.fromisoformat(card.patient["birthDate"]).year >= 1900


def true_name(card: Issued) -> None:
    """Each part of the name has all letters of the registry's, in its place and order: none is cut or moved."""
    (name,) = card.patient["name"]
    assert _letters(name.get("family", "")) in (_letters(card.record.family), [])
    given = iter([_letters(part) for part in card.record.given])
    assert all(_letters(part) in given for part in name.get("given", []))  # `in` goes on where the last one was found
    assert [_letters(part) for part in name.get("suffix", [])] in ([], [_letters(card.record.suffix or "")])


def immunization(card: Issued) -> None:
    """A dose was given, and tells its vaccine, its day, perhaps its lot and place, and nothing else."""
    needed = {"resourceType", "status", "vaccineCode", "patient", "occurrenceDateTime"}
    for dose in card.immunizations:
        assert needed <= dose.keys() <= needed | {"lotNumber", "performer"}
        assert dose["status"] == "completed"


def codes(card: Issued) -> None:
    """The vaccine is one CVX code, as CDC writes it, without words."""
    for dose in card.immunizations:
        (coding,) = dose["vaccineCode"]["coding"]
        assert dose["vaccineCode"].keys() == {"coding"}
        assert coding.keys() == {"system", "code"}
        assert coding["system"] == "http://hl7.org/fhir/sid/cvx"
        assert re.fullmatch(r"\d\d|[1-9]\d\d", coding["code"], re.ASCII)


def one_disease(card: Issued) -> None:
    """All doses are of one disease."""
    table = packaged()
    assert all(card.group in table[code].groups for code in _codes(card))


def days(card: Issued) -> None:
    """A dose has a day, which is neither before the birth nor still to come."""
    for dose in card.immunizations:
        assert DAY.fullmatch(dose["occurrenceDateTime"])
        day = date.fromisoformat(dose["occurrenceDateTime"])
        assert card.record.birth_date <= day <= card.today + timedelta(days=1)


def possible_days(card: Issued) -> None:
    """No day stands for an unknown one, and none is from before its vaccine."""
    days = [dose["occurrenceDateTime"] for dose in card.immunizations]
    assert not {"1900-01-01", "1970-01-01"} & {*days}
    assert min(days) > ("2020" if card.group == "COVID-19" else "1900")


def order(card: Issued) -> None:
    """Doses stand in the order of their days, and none stands twice."""
    days = [dose["occurrenceDateTime"] for dose in card.immunizations]
    assert days == sorted(days)
    told = [(day, code, _lot(dose)) for day, code, dose in zip(days, _codes(card), card.immunizations, strict=True)]
    full = [one for one in told if one[2]]
    assert len(full) == len({*full})


def lots(card: Issued) -> None:
    """A lot has under 20 characters, and is no label, no date, no count and no empty word with a number."""
    for dose in card.immunizations:
        assert len(_lot(dose).encode("utf-16-le")) // 2 < 20
        assert "lot" not in _lot(dose).lower()
        assert not NO_LOT.fullmatch(_lot(dose))


def places(card: Issued) -> None:
    """A place is one name of under 30 characters."""
    for dose in card.immunizations:
        if "performer" in dose:
            (performer,) = dose["performer"]
            assert performer.keys() == {"actor"}
            assert performer["actor"].keys() == {"display"}
            assert len(performer["actor"]["display"].encode("utf-16-le")) // 2 < 30


def _codes(card: Issued) -> list[str]:
    return [dose["vaccineCode"]["coding"][0]["code"] for dose in card.immunizations]


def _lot(dose: dict[str, str]) -> str:
    return dose.get("lotNumber", "")


def _facts(card: Issued, *, names: bool = True) -> Iterator[str]:
    """What the registry said."""
    if names:
        yield from _texts(card.patient["name"])
    for dose in card.immunizations:
        yield from _texts([dose.get("lotNumber"), dose.get("performer")])


def _name_parts(name: dict[str, Any]) -> list[str]:
    """Not the suffix, which may be a number."""
    return [*name.get("given", []), name.get("family", "a")]


def _letters(text: str) -> list[str]:
    return [char for char in text if char.isalnum()]


def _values(value: object) -> Iterator[object]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _values(inner)


def _names(value: object) -> Iterator[str]:
    for inner in _values(value):
        if isinstance(inner, dict):
            yield from inner


def _texts(value: object) -> Iterator[str]:
    return (inner for inner in _values(value) if isinstance(inner, str))


RULES = (
    *(bundle, entries, one_patient, references, minimal, nothing_empty, readable, known, patient, birth_date),
    *(true_name, immunization, codes, one_disease, days, possible_days, order, lots, places),
)
