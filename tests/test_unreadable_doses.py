"""Doses that a registry holds and we cannot read are not hidden: her page, picture and PDF count them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from conftest import Phone, RecordedJobs, whole_system
from drawings import Pdf
from fakes.fhir_resources import patient
from fakes.fhir_server import FhirServer
from fakes.soap_iis import SoapIis
from fhir_ana import RECORD, dose_of
from flask.testing import FlaskClient
from showing import PEOPLE, PIN, seal

from bot.record_content import read, to_json
from bot.transcripts.app import Clock
from bot.wiring import System, build_app, outbox_path

LINK = re.compile(r"https://bot\.example\.org(/r/\S+)")
NDC = {"vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/ndc", "code": "59267-1000-1"}]}}
WORDS = {"occurrenceDateTime": None, "occurrenceString": "spring of 2021"}
COVID = {"vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "COVID"}]}}
HEADER = r"MSH|^~\&|MYIIS|STATE|||20240618||RSP^K11^RSP_K11|R1|P|2.5.1|||||||||Z32^CDCPHINVS"
ANSWER = (HEADER, "MSA|AA|1", "QAK|{tag}|OK", "QPD|Z34|{tag}")
PID = "PID|1||7^^^MYIIS^SR||Reyes^Ana^^^^^L||19850327|F|||||^PRN^CP^^1^360^5550100"
RXA = "RXA|0|1|20210408||208^^CVX|0.3|mL||00||||||EW0162||PFR^^MVX|||CP|A"
UNREAD = {
    "a month": RXA.replace("20210408", "202104"),
    "NDC alone": RXA.replace("208^^CVX", "59267-1000-1^Pfizer^NDC"),
    "COVID": RXA.replace("208^^CVX", "COVID^^CVX"),
}


@pytest.fixture
def page_of(redis_url: str, tmp_path: Path, clock: Clock) -> Callable[[str], str]:
    """What Ana's page says, after a whole conversation over this registry."""

    def ask(iis_url: str) -> str:
        with whole_system(redis_url, iis_url, tmp_path, clock, {}) as system:
            return conversation(system)

    return ask


def conversation(system: System) -> str:
    client = build_app(system).test_client()
    phone, jobs = Phone(client, outbox_path(system.settings)), system.services.jobs
    assert isinstance(jobs, RecordedJobs)
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", PIN, "link")
    jobs.work()
    found = LINK.search(str(phone.received()[-1]["body"]))
    assert found
    return plain(client.post(found[1], data={"pin": PIN}).text)


def plain(page: str) -> str:
    return re.sub(r"</?bdi[^>]*>", "", page)


@pytest.mark.parametrize(
    "unread", [{"occurrenceDateTime": "2021-04"}, NDC, WORDS, COVID], ids=["a month", "NDC alone", "words", "COVID"]
)
@pytest.mark.parametrize("others", [1, 0])
def test_a_page_from_fhir_counts_the_doses_that_could_not_be_read(
    page_of: Callable[[str], str], unread: dict[str, object], others: int
) -> None:
    with FhirServer([RECORD]) as registry:
        registry.resources[:] = [patient(RECORD), dose_of(number=1, **unread), *[dose_of()] * others]
        page = page_of(registry.url)

    assert "Ana Reyes" in page
    assert page.count("Doses in the registry that we could not read: 1.") == 1
    assert ("April 8, 2021" in page) == bool(others)


@pytest.mark.parametrize("unread", UNREAD.values(), ids=UNREAD)
@pytest.mark.parametrize("others", [1, 0])
def test_a_page_from_hl7_counts_the_doses_that_could_not_be_read(
    page_of: Callable[[str], str], unread: str, others: int
) -> None:
    with SoapIis() as registry:
        registry.answer("\r".join((*ANSWER, PID, unread, *[RXA] * others)))
        page = page_of(registry.url)

    assert "Ana Reyes" in page
    assert page.count("Doses in the registry that we could not read: 1.") == 1
    assert ("April 8, 2021" in page) == bool(others)


@pytest.mark.parametrize("language", ["en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl"])
def test_page_and_pdf_say_it_once_in_every_language(language: str, client: FlaskClient, system: System) -> None:
    record = replace(PEOPLE["ana"], unreadable=3)
    flow = system.services.flow
    before, after = flow.words_in(language).page["unreadable_doses"].split("{help_line}")[0].split("{count}")

    page = client.post(f"/r/{seal(system.services, record, language)}", data={"pin": PIN}).text
    with pdf_from(page, client) as pdf:
        drawn = letters("".join(pdf.text(number) for number in range(len(pdf))))

    assert plain(page).count(f"{before}3{after}") == 1
    assert not set(letters(before)) - set(drawn)
    if language != "ar":  # whose letters a PDF gives back in another order
        assert drawn.count(letters(before)) == 1


def test_where_all_was_read_nothing_is_said(client: FlaskClient, system: System) -> None:
    page = client.post(f"/r/{seal(system.services, PEOPLE['ana'])}", data={"pin": PIN}).text

    assert "could not read" not in page


def test_a_link_from_before_they_were_counted_opens() -> None:
    old = orjson.loads(to_json(replace(PEOPLE["ana"], unreadable=3), [], language="en", declaration=""))

    assert read(orjson.dumps(old)).unreadable == 3
    del old["unreadable"]
    assert read(orjson.dumps(old)).unreadable == 0


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalpha())


@contextmanager
def pdf_from(page: str, client: FlaskClient) -> Iterator[Pdf]:
    (path,) = re.findall(r'href="(/m/[^"]+\.pdf)"', page)
    pdf = Pdf(client.get(path).data)
    yield pdf
    pdf.close()
