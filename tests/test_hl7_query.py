"""QBP^Q11: what the registry is asked, and that nobody's name can ask for more."""

from dataclasses import replace
from datetime import UTC, date, datetime

import hl7
import pytest
from fakes.hl7_samples import needs_samples, sample
from hypothesis import given
from hypothesis import strategies as st

from bot.iis.cleaning import one_line
from bot.iis.hl7v2.address import Hl7Address
from bot.iis.hl7v2.patients import Identifier
from bot.iis.hl7v2.query import build_qbp
from bot.records import Demographics

ADDRESS = Hl7Address("https://iis.example.gov/iis", "user", "secret", "VT-1")
AT = datetime(2026, 3, 1, 8, 30, 1, tzinfo=UTC)
ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")


def ask(who=ANA, address=ADDRESS, **more):
    return build_qbp(who, address, tag="0123456789abcdef", at=AT, **more)


def test_a_question_as_the_profile_has_it():
    assert ask().split("\r") == [
        r"MSH|^~\&|VAXTEXT|VT-1|||20260301083001+0000||QBP^Q11^QBP_Q11|0123456789abcdef|P|2.5.1|||ER|AL|||||Z34^CDCPHINVS",
        "QPD|Z34^Request Immunization History^CDCPHINVS|0123456789abcdef||Reyes^Ana^^^^^L||19850327|||"
        "^PRN^PH^^1^360^5550100",
        "RCP|I|5^RD&records&HL70126",
        "",
    ]


def test_with_forecast_it_is_z44_and_the_partners_stand_in_the_header():
    address = replace(ADDRESS, profile="Z44", sending_app="BOT", receiving_app="IIS|1", receiving_facility="STATE")
    message = hl7.parse(ask(address=address))

    assert [message[f"MSH.F{field}"] for field in (3, 4, 5, 6)] == ["BOT", "VT-1", "IIS|1", "STATE"]
    assert message["MSH.F21.R1.C1"] == "Z44"
    assert message["QPD.F1.R1.C2"] == "Request Evaluated History and Forecast"


@pytest.mark.parametrize(
    ("first", "field"),
    [("José Ángel", "Reyes^José^Ángel^^^^L"), (" Ana  María\nDel Carmen ", "Reyes^Ana^María Del Carmen^^^^L")],
    ids=["two given names", "more, typed on two lines"],
)
def test_further_given_names_stand_apart(first, field):
    assert f"|{field}|" in ask(replace(ANA, first_name=first))


def test_names_in_other_scripts_declare_their_character_set():
    message = hl7.parse(ask(replace(ANA, first_name="小明", last_name="王")))

    assert message["MSH.F18"] == "UNICODE UTF-8"
    assert message["QPD.F4.R1.C1"] == "王"


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        ("+13605550100", "^PRN^PH^^1^360^5550100"),
        ("+525512345678", "^PRN^PH^^52^^5512345678"),
        ("ana@example.org", ""),
        ("", ""),
    ],
    ids=["a phone", "a phone abroad", "an email has no place", "none"],
)
def test_the_phone(contact, field):
    assert ask(replace(ANA, contact=contact)).split("\r")[1].split("|")[9] == field


def test_a_known_person_is_asked_for_by_her_id():
    known = Identifier("99|1", ("MYIIS", "2.16.840", "ISO"), "SR")

    assert r"|99\F\1^^^MYIIS&2.16.840&ISO^SR|" in ask(known=known)


@pytest.mark.parametrize(
    "attack",
    [
        "Ana\rQPD|Z34^X^Y|1|2||A^B",
        "Ana\r\nPID|1||7",
        "^^^^^L~Other^Name",
        "A|B|C||19000101",
        r"\X0D\QPD|Z34",
        r"\F\\.br\ ",
        "\x0b\x1c\r",
        "\u2028QPD|1\x85RCP|D",
    ],
    ids=repr,
)
def test_a_name_cannot_add_a_segment_or_a_field(attack):
    asked = ask(replace(ANA, first_name=attack, last_name=attack))

    assert [line[:3] for line in asked.splitlines()] == ["MSH", "QPD", "RCP"]
    assert [line.count("|") for line in asked.splitlines()] == [20, 9, 2]


@given(st.text(), st.text())
def test_any_name_arrives_as_it_was_typed_in_the_one_qpd(first, last):
    message = hl7.parse(ask(replace(ANA, first_name=first, last_name=last)))

    qpd = message.segment("QPD")
    assert [str(segment[0]) for segment in message] == ["MSH", "QPD", "RCP"]
    assert (len(qpd), len(qpd[4]), len(qpd[4][0])) == (10, 1, 7)
    given = [qpd.extract_field(field_num=4, component_num=part) for part in (2, 3)]
    assert " ".join(filter(None, given)) == (one_line(first) or "")
    assert qpd.extract_field(field_num=4, component_num=1) == (one_line(last) or "")


@needs_samples
def test_the_question_has_the_shape_of_the_sample():
    theirs, ours = hl7.parse(sample("izgw_QBP_Q11_Z34_01")), hl7.parse(ask())

    assert [str(segment[0]) for segment in ours] == [str(segment[0]) for segment in theirs]
    for place in ("MSH.F9.R1.C1", "MSH.F9.R1.C3", "MSH.F12", "MSH.F21.R1.C1", "QPD.F1.R1.C2", "RCP.F1", "RCP.F2"):
        assert ours[place] == theirs[place]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (
            "hl7+https://state%2Fuser:p%40ss%2Fw%3Frd@iis.example.gov:8443/cdc/v1?facility=VT%26%201&profile=Z44",
            Hl7Address("https://iis.example.gov:8443/cdc/v1", "state/user", "p@ss/w?rd", "VT& 1", "Z44"),
        ),
        ("hl7+http://127.0.0.1:80/iis", Hl7Address("http://127.0.0.1:80/iis")),
        (
            "hl7+https://a:b@[::1]/?sending_app=BOT&receiving_app=IIS&receiving_facility=ST",
            Hl7Address("https://[::1]/", "a", "b", "", "Z34", "BOT", "IIS", "ST"),
        ),
    ],
    ids=["everything encoded", "nobody", "applications"],
)
def test_an_address_is_read(url, address):
    assert Hl7Address.parse(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "https://u:secret@iis.example.gov/",
        "hl7+ftp://u:secret@iis.example.gov/",
        "hl7+https://u:secret#1@iis.example.gov/",
        "hl7+https://u:secret/1@iis.example.gov/",
        "hl7+https://u:secret@:443/",
        "hl7+https://u:secret@host:port/",
        "hl7+https://u:secret@host:0/",
        "hl7+https://u:secret@[host/",
        "hl7+https://:secret@host/",
        "hl7+https://secret@host/",
        "hl7+https://u:secret%00@host/",
        "hl7+https://u:secret@host/?facility",
        "hl7+https://u:secret@host/?facilty=secret",
        "hl7+https://u:secret@host/?profile=secret",
        "",
    ],
)
def test_a_wrong_address_is_refused_with_what_to_write_and_without_the_password(url):
    with pytest.raises(ValueError, match="write ") as refused:
        Hl7Address.parse(url)

    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_an_address_prints_no_secret():
    assert "secret" not in repr(ADDRESS)
