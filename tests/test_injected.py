"""What somebody writes into a name, a lot or a flow file is shown as it is or refused, and never obeyed."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2
import pytest
import structlog
from conftest import ANA, Clock, Phone, RecordedJobs, whole_system
from flask.testing import FlaskClient
from injections import CORPUS, MARK
from test_record_page import LINK, link_of

from bot.conversation.flow_files import check_flow
from bot.conversation.wording import fill
from bot.delivery.smtp import _mail
from bot.flow_folder import read_folder
from bot.iis.opening import open_dialect
from bot.outbox.delivery import Message
from bot.records import Demographics, Immunization, VaccineRecord
from bot.wiring import System, build_app, outbox_path

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
WAY = ("RESTART", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "link")
each = pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
OBEYED = ("49", "root:", "uid=", "<script", "onerror", "onload=")


Tag = tuple[str, tuple[str, ...]]


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[Tag] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(name for name, _ in attrs)))


@dataclass
class Holds:
    """A registry in which somebody wrote this into every text of the record."""

    text: str

    def find(self, who: Demographics) -> VaccineRecord:
        dose = Immunization("208", date(2021, 4, 8), lot=self.text, place=self.text)
        return VaccineRecord(
            patient_id=self.text,
            family=self.text,
            given=(self.text,),
            birth_date=date(1985, 3, 27),
            suffix=self.text,
            immunizations=(dose, replace(dose, date=date(2021, 4, 29), cvx="207")),
            phones=frozenset({who.contact}),
        )

    def ping(self) -> None:
        """It is there."""


@pytest.fixture(scope="module")
def system(redis_url: str, iis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with whole_system(redis_url, iis_url, tmp_path_factory.mktemp("injected"), Clock(), {}) as built:
        yield built


@pytest.fixture(scope="module")
def client(system: System) -> FlaskClient:
    return build_app(system).test_client()


@pytest.fixture(scope="module")
def usual(system: System, client: FlaskClient) -> set[Tag]:
    """The tags on the page of somebody with a usual name, and of one whose lots are too long for a card."""
    jobs = system.services.jobs
    assert isinstance(jobs, RecordedJobs)
    phone = Phone(client, outbox_path(system.settings))
    return {tag for text in ("Reyes", "x" * 99) for tag in Tags(shown(text, phone, jobs, system)).seen}


@pytest.fixture
def phone(client: FlaskClient, system: System) -> Phone:
    system.client.flushall()
    outbox_path(system.settings).unlink(missing_ok=True)
    return Phone(client, outbox_path(system.settings))


@pytest.fixture
def jobs(system: System) -> RecordedJobs:
    jobs = system.services.jobs
    assert isinstance(jobs, RecordedJobs)
    jobs.services = system.services
    return jobs


@each
def test_what_a_resident_writes_is_said_back_nowhere(text: str, phone: Phone, jobs: RecordedJobs) -> None:
    with structlog.testing.capture_logs() as logged:
        phone.text(*WAY[:2])
        for right in WAY[2:]:
            asked = _state(jobs)
            phone.text(text)
            if _state(jobs) == asked:  # it was no answer
                phone.text(right)
        jobs.work()

    said = [*map(str, phone.replies), *(LINK.sub("", str(message["body"])) for message in phone.received())]
    assert not [reply for reply in said if MARK in reply or "evil" in reply or any(sign in reply for sign in OBEYED)]
    assert MARK not in json.dumps(logged, default=str)
    assert "fault" not in {line["event"] for line in logged}


@each
def test_what_a_registry_holds_is_read_and_not_obeyed_on_page_picture_and_pdf(
    text: str, phone: Phone, jobs: RecordedJobs, system: System, usual: set[Tag]
) -> None:
    page = shown(text, phone, jobs, system)

    assert set(Tags(page).seen) <= usual
    assert MARK in page
    pdf, file = (re.search(rf'/m/[a-z2-7]+{end}(?=")', page) for end in ("/record[.]pdf", "[.]smart-health-card"))
    if not pdf or not file:  # a name that looks like a template is no name, and gets no card
        assert "Not in a QR code" in page
        return
    drawn = phone.client.get(pdf[0])
    read = pypdfium2.PdfDocument(drawn.data)[0].get_textpage().get_text_bounded()
    assert MARK in "".join(read.split())
    assert "root:" not in read
    for address in (file[0], pdf[0].replace("record.pdf", "1.png")):
        answer = phone.client.get(address)
        assert answer.status_code == 200
        assert MARK not in str(answer.headers)


def shown(text: str, phone: Phone, jobs: RecordedJobs, system: System) -> str:
    """The record page of somebody of whom all is called so."""
    jobs.services = replace(system.services, iis=Holds(text))
    with structlog.testing.capture_logs() as logged:
        phone.text(*WAY)
        jobs.work()
        page = phone.client.post(link_of(phone), data={"pin": "4821"})
    assert page.status_code == 200
    held = [line for line in logged if MARK in json.dumps(line, default=str)]
    assert held == []
    assert MARK not in LINK.sub("", str(phone.received()[-1]["body"]))
    return page.text


@each
def test_a_registry_is_asked_for_a_name_and_nothing_else(text: str, iis_url: str) -> None:
    registry = open_dialect(iis_url, timeout=5)
    born = date(1985, 3, 27)

    assert registry.find(Demographics(text, text, born, ANA)) is None
    assert registry.find(Demographics("Ana", "Reyes", born, text)) is None
    assert registry.find(Demographics("Ana", "Reyes", born, ANA)) is not None
    registry.close()


@each
def test_an_email_has_the_headers_that_we_gave_it(text: str) -> None:
    message = Message(
        to="ana@example.org",
        body=f"{text} https://bot.example.org/r/x",
        subject="Record",
        language="en",
        delivery_id="a" * 24,
    )

    mail = message_from_bytes(_mail(message, "records@example.org").as_bytes(), policy=policy.default)

    assert mail["To"] == "ana@example.org"
    assert mail["Bcc"] is None
    html = mail.get_body(("html",))
    assert html
    assert {tag for tag, _ in Tags(html.get_content()).seen} <= {"html", "body", "p", "br", "a"}


@each
def test_no_word_of_an_email_breaks_out_of_its_subject_or_address(text: str) -> None:
    for changed in ({"subject": text}, {"to": f"ana@example.org{text}"}):
        message = replace(
            Message(to="ana@example.org", body="x", subject="Record", language="en", delivery_id="a" * 24), **changed
        )

        try:
            mail = message_from_bytes(_mail(message, "records@example.org").as_bytes(), policy=policy.default)
        except ValueError:  # of the library, which writes no such header
            continue

        assert mail["Bcc"] is None
        assert [name for name in mail if name in ("From", "Subject", "To")] == ["From", "To", "Subject"]


@each
def test_a_flow_file_is_checked_and_never_obeyed(text: str) -> None:
    files = read_folder(FOLDER)
    quoted = json.dumps(text)
    name = "text/en.yaml"
    words = re.sub(r"(?m)^  goodbye: .*$", lambda _: f"  goodbye: {quoted}", files[name])

    flow, problems = check_flow({**files, name: words})

    if flow:  # it is a text like others
        assert fill(flow.words["en"].say["goodbye"], {}) == json.loads(quoted).strip()
    assert flow or problems
    flow, problems = check_flow({**files, name: words.replace(quoted, text)})
    assert flow or problems


def _state(jobs: RecordedJobs) -> str:
    assert jobs.services
    sessions = jobs.services.sessions
    session = sessions.load(sessions.key(ANA)).session
    return session.state if session else ""
