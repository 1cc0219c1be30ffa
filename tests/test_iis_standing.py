"""People whose record stands for nobody any more: dead, inactive, merged; and contacts that are hers no more."""

from datetime import date

import orjson
import pytest

from bot.iis.fhir.resources import patient
from bot.iis.hl7v2.lexing import lex
from bot.iis.hl7v2.patients import patient as person_of
from bot.iis.loading.load import load_files
from bot.iis.sql.iis import SqlIIS
from bot.records import Demographics

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
MERGED = {"link": [{"type": "replaced-by", "other": {"reference": "Patient/p2"}}]}
HEADER = "person_id,family,given,birth_date,phone,cvx,date,person_status\n"
PID = r"PID|1||7^^^MYIIS^SR||Reyes^Ana^^^^^L||19850327|F|||||{phone}||||||||||||||||{died}"


def fhir(person_id="p1", **more):
    phone = {"system": "phone", "value": "360-555-0100"}
    named = {"name": [{"family": "Reyes", "given": ["Ana"]}], "birthDate": "1985-03-27", "telecom": [phone]}
    return {"resourceType": "Patient", "id": person_id} | named | more


def ndjson(*patients):
    return "export.ndjson", b"".join(orjson.dumps(one) + b"\n" for one in patients)


def csv(*statuses):
    lines = [f"p{n},Reyes,Ana,1985-03-27,360-555-0100,,,{status}\n" for n, status in enumerate(statuses, 1)]
    return "export.csv", (HEADER + "".join(lines)).encode()


def hl7(died="", *, phone="^PRN^CP^^1^360^5550100", number="7^^^MYIIS^SR", kind="VXU^V04^VXU_V04"):
    pid = PID.format(died=died, phone=phone).replace("7^^^MYIIS^SR", number)
    return "export.hl7", f"MSH|^~\\&|EHR|CLINIC|||20240618||{kind}|1|P|2.5.1\r{pid}\r".encode()


class Registry:
    def __init__(self, folder, url):
        self.folder, self.url, self.iis = folder, url, SqlIIS(url)

    def load(self, file, *, full=False):
        name, content = file
        (self.folder / name).write_bytes(content)
        return load_files(self.url, [self.folder / name], rejects=self.folder / "rejects.csv", full=full)

    def found(self):
        record = self.iis.find(ANA)
        return record and record.patient_id


@pytest.fixture
def registry(tmp_path, replica_url):
    registry = Registry(tmp_path, replica_url)
    yield registry
    registry.iis.close()


@pytest.mark.parametrize(
    ("living", "gone"),
    [
        (ndjson(fhir()), ndjson(fhir(deceasedBoolean=True))),
        (ndjson(fhir()), ndjson(fhir(deceasedDateTime="2023-01-02", active=False))),
        (ndjson(fhir(active=True)), ndjson(fhir(active=False))),
        (ndjson(fhir()), ndjson(fhir(**MERGED))),
        (csv(""), csv("deceased")),
        (csv("active"), csv("Inactive")),
        (csv("active"), csv("merged")),
        (hl7("|N"), hl7("20230101|Y")),
        (hl7("|U"), hl7("|Y")),
        (hl7("00000000"), hl7("20230101")),
    ],
    ids="died, died and inactive, inactive, merged, CSV died, CSV inactive, CSV merged, HL7, HL7 flag, HL7 date".split(
        ", "
    ),
)
def test_whoever_died_or_counts_no_more_is_found_until_then_and_again_when_that_was_a_mistake(registry, living, gone):
    for file, full, found in ((living, False, True), (gone, False, False), (gone, True, False), (living, True, True)):
        assert registry.load(file, full=full).rejected == 0
        assert bool(registry.found()) == found


@pytest.mark.parametrize(
    "file",
    [ndjson(fhir(**MERGED), fhir("p2")), csv("merged", "active"), csv("inactive", "")],
    ids=["FHIR", "CSV", "CSV 2"],
)
def test_a_merged_record_does_not_hide_the_one_that_stands(registry, file):
    registry.load(file)

    assert registry.found() == "p2"


def test_a_status_that_nobody_knows_is_rejected(registry):
    assert registry.load(csv("resting")).rejected == 1
    assert "person_status is none of active, deceased" in (registry.folder / "rejects.csv").read_text()


def test_csv_has_other_names(registry):
    line = 'p1,Smith,Ana,1985-03-27,360-555-0100,,,"Reyes; Reyes, Ana María"\n'
    registry.load(("export.csv", (HEADER.replace("person_status", "other_names") + line).encode()))

    record = registry.iis.find(ANA)
    assert record.name == "Ana Smith"
    assert [(name.family, name.given) for name in record.other_names] == [
        ("Reyes", ("Ana",)),
        ("Reyes", ("Ana", "María")),
    ]


def test_reports_that_name_only_the_providers_number_are_rejected(registry):
    """Two providers would make two people of one, and of two namesakes with a clinic's phone nobody may make one."""
    result = registry.load(hl7(number="111^^^CLINIC1^MR"))

    assert (result.people, result.rejected) == (0, 1)
    told = (registry.folder / "rejects.csv").read_text()
    assert "PID without the registry's own number (PID-3, type SR); its doses are left out too" in told


def test_histories_that_the_registry_answered_may_have_other_numbers(registry):
    assert registry.load(hl7(number="111^^^CLINIC1^MR", kind="RSP^K11^RSP_K11")).people == 1


@pytest.mark.parametrize(
    ("point", "hers"),
    [
        ({}, True),
        ({"use": "old"}, False),
        ({"period": {"end": "2019"}}, False),
        ({"period": {"end": "2019-05-31T12:00:00Z"}}, False),
        ({"period": {"start": "2019-05"}}, True),
        ({"period": {"end": "9999-12"}}, True),
        ({"period": {"end": None}}, True),
        ({"period": "2019"}, True),
    ],
    ids=str,
)
def test_a_phone_or_email_that_was_hers_once_is_hers_no_more(point, hers):
    points = [
        {"system": "phone", "value": "360-555-0100"} | point,
        {"system": "email", "value": "ana@example.org"} | point,
    ]

    contacts = patient(fhir(telecom=points)).contacts

    assert contacts == ({"+13605550100", "ana@example.org"} if hers else set())


@pytest.mark.parametrize(
    ("validity", "hers"),
    [
        ("^^20190101", False),
        ("^20190101^20200101", False),
        ("^^99991231", True),
        ("^^^N", False),
        ("^^99991231^M", True),
    ],
)
def test_a_phone_in_hl7_may_be_over_too(validity, hers):
    (pid,) = lex(hl7(phone=f"^PRN^CP^^1^360^5550100^^^^^{validity}")[1].decode()).all("PID")

    assert bool(person_of(pid).phones) == hers
