"""Finding one person in a registry that speaks HL7 v2: who is found, who never is, and what an operator reads."""

import os
import sys
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from fakes.hl7_samples import needs_samples, sample
from fakes.soap_iis import AE, AR, NOWHERE, SECURITY, UNKNOWN, UNSUPPORTED, SoapIis
from structlog.testing import capture_logs

from bot.iis.demo_people import demo_people
from bot.iis.hl7v2.address import Hl7Address
from bot.iis.soap.iis import Hl7IIS
from bot.ports import IISRefusesUs, IISRejected, IISUnavailable
from bot.records import Demographics, VaccineRecord

ANA = Demographics("Ana", "Reyes", date(1985, 3, 27), "+13605550100")
MIA = Demographics("Mia", "Thompson", date(2015, 5, 9), "+13605550105")
LINH = Demographics("Linh", "Nguyen", date(1999, 1, 15), "+13605550106")
PID = "PID|1||{id}^^^MYIIS^SR||{name}^^^^^L||19850327|F|||||^PRN^CP^^1^360^5550100"
SHOT = "RXA|0|1|20210408||208^^CVX|0.3|mL||00||||||EW0162||PFR^^MVX|||CP|A"


@pytest.fixture
def iis():
    with SoapIis(person.record for person in demo_people()) as iis:
        yield iis


@pytest.fixture
def registry(iis):
    registry = Hl7IIS(Hl7Address.parse(iis.url))
    yield registry
    registry.close()


def answer(profile, *segments, status="OK", tag="{tag}", acknowledgment="AA"):
    header = rf"MSH|^~\&|MYIIS|STATE|||20240618||RSP^K11^RSP_K11|R1|P|2.5.1|||||||||{profile}^CDCPHINVS"
    return "\r".join((header, f"MSA|{acknowledgment}|1", f"QAK|{tag}|{status}", f"QPD|Z34|{tag}", *segments))


def pid(name="Reyes^Ana", patient_id="7"):
    return PID.format(id=patient_id, name=name)


def candidate(name, patient_id, born="19850327"):
    return f"PID|1||{patient_id}^^^MYIIS^SR||{name}^^^^^L||{born}|F"


def identifiers_asked(iis):
    return [question.split("\r")[1].split("|")[3] for question in iis.asked]


@pytest.mark.parametrize("person", demo_people(), ids=lambda person: person.key)
def test_a_record_comes_back_whole_for_everyone_who_can_be_told_apart(registry, person):
    record = person.record
    who = Demographics(" ".join(record.given), record.family, record.birth_date, person.contact_hint)

    expected = None if person.key.startswith("linh") else record
    assert registry.find(who) == expected


def test_with_forecast_the_history_is_the_same(iis):
    registry = Hl7IIS(Hl7Address.parse(f"{iis.url}&profile=Z44"))

    assert registry.find(ANA).patient_id == "demo-ana"
    assert "|Z44^Request Evaluated History and Forecast^CDCPHINVS|" in iis.asked[0]
    registry.close()


def test_of_several_candidates_the_clear_one_is_asked_for_again_by_her_id(registry, iis):
    found = registry.find(replace(MIA, first_name="Mía Sofía"))

    assert (found.patient_id, len(found.immunizations)) == ("demo-mia", 2)
    assert identifiers_asked(iis) == ["", "demo-mia^^^MYIIS^SR"]


def test_a_candidate_is_asked_for_with_the_name_as_the_registry_spells_it(registry, iis):
    iis.answer(
        answer("Z31", candidate("Reyes^Ana^Maria", "7"), candidate("Reyes^Jose", "8")), answer("Z33", status="NF")
    )

    assert registry.find(ANA) is None
    assert "|7^^^MYIIS^SR|Reyes^Ana^Maria^^^^L|" in iis.asked[1]


@pytest.mark.parametrize(
    "candidates",
    [
        [("Reyes^Ana", "7"), ("Reyes^Ana", "8")],
        [("Reyes^Jose", "7"), ("Reyes^Eva", "8")],
        [("Reyes^Ana", "7", "19850328")],
        [],
    ],
    ids=["two of her name", "others", "another birth date", "an empty list"],
)
def test_of_candidates_without_a_clear_one_nobody_is_asked_for(registry, iis, candidates):
    iis.answer(answer("Z31", *(candidate(*each) for each in candidates)))

    assert registry.find(ANA) is None
    assert len(iis.asked) == 1


@pytest.mark.parametrize(
    "second",
    [
        answer("Z32", pid(patient_id="8"), SHOT),
        answer("Z32", pid(name="Reyes^Jose"), SHOT),
        answer("Z32", candidate("Reyes^Ana", "7"), SHOT),
        answer("Z31", candidate("Reyes^Ana", "7")),
        answer("Z33", status="NF"),
    ],
    ids=["another id", "another name", "without her phone", "a list again", "nobody"],
)
def test_what_comes_back_for_a_candidate_must_be_she(registry, iis, second):
    iis.answer(answer("Z31", candidate("Reyes^Ana", "7"), candidate("Reyes^Jose", "9")), second)

    assert registry.find(ANA) is None


@pytest.mark.parametrize(
    "who",
    [
        replace(ANA, contact="+13605550199"),
        replace(ANA, contact="ana@example.org"),
        replace(ANA, birth_date=date(1985, 3, 28)),
        replace(ANA, first_name="Rosa"),
        replace(ANA, first_name="' OR 1=1 --"),
        replace(ANA, first_name="^^^~|\\F\\\rQPD|"),
        LINH,
        replace(MIA, first_name="Nia"),
    ],
    ids=[
        *("another phone", "an email that it does not hold", "another birth date", "another name", "SQL", "HL7"),
        *("two of the same name", "neither twin"),
    ],
)
def test_nobody_is_found_for(registry, who):
    assert registry.find(who) is None


@pytest.mark.parametrize(
    "segments",
    [[pid("Reyes^Jose"), SHOT], [pid().replace("5550100", "5550199"), SHOT], [pid().replace("19850327", "19850328")]],
    ids=["a namesake of the family", "without her phone", "born on another day"],
)
def test_a_server_that_answers_with_somebody_else_is_not_believed(registry, iis, segments):
    iis.answer(answer("Z32", *segments))

    assert registry.find(ANA) is None


@pytest.mark.parametrize("status", ["NF", "TM", "PD"])
def test_a_history_that_says_not_found_or_protected_is_nobody(registry, iis, status):
    iis.answer(answer("Z32", pid(), SHOT, status=status))

    assert registry.find(ANA) is None


def test_a_record_that_is_protected_with_a_warning_is_nobody_and_no_refusal(registry, iis):
    iis.answer(answer("Z33", "ERR|||207^^HL70357|W", status="PD", acknowledgment="AE"))

    assert registry.find(ANA) is None


def test_a_candidate_whom_the_list_shows_with_another_phone_is_not_asked_for(registry, iis):
    iis.answer(answer("Z31", pid().replace("5550100", "5550199"), candidate("Reyes^Jose", "8")))

    assert registry.find(ANA) is None
    assert len(iis.asked) == 1


def test_a_candidate_who_cannot_be_read_stands_in_nobodys_way(registry, iis):
    iis.answer(
        answer("Z31", candidate("Reyes^Ana", "7"), candidate("Reyes^Jose", "8", born="1985")),
        answer("Z32", pid(), SHOT),
    )

    assert registry.find(ANA).patient_id == "7"
    assert identifiers_asked(iis) == ["", "7^^^MYIIS^SR"]


def test_more_candidates_than_a_list_holds_are_nobody(iis, registry):
    iis.people = [replace(demo_people()[0].record, patient_id=str(number)) for number in range(6)]

    assert registry.find(ANA) is None


def test_of_two_people_in_one_history_she_is_found_with_her_own_doses(registry, iis):
    iis.answer(answer("Z32", pid("Reyes^Jose", "8"), SHOT, SHOT, pid(), SHOT))

    found = registry.find(ANA)

    assert (found.patient_id, len(found.immunizations)) == ("7", 1)


def test_a_dose_that_cannot_be_read_is_left_out_and_logged_without_a_word_of_her(registry, iis):
    iis.answer(answer("Z32", pid(), SHOT, SHOT.replace("20210408", "20210230")))

    with capture_logs() as logs:
        found = registry.find(ANA)

    assert (len(found.immunizations), found.unreadable) == (1, 1)
    assert logs == [
        {
            "event": "hl7_left_out",
            "count": 1,
            "log_level": "warning",
            "segments": ["RXA in line 7: without a full date (RXA-3)"],
        }
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Reyes",
        "<html>Reyes</html>",
        "PID|1||7",
        answer("Z99", pid()),
        answer("", pid()),
        answer("Z32", pid(), tag="another"),
        answer("Z32", pid()).replace("QAK|{tag}", "QAK|another"),
        answer("Z32", pid(), tag=""),
        answer("Z32", SHOT),
        answer("Z32", pid().replace("19850327", "")),
        answer("Z32"),
        answer("Z33", status="NF", acknowledgment="AR"),
        answer("Z33", status="AE"),
        answer("Z33", "ERR||QPD^1^4|207^Reyes^HL70357|E", status="NF", acknowledgment="AE"),
        answer("Z32", pid()).replace("MSA|AA|1\r", ""),
        answer("Z32", pid()).replace("RSP^K11", "VXU^V04"),
        r"MSH|^~\&|MYIIS|||||ACK^Q11|1|P|2.5.1" + "\rMSA|AA|1",
        answer("Z32", pid()) + "\r" + answer("Z32", pid()),
    ],
    ids=[
        *("nothing", "text", "HTML", "no header", "another profile", "no profile", "another tag", "half another tag"),
        *(
            "no tag",
            "no person",
            "a person without birth date",
            "an empty history",
            "AR",
            "AE in QAK",
            "AE with errors",
        ),
        *("no acknowledgment", "no answer at all", "a bare ACK", "two messages"),
    ],
)
def test_nonsense_is_rejected_and_not_repeated(registry, iis, text):
    iis.answer(text)

    with pytest.raises(IISRejected) as raised:
        registry.find(ANA)
    assert "Reyes" not in "".join(traceback.format_exception(raised.value)).replace('"Reyes', "")


@pytest.mark.parametrize(
    ("complaint", "acknowledgment"),
    [("ERR||PD1^1^16|101^^HL70357|W", "AA"), ("ERR||PD1^1^16|101^^HL70357|W", "AE"), ("ERR|||0^^HL70357|I", "AA")],
    ids=["warning", "warning with AE", "information"],
)
def test_warnings_do_not_spoil_an_answer(registry, iis, complaint, acknowledgment):
    iis.answer(answer("Z32", complaint, pid(), SHOT, acknowledgment=acknowledgment))

    assert registry.find(ANA).patient_id == "7"


@pytest.mark.parametrize("refusal", [AE, AR], ids=["AE", "AR"])
def test_a_refusal_tells_an_operator_the_codes_and_nothing_of_her(registry, iis, refusal):
    iis.fail(refusal)

    with pytest.raises(IISRejected, match=rf"MSA-1 {refusal.acknowledgment}.*E 101 QPD-4") as raised:
        registry.find(ANA)
    assert not any(word in str(raised.value) for word in ("Ana", "Reyes", "1985", "555"))


@pytest.mark.parametrize(
    ("complaints", "about_us"),
    [
        (["ERR||MSH^1^4|207^^HL70357|E"], True),
        (["ERR||MSH^1^4|207^^HL70357|E", "ERR||QPD^1^4|101^^HL70357|W"], True),
        (["ERR||MSH^1^4|207^^HL70357|E", "ERR||QPD^1^4|101^^HL70357|E"], False),
        (["ERR||MSH^1^18|103^^HL70357|E"], False),
        (["ERR||QPD^1^4|101^^HL70357|E"], False),
        (["ERR|||207^^HL70357|E"], False),
        (["ERR||MSH^1^4|207^^HL70357|W"], False),
        ([], False),
    ],
    ids=[
        *("facility", "facility, and a warning", "facility and name", "character set of her name", "name", "no place"),
        *("a warning", "nothing said"),
    ],
)
def test_only_a_refusal_of_who_we_are_is_one_of_us(registry, iis, complaints, about_us):
    iis.answer(answer("Z33", *complaints, status="AE", acknowledgment="AR"))

    with pytest.raises(IISRejected) as raised:
        registry.find(ANA)
    assert isinstance(raised.value, IISRefusesUs) == about_us


def test_both_questions_together_have_one_time_limit(iis):
    """Each is answered in time; both of them are not."""
    registry = Hl7IIS(Hl7Address.parse(iis.url), timeout=0.5)
    iis.delay = 0.3

    with pytest.raises(IISUnavailable, match="in time"):
        registry.find(replace(MIA, first_name="Mía Sofía"))
    registry.close()


def test_tags_are_random_and_short(registry, iis):
    registry.find(ANA)
    registry.find(ANA)

    tags = [question.split("\r")[1].split("|")[2] for question in iis.asked]
    assert len(set(tags)) == 2
    assert all(len(tag) == 16 for tag in tags)


def test_a_registry_that_is_there_answers_a_ping_and_one_that_is_not_does_not(registry, iis):
    registry.ping()
    iis.fail(UNSUPPORTED)
    registry.ping()
    iis.fail(UNKNOWN)

    with pytest.raises(IISUnavailable):
        registry.ping()


def run(registry):
    """What each step says, until one fails."""
    said = []
    for step in registry.steps():
        try:
            said.append((step.name, step.run()))
        except (IISUnavailable, IISRejected) as error:
            said.append((step.name, f"{type(error).__name__}: {error}"))
            break
    return said


def test_the_steps_of_a_registry_that_works(registry, iis):
    assert run(registry) == [
        ("connect", f"{iis.endpoint} speaks CDC's SOAP contract and answers the connectivity test."),
        ("authenticate", "The registry lets us in with this user, password and facility."),
        ("answer", "The registry understands Z34 and answers with Z33."),
    ]


def test_a_wrong_password_fails_at_the_second_step(iis):
    registry = Hl7IIS(replace(Hl7Address.parse(iis.url), password="wrong"))

    said = run(registry)

    assert [name for name, _ in said] == ["connect", "authenticate"]
    assert "check user, password and facility in IIS_URL" in said[1][1]
    assert "wrong" not in str(said)
    registry.close()


def test_a_wrong_path_fails_at_the_first_step(registry, iis):
    iis.fail(NOWHERE)

    assert run(registry)[-1][0] == "connect"
    iis.fail(SECURITY)
    assert run(registry)[-1][0] == "connect"


def test_a_question_that_is_refused_fails_at_the_third_step(registry, iis):
    iis.answer(answer("Z33", status="AE", acknowledgment="AE"), answer("Z33", status="AE", acknowledgment="AE"))

    name, said = run(registry)[-1]

    assert name == "answer"
    assert "check facility, profile and applications" in said


def test_many_threads_may_ask_at_once(registry):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(registry.find, [ANA, MIA, LINH] * 12))

    assert [found and found.given[0] for found in answers] == ["Ana", "Mia", None] * 12


def test_parent_and_child_both_go_on_asking_after_a_fork(registry):
    registry.find(ANA)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on forking with threads about
        child = os.fork()
    if not child:
        os._exit(0 if _finds_ana(registry) else 1)

    assert _finds_ana(registry)
    assert os.waitpid(child, 0)[1] == 0


def _finds_ana(registry):
    try:
        return all(registry.find(ANA) for _ in range(10))
    except BaseException as error:  # noqa: BLE001 (a child must never run on as a second pytest)
        sys.stderr.write(repr(error))
        return False


def retagged(name):
    """A sample, as an answer to whatever is asked."""
    text = sample(name)
    qak = next(line for line in text.replace("\r", "\n").split("\n") if line.startswith("QAK"))
    return text.replace(qak.split("|")[1], "{tag}")


@needs_samples
@pytest.mark.parametrize(
    ("name", "who", "count"),
    [
        ("Z32_01", Demographics("TheodoricAIRA", "FagenAIRA", date(1963, 12, 26), "+18005551212"), 1),
        ("Z32_01", Demographics("TheodoricAIRA", "FagenAIRA", date(1963, 12, 26), "+18005551213"), None),
        ("Z32_03", Demographics("SophoclesAIRA", "FagenAIRA", date(1976, 1, 28), "+18005551212"), None),
        ("Z42_01", Demographics("Bobbie", "Child", date(2009, 2, 14), "+18005551212"), None),
        ("Z33_01", ANA, None),
        ("Z33_02", ANA, None),
        ("Z31_01", Demographics("Robert", "Child", date(2005, 5, 12), "+18005551212"), None),
    ],
    ids=["her phone", "another phone", "no phone there", "none there either", "not found", "too many", "two alike"],
)
def test_the_samples_as_answers(registry, iis, name, who, count):
    iis.people.clear()  # nobody of another name either
    iis.answer(retagged(name))

    found = registry.find(who)

    assert (found and len(found.immunizations)) == count
    assert found is None or isinstance(found, VaccineRecord)
