"""The whole of vaxtext in real processes, texted and read over HTTP; only Twilio and the mail server are ours."""

import json
import re
import signal
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import psutil
import pytest
import redis
import requests
from fakes.smtp import FakeSmtp
from fakes.twilio import DELIVERED, SILENCE, FakeTwilio
from fakes.until import until
from fakes.verifier import CardRead, on_card, read_card, scan
from running import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    PEOPLE,
    PIN,
    SENDER,
    Running,
    is_idle,
    is_worker,
    link_in,
    store_of,
)

from bot.config import DEMO_REGISTRY
from bot.iis.demo_people import DemoPerson
from bot.vaccines import packaged

pytestmark = pytest.mark.e2e

STRANGER = "+13605550177"  # on nobody's record
PATIENCE = 60.0  # seconds for what a killed worker left behind: 16 for work, 30 for a message in doubt


@pytest.fixture(scope="module")
def outside() -> Iterator[tuple[FakeTwilio, FakeSmtp]]:
    with FakeTwilio(ACCOUNT_SID, AUTH_TOKEN) as twilio, FakeSmtp() as smtp:
        twilio.reports = DELIVERED
        yield twilio, smtp


@pytest.fixture(scope="module")
def one_demo(tmp_path_factory: pytest.TempPathFactory, outside: tuple[FakeTwilio, FakeSmtp]) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("demo"), *outside)
    running.start("bot.cli", "demo")
    try:
        until(lambda: running.is_ready() and running.count("worker_ready"), 30)
        yield running
    finally:
        running.stop()


@pytest.fixture
def demo(one_demo: Running) -> Running:
    """The one demo of this file, with nothing sent yet."""
    one_demo.twilio.clear()
    one_demo.smtp.mails.clear()
    return one_demo


@pytest.fixture
def apart(tmp_path: Path, redis_url: str, outside: tuple[FakeTwilio, FakeSmtp]) -> Iterator[Running]:
    """Web and worker as the Procfile runs them, over a Redis of the test; none is started yet."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    running = Running(tmp_path, *outside, redis_url=redis_url)
    running.twilio.clear()
    try:
        yield running
    finally:
        running.twilio.release()
        running.stop()


def test_a_resident_gets_a_link_that_her_pin_opens(demo: Running) -> None:
    ana = PEOPLE["ana"]
    demo.ask(ana, "1", "link")
    link = link_in(demo.message_to(ana.phone).body, demo)

    form, wrong, right = requests.get(link), requests.post(link, {"pin": "1357"}), requests.post(link, {"pin": PIN})

    assert [answer.status_code for answer in (form, wrong, right)] == [200, 403, 200]
    assert not any("Reyes" in answer.text or "EW0162" in answer.text for answer in (form, wrong))
    words = words_on(right.text)
    for expected in ("Ana Reyes", "March 27, 1985", "April 8, 2021", "April 29, 2021"):
        assert expected in words
    for dose in ana.record.immunizations:
        assert {packaged()[dose.cvx].product, dose.lot, dose.place} <= set(words)


def test_looking_at_a_link_changes_nothing(demo: Running) -> None:
    demo.ask(PEOPLE["omar"], "1", "link")
    link = link_in(demo.message_to(PEOPLE["omar"].phone).body, demo)
    until(lambda: is_idle(demo))
    before = everything_in(demo)

    looks = [requests.request(method, link) for method in ("GET", "HEAD", "GET", "GET", "GET", "GET", "OPTIONS")]

    assert {look.status_code for look in looks} == {200}
    assert everything_in(demo) == before
    assert "203A21A" in requests.post(link, {"pin": PIN}).text


def test_what_the_page_gives_to_keep_is_the_registrys_record_truly_signed(demo: Running) -> None:
    margaret = PEOPLE["margaret"]
    demo.ask(margaret, "1", "link")
    page = requests.post(link_in(demo.message_to(margaret.phone).body, demo), {"pin": PIN})

    picture, pdf, file = (download(page, demo, suffix) for suffix in ("png", "pdf", "smart-health-card"))

    assert picture.headers["Content-Type"] == "image/png"
    assert pdf.content.startswith(b"%PDF")
    assert_is_record_of(margaret, read_card(scan(picture.content)), demo)
    assert json.loads(file.content)["verifiableCredential"] == [as_jws(scan(picture.content))]


def test_a_resident_who_asks_in_spanish_gets_her_record_as_a_picture(demo: Running) -> None:
    jose = PEOPLE["jose"]
    told = demo.text(
        jose.phone, "hola", "2", "José", "Muñoz-Peña", "2 de diciembre de 1990", "1", "ACEPTO", PIN, "imagen"
    )

    message = demo.message_to(jose.phone)

    assert str(told[-1]).startswith("Gracias.")
    assert message.body.startswith("Este es el QR")
    assert "/r/" not in message.body
    head, get = message.fetched
    assert [(look.method, look.status, look.content_type) for look in (head, get)] == [
        ("HEAD", 200, "image/png"),
        ("GET", 200, "image/png"),
    ]
    assert_is_record_of(jose, read_card(scan(get.content)), demo)


def test_a_link_for_another_phone_on_the_record_goes_there_and_only_there(demo: Running) -> None:
    tom = PEOPLE["tom"]
    chat = str(demo.ask(tom, tom.contact_hint)[-1])

    elsewhere = demo.message_to(tom.contact_hint)

    assert "http" not in chat
    assert "If that phone or email is on a record" in chat
    assert "038B21A" in requests.post(link_in(elsewhere.body, demo), {"pin": PIN}).text
    until(lambda: is_idle(demo))
    assert [message.to for message in demo.twilio.sent] == [tom.contact_hint]


def test_a_link_for_an_email_on_the_record_goes_there_and_only_there(demo: Running) -> None:
    priya = PEOPLE["priya"]
    chat = str(demo.ask(priya, "Priya.Natarajan@Example.org")[-1])

    (mail,) = until(lambda: demo.smtp.mails)

    assert (mail.sender, mail.recipients) == (SENDER, ("priya.natarajan@example.org",))
    assert mail.parsed["Subject"] == "Your COVID-19 vaccine record"
    assert "EW0196" in requests.post(link_in(mail.text, demo), {"pin": PIN}).text
    assert "http" not in chat
    assert demo.twilio.sent == []


def test_a_contact_that_is_not_on_the_record_gets_nothing_and_the_chat_hears_the_same(demo: Running) -> None:
    tom, grace = PEOPLE["tom"], PEOPLE["grace"]
    on_record = demo.ask(tom, tom.contact_hint)[-1]
    until(lambda: is_idle(demo))
    looked = demo.count("lookup")

    told = [demo.ask(grace, STRANGER)[-1], demo.ask(PEOPLE["fatima"], "stranger@example.org")[-1]]

    assert told == [on_record, on_record]
    until(lambda: is_idle(demo))
    assert [line["found"] for line in demo.events() if line["event"] == "lookup"][looked:] == [False, False]
    assert demo.twilio.to(STRANGER) == []
    assert demo.smtp.mails == []


@pytest.mark.parametrize("key", ["ruth", "ben", "linh"], ids=["another's number", "no COVID-19 dose", "two of them"])
def test_without_one_record_for_this_number_the_chat_hears_no_match(key: str, demo: Running) -> None:
    person = PEOPLE[key]

    demo.ask(person, "1", "link")

    assert "We found no COVID-19 vaccine record" in demo.message_to(person.phone).body
    assert {message.to for message in demo.twilio.sent} == {person.phone}


def test_a_forged_webhook_is_refused(demo: Running) -> None:
    form = {"MessageSid": "SM" + "0" * 32, "AccountSid": ACCOUNT_SID, "From": PEOPLE["ana"].phone, "Body": "Hi"}

    answer = requests.post(f"{demo.url}/twilio/sms", form, headers={"X-Twilio-Signature": "nonsense"})

    assert answer.status_code == 403


def test_the_logs_hold_nothing_personal(demo: Running) -> None:
    ana, tom, priya = (PEOPLE[key] for key in ("ana", "tom", "priya"))
    demo.ask(ana, "1", "link")
    demo.ask(tom, tom.contact_hint)
    demo.ask(priya, priya.contact_hint)
    link = link_in(demo.message_to(ana.phone).body, demo)
    for pin in ("1357", PIN):
        requests.post(link, {"pin": pin})
    requests.get(f"{link}%00?name=Reyes")
    others = demo.message_to(tom.contact_hint).body, until(lambda: demo.smtp.mails)[0].text

    logged = demo.log.read_text()

    assert {"text", "lookup", "sent", "link_opened", "pin_wrong"} <= {str(line["event"]) for line in demo.events()}
    links = (link, *(link_in(other, demo) for other in others))
    assert [text for text in personal(*links) if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", logged)] == []
    assert "Traceback" not in logged
    assert "Warning" not in logged


def test_asked_to_stop_the_demo_ends_with_all_its_processes(
    tmp_path: Path, outside: tuple[FakeTwilio, FakeSmtp]
) -> None:
    running = Running(tmp_path, *outside)
    demo = running.start("bot.cli", "demo")
    try:
        until(lambda: running.is_ready() and running.count("worker_ready"), 30)
        children = psutil.Process(demo.pid).children(recursive=True)

        demo.send_signal(signal.SIGINT)

        assert demo.wait(20) == 0
        assert len(children) >= 6  # Redis, the worker, gunicorn and its workers, and their keepers
        assert psutil.wait_procs(children, timeout=5)[1] == []
        assert "Traceback" not in running.log.read_text()
    finally:
        running.stop()


def test_a_killed_worker_ends_the_demo_and_leaves_nothing_running(
    tmp_path: Path, outside: tuple[FakeTwilio, FakeSmtp]
) -> None:
    running = Running(tmp_path, *outside)
    demo = running.start("bot.cli", "demo")
    try:
        until(lambda: running.is_ready() and running.count("worker_ready"), 30)
        children = psutil.Process(demo.pid).children(recursive=True)
        (worker,) = filter(is_worker, children)

        worker.kill()

        assert demo.wait(20) == 1
        assert "worker ended by itself with status 137" in running.log.read_text()
        assert psutil.wait_procs(children, timeout=5)[1] == []
    finally:
        running.stop()


def test_work_waits_for_a_worker(apart: Running) -> None:
    ana = PEOPLE["ana"]
    apart.start_web()
    apart.ask(ana, "1", "link")

    apart.start_worker()

    assert "EW0162" in requests.post(link_in(apart.message_to(ana.phone).body, apart), {"pin": PIN}).text


def test_a_worker_that_is_killed_while_it_sends_leaves_the_work_to_the_next(apart: Running) -> None:
    ana = PEOPLE["ana"]
    apart.start_web()
    worker = apart.start_worker()
    apart.twilio.fail(SILENCE)
    apart.ask(ana, "1", "link")
    until(lambda: apart.twilio.asked)

    worker.kill()
    worker.wait()
    apart.start_worker()

    message = apart.message_to(ana.phone, PATIENCE)
    assert message.body == apart.twilio.asked[0]["Body"]  # the very same link
    assert "EW0162" in requests.post(link_in(message.body, apart), {"pin": PIN}).text


def test_a_request_that_waits_for_the_registry_survives_a_killed_worker(apart: Running) -> None:
    ana = PEOPLE["ana"]
    apart.start_web()
    worker = apart.start_worker()
    registry = apart.folder / "var" / DEMO_REGISTRY
    away = registry.rename(registry.with_suffix(".away"))
    apart.ask(ana, "1", "link")
    until(lambda: apart.count("iis_unavailable"))

    worker.kill()
    worker.wait()
    away.rename(registry)
    apart.start_worker()

    message = apart.message_to(ana.phone, PATIENCE)
    assert "EW0162" in requests.post(link_in(message.body, apart), {"pin": PIN}).text
    assert len(apart.twilio.to(ana.phone)) == 1


def download(page: requests.Response, running: Running, suffix: str) -> requests.Response:
    """What a link of the page leads to."""
    found = re.search(rf'href="(/m/[^"]+\.{suffix})"', page.text)
    assert found, f"the page offers no {suffix}"
    answer = requests.get(running.url + found[1])
    assert answer.status_code == 200
    return answer


def assert_is_record_of(person: DemoPerson, card: CardRead, running: Running) -> None:
    record = person.record
    assert card.issuer == running.url
    assert card.patient["name"] == [{"family": record.family, "given": list(record.given)}]
    assert card.patient["birthDate"] == record.birth_date.isoformat()
    assert card.doses == [on_card(dose) for dose in record.immunizations]


def as_jws(scanned: str) -> str:
    return "".join(chr(int(pair) + 45) for pair in re.findall("..", scanned.removeprefix("shc:/")))


def words_on(page: str) -> list[str]:
    """Every text of the page, as a person reads it."""
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = lambda data: found.append(data.strip())  # type: ignore[method-assign]
    parser.feed(page)
    return found


def everything_in(running: Running) -> dict[bytes, bytes]:
    """All that is stored, while nobody texts."""
    with store_of(running) as client:
        return {key: client.dump(key) or b"" for key in client.scan_iter("vt:*")}


def personal(*links: str) -> Iterator[str]:
    """Whatever must not be in a log: all of the demo people, and these links."""
    for person in PEOPLE.values():
        record, born = person.record, person.record.birth_date
        yield from (record.family, person.phone, *record.contacts)
        yield from (born.isoformat(), f"{born:%B %d}", f"{born:%m/%d/%Y}")
        yield from (contact.removeprefix("+1") for contact in (person.phone, *record.contacts))
        yield from (dose.lot for dose in record.immunizations if dose.lot)
    yield from (AUTH_TOKEN, PIN, "1357", STRANGER, "stranger@example.org")
    yield from (link.rpartition("/r/")[2] for link in links)
