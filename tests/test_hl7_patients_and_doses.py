"""PID and RXA as registries really fill them, in answers to us."""

from datetime import date

import pytest
from fakes.hl7_samples import needs_samples, sample
from hypothesis import given
from hypothesis import strategies as st

from bot.iis.hl7v2.errors import MessageError
from bot.iis.hl7v2.response import parse_rsp
from bot.records import Immunization

PERSON = "PID|1||7^^^MYIIS^SR||Reyes^Ana^^^^^L||19850327|F|||||^PRN^CP^^1^360^5550100"
SHOT = "RXA|0|1|20210408||208^Pfizer^CVX|0.3|mL^^UCUM||00^^NIP001||^^^Fairgrounds||||EW0162||PFR^Pfizer^MVX|||CP|A"
SECOND_SHOT = SHOT.replace("20210408", "20210429").replace("EW0162", "EW0175")


def answer(*segments, profile="Z32"):
    header = rf"MSH|^~\&|MYIIS|STATE|||20240618||RSP^K11^RSP_K11|R1|P|2.5.1|||||||||{profile}^CDCPHINVS"
    return parse_rsp("\r".join((header, "MSA|AA|1", "QAK|1|OK", "QPD|Z34|1", *segments)))


def person(pid):
    (found,) = answer(pid).found
    return found.record


def pid(**fields):
    """PERSON with other fields: pid(f13="...")."""
    parts = PERSON.split("|") + [""] * 10
    for name, text in fields.items():
        parts[int(name[1:])] = text
    return "|".join(parts)


def rxa(shot=SHOT, **fields):
    parts = shot.split("|") + [""] * 3
    for name, text in fields.items():
        parts[int(name[1:])] = text
    return "|".join(parts)


def doses(*segments):
    (found,) = answer(PERSON, *segments).found
    return list(found.record.immunizations)


def problems(*segments):
    return [str(problem) for problem in answer(PERSON, *segments).problems]


def test_a_person_with_a_dose():
    record = answer(PERSON, "ORC|RE||1^MYIIS", SHOT).found[0].record

    assert (record.patient_id, record.name, record.birth_date) == ("7", "Ana Reyes", date(1985, 3, 27))
    assert record.contacts == {"+13605550100"}
    assert record.immunizations == (Immunization("208", date(2021, 4, 8), "EW0162", "Fairgrounds", "PFR"),)


@pytest.mark.parametrize(
    ("names", "family", "given", "suffix"),
    [
        ("Muñoz-Peña^José^Ángel^Jr.^^^L", "Muñoz-Peña", ("José", "Ángel"), "Jr."),
        ("Wolff^Ana^^^^^M~Reyes^Ana^^^^^L", "Reyes", ("Ana",), None),
        ("^^^^^^L~Reyes^Ana", "Reyes", ("Ana",), None),
        ("Reyes^Ana^María Del^^^^L", "Reyes", ("Ana", "María", "Del"), None),
        ("&van&Beethoven^Elise^^^^^L", "van Beethoven", ("Elise",), None),
        ("van Beethoven&van&Beethoven^Elise", "van Beethoven", ("Elise",), None),
        (r"O\T\Neil \XC3A9\^A\S\na", "O&Neil é", ("A^na",), None),
        ("^Suharto", "", ("Suharto",), None),
        ('Reyes^Ana^""^""', "Reyes", ("Ana",), None),
    ],
    ids=[
        *("with a suffix", "the legal one", "the one that is filled", "several further names", "a prefix apart"),
        *("a prefix within", "escaped", "one name only", "null"),
    ],
)
def test_names(names, family, given, suffix):
    record = person(pid(f5=names))

    assert (record.family, record.given, record.suffix) == (family, given, suffix)


def test_the_mothers_maiden_name_is_not_hers():
    assert "Gold" not in person(pid(f6="Gold^Ella^^^^^M")).name


@pytest.mark.parametrize(
    ("points", "found"),
    [
        ("8005551212", "+18005551212"),
        ("(360)555-0100", "+13605550100"),
        ("(360)555-0100X123", "+13605550100"),
        ("^PRN^PH^^^360^5550100", "+13605550100"),
        ("^PRN^CP^^1^360^555-0100", "+13605550100"),
        ("^PRN^CP^^+52^55^12345678", "+525512345678"),
        ("^PRN^CP^^^^3605550100", "+13605550100"),
        ("^PRN^PH^^^^^^^^^(360) 555-0100", "+13605550100"),
        ("^NET^Internet^Ana@Example.ORG", "ana@example.org"),
        ("ana@example.org^NET^Internet", "ana@example.org"),
        ("^PRN^PH^ana@example.org", "ana@example.org"),
        ("^WPN^PH^^1^360^5550100", "+13605550100"),
    ],
)
def test_phones_and_emails(points, found):
    assert person(pid(f13=points)).contacts == {found}


@pytest.mark.parametrize(
    "points",
    [
        "{{Telephone Number}}",
        "^PRN^PH^^^^5550100",
        "^PRN^PH^^1^999^9999999",
        "^PRN^FX^^1^360^5550100",
        "^BPN^BP^^1^360^5550100",
        "^EMR^PH^^1^360^5550100",
        "^ASN^PH^^1^360^5550100",
        "^NET^Internet^none",
        '""',
        "",
    ],
    ids=[
        *("unfilled template", "no area", "a filler", "a fax", "a beeper", "whom to call in an emergency"),
        *("an answering service", "no email", "null", "nothing"),
    ],
)
def test_no_contact(points):
    assert person(pid(f13=points)).contacts == set()


def test_all_contacts_count_at_home_and_at_work():
    record = person(pid(f13="^PRN^PH^^1^360^5550100~^NET^Internet^a@example.org", f14="^WPN^PH^^1^360^5550101"))

    assert record.contacts == {"+13605550100", "+13605550101", "a@example.org"}


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        ("1^^^CLINIC^MR~2^^^MYIIS^SR", "2"),
        ("1^^^CLINIC^MR~2^^^OTHER^PI", "OTHER:2"),
        ("1^^^CLINIC^MR", "CLINIC:1"),
        ("1^^^&2.16.840&ISO^MR", "2.16.840:1"),
        ("123-45-6789^^^USA^SS~1^^^CLINIC^XX", "CLINIC:1"),
        ("~^^^MYIIS^SR~1", "1"),
    ],
    ids=["the registry's", "an inner one", "a clinic's", "by its OID", "never the social security number", "bare"],
)
def test_the_id(ids, found):
    assert person(pid(f3=ids)).patient_id == found


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"f3": ""}, "without an identifier (PID-3)"),
        ({"f3": "123-45-6789^^^USA^SS"}, "without an identifier (PID-3)"),
        ({"f3": "9" * 65}, "with an identifier (PID-3) of more than 64 characters"),
        ({"f5": "^^^^^^L"}, "without a name (PID-5)"),
        ({"f7": "1985"}, "without a full birth date (PID-7)"),
    ],
    ids=["no id", "only a social security number", "a long id", "no name", "only a year"],
)
def test_a_person_who_cannot_be_read_is_a_problem(fields, reason):
    read = answer(pid(**fields), SHOT)

    assert (read.found, [str(problem) for problem in read.problems]) == ([], [f"PID in line 5: {reason}"])


def test_junk_in_an_address_and_a_birth_date_with_a_time_do_not_matter():
    assert person(pid(f7="198503270000-0500", f11="{{x}}^^junk~|".rstrip("|"))).birth_date == date(1985, 3, 27)


@pytest.mark.parametrize(
    ("code", "cvx"),
    [
        ("208^208^CVX", "208"),
        ("59267-1000-1^Pfizer^NDC^208^Pfizer^CVX", "208"),
        ("208^Pfizer^CVX^59267-1000-1^Pfizer^NDC", "208"),
        ("8^Hep B^CVX", "08"),
        ("208", "208"),
        ("208^Pfizer^HL70292", "208"),
        ("91300^Pfizer^C4~208^Pfizer^CVX", "208"),
    ],
    ids=["the code for a name", "NDC first", "CVX first", "one digit", "bare", "the table's number", "repeated"],
)
def test_vaccine_codes(code, cvx):
    assert [dose.cvx for dose in doses(rxa(f5=code))] == [cvx]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"f5": "59267-1000-1^Pfizer^NDC"}, "without a CVX code (RXA-5)"),
        ({"f5": ""}, "without a CVX code (RXA-5)"),
        ({"f5": "Pfizer^^CVX"}, "without a CVX code (RXA-5)"),
        ({"f5": "20821^^CVX"}, "without a CVX code (RXA-5)"),
        ({"f5": "0^^CVX"}, "without a CVX code (RXA-5)"),
        ({"f3": "20091051132511"}, "without a full date (RXA-3)"),
        ({"f3": "202104"}, "without a full date (RXA-3)"),
        ({"f3": ""}, "without a full date (RXA-3)"),
    ],
)
def test_a_dose_that_cannot_be_read_is_a_problem_and_the_others_stay(fields, reason):
    assert problems(rxa(**fields), SECOND_SHOT) == [f"RXA in line 6: {reason}"]
    assert len(doses(rxa(**fields), SECOND_SHOT)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"f5": "998^no vaccine administered^CVX"},
        {"f20": "RE"},
        {"f20": "NA"},
        {"f20": "NA< CR>"},
        {"f20": "", "f18": "00^Parental decision^NIP002"},
        {"f21": "D"},
    ],
    ids=["no vaccine", "refused", "not administered", "with junk", "only a reason for refusing", "deleted"],
)
def test_what_was_not_given_is_no_dose_and_no_problem(fields):
    assert doses(rxa(**fields)) == []
    assert problems(rxa(**fields)) == []


@pytest.mark.parametrize("status", ["CP", "PA", "", "CP< CR>"])
def test_what_was_given_is_a_dose(status):
    assert len(doses(rxa(f20=status))) == 1


def test_a_canceled_order_is_no_dose():
    assert doses("ORC|CA||1^MYIIS", SHOT) == []


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("^^^Fairgrounds", "Fairgrounds"),
        ("^^^Fairgrounds&2.16.840&ISO", "Fairgrounds"),
        ("^^^123456&2.16&ISO^^^^^2 Second Street^^Allentown^PA^18103", "2 Second Street, Allentown, PA"),
        ("^^^123456&2.16&ISO^^12^^^^2 Second Street^^Allentown^PA^18103", "2 Second Street, Allentown, PA"),
        ("^^^123456", None),
        ("", None),
    ],
    ids=["facility", "with its id", "a number and an address", "one place to the right", "a number", "nothing"],
)
def test_places(location, place):
    assert doses(rxa(f11=location))[0].place == place


def test_lot_and_maker_may_be_missing():
    assert doses(rxa(f15="", f17=""))[0] == Immunization("208", date(2021, 4, 8), None, "Fairgrounds", None)


@pytest.mark.parametrize(
    ("code", "mvx"),
    [("PFR^Pfizer^MVX", "PFR"), ("0069^Pfizer^X^pfr^^HL70227", "PFR"), ("PFR", "PFR"), ("Pfizer, Inc^^MVX", None)],
)
def test_makers(code, mvx):
    assert doses(rxa(f17=code))[0].mvx == mvx


def test_reports_of_one_shot_merge_and_two_shots_of_one_day_stay():
    again, other = rxa(f11="", f17=""), rxa(f15="EW0999")

    assert [dose.lot for dose in doses(SHOT, again, other)] == ["EW0162", "EW0999"]


def test_groups_without_rxa_are_no_doses_and_lend_their_number_to_none():
    segments = (
        "ORC|RE||1^MYIIS",
        SHOT,
        "ORC|CA||2^MYIIS",
        "OBX|1|CE|x",
        "PID|2||8^^^MYIIS^SR||Reyes^Eva||19850327",
        SHOT,
    )

    assert [len(found.record.immunizations) for found in answer(PERSON, *segments).found] == [1, 1]


def test_a_dose_is_of_the_person_before_it():
    child = "PID|2||8^^^MYIIS^SR||Reyes^Eva||20150101"

    first, second = answer(PERSON, SHOT, child, SECOND_SHOT).found

    assert [dose.lot for dose in first.record.immunizations] == ["EW0162"]
    assert [dose.lot for dose in second.record.immunizations] == ["EW0175"]


def test_doses_before_anybody_are_a_problem():
    assert [str(problem) for problem in answer(SHOT).problems] == ["PID in line 5: missing before the doses"]


def test_a_dose_deleted_and_given_again_is_given():
    assert len(doses("ORC|RE||1^X", rxa(f21="D"), "ORC|RE||1^X", SHOT)) == 1
    assert doses("ORC|RE||1^X", SHOT, "ORC|RE||1^X", rxa(f21="D")) == []


@pytest.mark.parametrize(
    ("err", "told"),
    [
        ("ERR||PID^1^24|101^Required field missing^HL70357|W||||Ana Reyes", "W 101 PID-24"),
        ("ERR||Reyes^1^Ana|Ana Reyes|Reyes", "R"),
        ("ERR||PID^1^Ana|Ana Reyes|", "PID"),
        ("ERR", ""),
    ],
    ids=["codes", "names for codes", "half", "empty"],
)
def test_of_a_complaint_only_codes_are_kept(err, told):
    (complaint,) = answer(err).complaints

    assert str(complaint) == told


@given(st.text())
def test_any_text_is_an_answer_or_a_message_error(text):
    for attempt in (text, "MSH|^~\\&|" + text):
        try:
            parse_rsp(attempt)
        except MessageError:
            continue


@given(st.lists(st.text(st.sampled_from("|^~&\\\rPIDRXAORC0123456789XE. ")), max_size=8))
def test_any_segments_are_read_or_are_problems(parts):
    answer(PERSON, *parts, *(f"RXA|{part}" for part in parts), *(f"PID|1||{part}" for part in parts))


@needs_samples
@pytest.mark.parametrize(
    ("name", "status", "people", "count", "left_out"),
    [
        ("Z31_01", "OK", ["99445566 Robert Child 2005-05-12", "123456 Robert Child 2005-05-12"], 0, []),
        ("Z32_01", "OK", ["MYEHR:234814 TheodoricAIRA ElbertAIRA FagenAIRA 1963-12-26"], 1, []),
        ("Z32_02", "OK", ["MYEHR:234815 ChristosAIRA DemarionAIRA FagenAIRA 2004-03-15"], 19, []),
        ("Z32_03", "OK", ["MYEHR:234816 SophoclesAIRA JerrieAIRA FagenAIRA 1976-01-28"], 2, []),
        ("Z32_05", "OK", ["MYEHR:234818 ZechariahAIRA KenverAIRA LaurelAIRA 1997-07-05"], 2, []),
        ("Z32_08", "OK", ["MYEHR:234821 NyssaAIRA LaurelAIRA 1967-07-03"], 1, []),
        ("Z33_01", "NF", [], 0, []),
        ("Z33_02", "TM", [], 0, []),
        (
            "Z42_01",
            "OK",
            ["MYEHR:123456 Bobbie Q Child 2009-02-14"],
            2,
            ["RXA in line 20: without a full date (RXA-3)"],
        ),
    ],
)
def test_the_samples(name, status, people, count, left_out):
    read = parse_rsp(sample(name))
    records = [found.record for found in read.found]

    assert (read.profile, read.acknowledgment, read.status) == (name[:3], "AA", status)
    assert [f"{record.patient_id} {record.name} {record.birth_date}" for record in records] == people
    assert sum(len(record.immunizations) for record in records) == count
    assert [str(problem) for problem in read.problems] == left_out


@needs_samples
def test_the_details_of_the_samples():
    (child,) = parse_rsp(sample("Z42_01")).found
    (adult,) = parse_rsp(sample("Z32_01")).found

    assert adult.record.contacts == {"+18005551212"}
    assert adult.record.immunizations == (Immunization("208", date(2021, 5, 16)),)
    assert child.record.immunizations[1] == Immunization("48", date(2009, 7, 31), "33k2a", "DCS_DC", "PMC")
