"""HL7 files for the registry's copy: RSP and VXU, as they are exported, sent and logged."""

import io
from datetime import date
from pathlib import Path

import pytest
from fakes.hl7_samples import SAMPLES, needs_samples
from hypothesis import given
from hypothesis import strategies as st

from bot.iis.dose import Dose
from bot.iis.loading.entries import Rejected
from bot.iis.loading.hl7_files import read
from bot.iis.loading.hl7_messages import CHUNK, LONGEST
from bot.records import Immunization, VaccineRecord

FILE = Path("export.hl7")
PERSON = "PID|1||7^^^MYIIS^SR||Reyes^Ana^^^^^L||19850327|F|||||^PRN^CP^^1^360^5550100"
SHOT = "RXA|0|1|20210408||208^Pfizer^CVX|0.3|mL^^UCUM||00^^NIP001||^^^Fairgrounds||||EW0162||PFR^Pfizer^MVX|||CP|A"
GIVEN = Immunization("208", date(2021, 4, 8), "EW0162", "Fairgrounds", "PFR")


def message(*segments, kind="VXU^V04^VXU_V04", profile="Z22", end="\r", charset=""):
    header = rf"MSH|^~\&|EHR|CLINIC|||20240618||{kind}|1|P|2.5.1||||||{charset}|||{profile}^CDCPHINVS"
    return end.join((header, *segments, ""))


def entries(content, advance=lambda size: None):
    data = content.encode() if isinstance(content, str) else content
    return list(read(FILE, io.BytesIO(data), advance))


def doses(content):
    return [entry for entry in entries(content) if isinstance(entry, Dose)]


def rejected(content):
    return [(entry.where, entry.reason) for entry in entries(content) if isinstance(entry, Rejected)]


@pytest.mark.parametrize(
    ("kind", "profile"),
    [("VXU^V04^VXU_V04", "Z22"), ("VXU^V04", ""), ("RSP^K11^RSP_K11", "Z32"), ("RSP^K11^RSP_K11", "Z42")],
)
def test_a_message_gives_a_person_without_doses_and_her_doses(kind, profile):
    person, dose = entries(message(PERSON, "ORC|RE||65930^DCS", SHOT, kind=kind, profile=profile))

    assert (person.name, person.immunizations, person.contacts) == ("Ana Reyes", (), {"+13605550100"})
    assert dose == Dose("7", "65930^DCS", GIVEN)


@pytest.mark.parametrize("profile", ["Z31", "Z33"])
def test_a_candidate_list_and_no_match_have_nothing_to_load(profile):
    assert entries(message(PERSON, kind="RSP^K11^RSP_K11", profile=profile)) == []


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\n\r\n"], ids=repr)
def test_many_messages_with_any_line_end(end):
    found = entries(message(PERSON, SHOT, end=end) * 3)

    assert [type(entry) for entry in found] == [VaccineRecord, Dose] * 3


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + message(PERSON, SHOT),
        "\x0b" + message(PERSON, SHOT) + "\x1c\r",
        "FHS|^~\\&|X\rBHS|^~\\&|X\r" + message(PERSON, SHOT) + "BTS|1\rFTS|1\r",
        message(PERSON, SHOT).removesuffix("\r"),
        "\r\r" + message(PERSON, SHOT) + "\r\n\r\n",
    ],
    ids=["byte order mark", "MLLP", "batch", "no end of the last line", "blank lines"],
)
def test_wrappings_do_not_matter(content):
    assert [type(entry) for entry in entries(content)] == [VaccineRecord, Dose]


@pytest.mark.parametrize(
    ("charset", "encoding"), [("", "utf-8"), ("", "cp1252"), ("UNICODE UTF-8", "utf-8"), ("8859/1", "latin-1")]
)
def test_names_in_the_character_set_of_each_message(charset, encoding):
    text = message(PERSON.replace("Reyes", "Muñoz"), charset=charset)

    assert entries(text.encode(encoding) + message(PERSON).encode())[0].family == "Muñoz"


@pytest.mark.parametrize(
    ("broken", "where", "reason"),
    [
        ("MSH|garbage", 4, "message left out: its MSH segment names no four different encoding characters"),
        (message("PID|1", kind="ADT^A31"), 4, "message left out: neither RSP^K11 nor VXU^V04 (MSH-9)"),
        (message("NK1|1", "PID|1||||Reyes", SHOT), 6, "PID without an identifier (PID-3); its doses are left out too"),
        (message("NK1|1", PERSON.replace("19850327", "1985")), 6, "PID without a full birth date (PID-7)"),
        (message(PERSON, "RXA|0|1|20210230||208^^CVX"), 6, "RXA without a full date (RXA-3)"),
        (message(SHOT), 5, "RXA without a PID before it"),
        (
            message(PERSON, charset="KLINGON"),
            4,
            "message left out: it is in a character set that we do not read (MSH-18)",
        ),
    ],
    ids=["no header", "another kind", "no id", "no birth date", "no date", "nobody", "character set"],
)
def test_what_cannot_be_read_is_rejected_with_its_line_and_stops_nothing(broken, where, reason):
    before, after = message(PERSON, SHOT), message(PERSON.replace("7^", "9^"), SHOT)

    content = before + broken.removesuffix("\r") + "\r" + after

    assert rejected(content) == [(f"export.hl7:{where}", reason)]
    assert [dose.person_id for dose in doses(content)] == ["7", "9"]


def test_text_that_is_no_message_is_one_rejection():
    assert rejected("Ana Reyes\n1985\n\n" + message(PERSON)) == [
        ("export.hl7:1", "text that belongs to no HL7 message")
    ]


def test_a_dose_is_loaded_though_its_person_is_not():
    assert doses(message(PERSON.replace("19850327", ""), SHOT))[0].person_id == "7"


def test_two_people_in_one_message_have_their_own_doses():
    other = PERSON.replace("7^", "8^").replace("Ana", "Eva")

    assert [dose.person_id for dose in doses(message(PERSON, SHOT, other, SHOT, SHOT.replace("0162", "0175")))] == [
        *("7", "8", "8"),
    ]


def test_loading_again_gives_the_same_ids_also_without_numbers():
    content = message(PERSON, SHOT, SHOT.replace("20210408", "20210429"))

    first, again = doses(content), doses(content + content)

    assert len({dose.id for dose in first}) == 2
    assert again == first + first


@pytest.mark.parametrize(
    "number", ["65930^DCS", "9999^DCS", "9" * 80, ""], ids=["one for all", "placeholder", "long", "none"]
)
def test_a_number_that_names_no_single_dose_is_not_its_id(number):
    other = SHOT.replace("20210408", "20210429")
    twice = ("ORC|RE||65930^DCS", other) if number == "65930^DCS" else ()

    found = doses(message(PERSON, f"ORC|RE||{number}", SHOT, *twice))

    assert {dose.id for dose in found} & {number, "65930^DCS"} == set()
    assert len({dose.id for dose in found}) == len(found)


def test_two_people_never_share_the_id_of_a_dose_without_a_number():
    first, second = doses(message(PERSON, SHOT, PERSON.replace("7^", "8^"), SHOT))

    assert first.id != second.id


def test_a_deleted_dose_takes_back_what_was_loaded_under_its_number_and_without():
    deleted = SHOT.removesuffix("A") + "D"

    loaded = {dose.id for dose in doses(message(PERSON, "ORC|RE||1^X", SHOT) + message(PERSON, SHOT))}

    assert {(dose.id, dose.given) for dose in doses(message(PERSON, "ORC|RE||1^X", deleted))} == {
        (dose_id, None) for dose_id in loaded
    }


def test_a_refusal_takes_back_what_was_loaded_under_its_number_and_nothing_else():
    refused = SHOT.replace("|CP|", "|RE|")

    assert doses(message(PERSON, "ORC|RE||1^X", refused)) == [Dose("7", "1^X", None)]
    assert doses(message(PERSON, SHOT, refused)) == doses(message(PERSON, SHOT))


def test_every_byte_is_heard_of():
    content = ("junk\r\n" + message(PERSON, SHOT, end="\r\n") * 4000).encode()
    heard = []

    found = entries(content, heard.append)

    assert sum(heard) == len(content) > 2 * CHUNK
    assert len(found) == 8001


def test_an_endless_message_is_left_out_and_the_next_one_read():
    endless = message(PERSON, *["OBX|1|" + "x" * 1000] * (LONGEST // 1000 + 1))

    found = entries(endless + message(PERSON))

    assert (found[0].where, found[0].reason) == ("export.hl7:1", "message too long")
    assert [type(entry) for entry in found[1:]] == [VaccineRecord]


class Endless(io.RawIOBase):
    """Zeros without a line end, more than any memory holds, counted."""

    def __init__(self, chunks):
        self.left = chunks

    def read(self, size=-1):
        self.left -= 1
        return b"\0" * size if self.left >= 0 else b""


def test_a_line_without_an_end_is_read_in_flat_memory():
    found = list(read(FILE, Endless(200), lambda size: None))

    assert [entry.reason for entry in found] == ["message too long"]


@given(st.binary())
def test_any_bytes_are_read_or_rejected(data):
    for content in (data, b"MSH|^~\\&|" + data, message(PERSON).encode() + b"RXA|" + data):
        for entry in entries(content):
            assert isinstance(entry, VaccineRecord | Dose | Rejected)


def test_a_rejection_says_nothing_of_the_person():
    content = message("PID|1||123-45-6789^^^USA^SS||Reyes^Ana||19850327", "RXA|0|1|Reyes||Ana")

    assert not any(word in str(rejected(content)) for word in ("Reyes", "Ana", "1985", "6789"))


@needs_samples
def test_the_samples_one_by_one_and_all_in_one_file():
    together = b"\r".join(path.read_bytes() for path in SAMPLES)
    one_by_one = [entry for path in SAMPLES for entry in entries(path.read_bytes())]

    found = entries(together)

    loaded = [entry for entry in found if not isinstance(entry, Rejected)]
    assert loaded == [entry for entry in one_by_one if not isinstance(entry, Rejected)]
    assert [type(entry) for entry in loaded].count(VaccineRecord) == 7
    assert [entry.reason for entry in found if isinstance(entry, Rejected)] == [
        "message left out: neither RSP^K11 nor VXU^V04 (MSH-9)",
        "message left out: neither RSP^K11 nor VXU^V04 (MSH-9)",
        "RXA without a full date (RXA-3)",
    ]


@needs_samples
def test_the_sample_report_of_a_dose():
    (path,) = [path for path in SAMPLES if "VXU" in path.name]

    person, dose = entries(path.read_bytes())

    assert (person.patient_id, person.name) == ("987633", "Dorothy Amelia Winchester")
    assert person.contacts == {"+12155551213"}
    place = "2 Second Street, Allentown, PA"
    assert dose == Dose("987633", "197030^NVC", Immunization("24", date(2020, 12, 11), "8L7B3418", place, "PMC"))
