"""Nothing about a record goes to anybody but a contact on it, and the chat learns nothing it may not know."""

from dataclasses import replace
from datetime import date

import pytest
from conftest import ANA, Phone, RecordedJobs, reply_in
from fakes.carrier import Carrier

from bot.conversation.session import Session, Work
from bot.delivery.console import read_outbox
from bot.jobs import run
from bot.may_deliver import may_deliver
from bot.ports import DeliveryRefused, DeliveryUnavailable, Services
from bot.records import Demographics, VaccineRecord
from bot.wiring import System

TOM = ("Hi", "1", "Tom", "Kowalski", "12/31/1977")
STRANGER = "+13605550190"
RECORD = VaccineRecord(
    patient_id="p1",
    family="Reyes",
    given=("Ana",),
    birth_date=date(1985, 3, 27),
    phones=frozenset({ANA}),
    emails=frozenset({"ana@example.org"}),
)


@pytest.mark.parametrize(
    ("asked", "sender", "to", "picture", "allowed"),
    [
        (ANA, ANA, ANA, False, True),
        (ANA, ANA, ANA, True, True),
        (ANA, STRANGER, ANA, False, True),
        (ANA, STRANGER, ANA, True, False),
        (ANA, STRANGER, STRANGER, False, False),
        (ANA, ANA, STRANGER, False, False),
        (STRANGER, STRANGER, STRANGER, False, False),
        (STRANGER, ANA, ANA, False, False),
        ("ana@example.org", STRANGER, "ana@example.org", False, True),
        ("ana@example.org", ANA, ANA, False, False),
        ("ana@example.org", ANA, "ana@example.org", True, False),
        ("Ana@example.org", ANA, "Ana@example.org", False, False),
        ("", "", "", False, False),
    ],
)
def test_only_the_contact_asked_for_and_only_if_it_is_on_the_record(
    asked: str, sender: str, to: str, picture: bool, allowed: bool
) -> None:
    assert may_deliver(RECORD, asked=asked, sender=sender, to=to, picture=picture) is allowed


@pytest.mark.parametrize(
    ("asked", "sender", "to", "emails", "allowed"),
    [
        (ANA, ANA, "ana@example.org", ("ana@example.org",), True),
        (ANA, STRANGER, "ana@example.org", ("ana@example.org",), True),
        (ANA, ANA, "ana@example.org", ("ana@example.org", "old@example.org"), False),
        (ANA, ANA, "eve@example.org", ("ana@example.org",), False),
        (ANA, ANA, "", (), False),
        (ANA, ANA, ANA, ("ana@example.org",), False),
        (STRANGER, STRANGER, "ana@example.org", ("ana@example.org",), False),
        ("ana@example.org", ANA, "ana@example.org", ("ana@example.org",), False),
        ("old@example.org", ANA, "ana@example.org", ("ana@example.org",), False),
    ],
    ids=[
        "her own phone",
        "another phone on the record",
        "two emails",
        "another email",
        "no email",
        "a phone",
        "a phone that is not on the record",
        "an email instead of itself",
        "an email that is not on the record",
    ],
)
def test_when_no_text_reaches_a_phone_on_the_record_the_one_email_on_it_may_serve(
    asked: str, sender: str, to: str, emails: tuple[str, ...], allowed: bool
) -> None:
    record = replace(RECORD, emails=frozenset(emails))

    assert may_deliver(record, asked=asked, sender=sender, to=to, instead=True) is allowed
    assert may_deliver(record, asked=asked, sender=sender, to=to, instead=True, picture=True) is False


def test_a_link_for_another_phone_goes_there_and_the_chat_gets_neutral_words(phone: Phone, jobs: RecordedJobs) -> None:
    phone.number = "+13605550111"
    reply = phone.text(*TOM, "360-555-0112", "1", "4821")

    jobs.work()

    (elsewhere,) = read_outbox(phone.outbox)
    assert str(reply).startswith("If that phone or email is on a record")
    assert elsewhere["to"] == "+13605550112"
    assert "/r/" in str(elsewhere["body"])


def test_the_chat_reads_the_same_whether_or_not_another_contact_matched(phone: Phone, jobs: RecordedJobs) -> None:
    chats = []
    for contact in ("360-555-0112", "360-555-0190"):
        before = len(phone.replies)
        phone.number = "+13605550111"
        phone.text(*TOM, contact, "1", "4821")
        jobs.work()
        phone.text("link", "2")  # and nobody else
        chats.append((phone.replies[before:], phone.received()))

    assert chats[0] == chats[1]


def test_a_contact_that_is_on_no_record_gets_nothing(phone: Phone, jobs: RecordedJobs) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "360-555-0190", "1", "4821")

    jobs.work()

    assert read_outbox(phone.outbox) == []


def test_another_persons_contact_gets_nothing_even_if_it_is_on_some_record(phone: Phone, jobs: RecordedJobs) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "360-555-0112", "1", "4821")

    jobs.work()

    assert read_outbox(phone.outbox) == []


def test_the_chat_is_answered_in_the_reply_to_the_last_answer_and_never_again(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    carrier = Carrier()
    jobs.services = replace(services, carrier=carrier)
    phone.number = "+13605550111"
    reply = phone.text(*TOM, "360-555-0112", "1", "4821")
    (job,) = jobs.queued

    jobs.work()
    run(jobs.services, *job)  # the queue may bring it once more
    jobs.work()

    assert str(reply).startswith("If that phone or email is on a record")
    assert [message.to for message in carrier.sent] == ["+13605550112"]


def test_a_last_answer_that_is_posted_twice_starts_one_piece_of_work(phone: Phone, jobs: RecordedJobs) -> None:
    phone.number = "+13605550111"
    phone.text(*TOM, "360-555-0112", "1")

    first, again = (reply_in(phone.post("4821", sid="SM" + "7" * 32)) for _ in range(2))

    assert first == again
    assert len(jobs.queued) == 1


def test_the_senders_own_number_hears_that_nothing_was_found(phone: Phone, jobs: RecordedJobs) -> None:
    phone.text("Hi", "1", "Anna", "Nobody", "3/27/1985", "1", "1", "4821", "1")

    jobs.work()

    assert "found no COVID-19 vaccine record" in str(phone.received()[0]["body"])
    assert "first name" in str(phone.text("1"))


def test_a_person_without_covid_doses_hears_the_same(phone: Phone, jobs: RecordedJobs) -> None:
    phone.number = "+13605550115"
    phone.text("Hi", "1", "Ben", "Carter", "9/14/2001", "1", "1", "4821", "1")

    jobs.work()

    assert "found no COVID-19 vaccine record" in str(phone.received()[0]["body"])


def test_a_message_that_was_not_taken_is_sent_again_with_the_same_link(
    phone: Phone, jobs: RecordedJobs, services: Services, system: System
) -> None:
    carrier = Carrier([DeliveryUnavailable("20429")] * 3)
    jobs.services = replace(services, carrier=carrier)
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
    (job,) = jobs.queued

    jobs.work(rounds=4)
    run(jobs.services, *job)  # the queue may bring it once more
    jobs.work()

    assert len(carrier.sent) == 1
    assert "/r/" in carrier.sent[0].body
    assert len(list(system.client.scan_iter("vt:l:*"))) == 1


def test_a_link_for_an_email_has_what_residents_get_in_its_subject(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    carrier = Carrier()
    jobs.services = replace(services, carrier=carrier)
    phone.text("Hi", "2", "Priya", "Natarajan", "17 abril 1994", "priya.natarajan@example.org", "1", "4821")

    jobs.work()

    (email,) = (message for message in carrier.sent if "@" in message.to)
    assert (email.to, email.subject) == ("priya.natarajan@example.org", "Su registro de vacuna COVID-19")


def test_a_link_that_can_never_arrive_elsewhere_says_nothing_in_the_chat(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    carrier = Carrier(refuses={"+13605550112": DeliveryRefused("21614")})
    jobs.services = replace(services, carrier=carrier)
    phone.number = "+13605550111"
    phone.text(*TOM, "360-555-0112", "1", "4821")

    jobs.work()

    assert carrier.sent == []
    assert jobs.queued == []


def test_restarting_while_we_look_takes_the_request_back(phone: Phone, jobs: RecordedJobs) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1", "RESTART")

    jobs.work()

    assert phone.received() == []


def test_a_link_for_another_contact_is_made_once_however_often_sending_is_tried(
    phone: Phone, jobs: RecordedJobs, services: Services, system: System
) -> None:
    carrier = Carrier()
    jobs.services = replace(services, carrier=carrier)
    phone.number = "+13605550111"
    phone.text(*TOM, "360-555-0112", "1", "4821")
    carrier.refuses["+13605550112"] = DeliveryUnavailable("503")
    jobs.work(rounds=3)

    carrier.refuses.clear()
    jobs.work()

    assert [message.to for message in carrier.sent] == ["+13605550112"]
    assert len(list(system.client.scan_iter("vt:l:*"))) == 1


def test_a_picture_waits_for_its_message_however_long_the_carrier_is_away(
    phone: Phone, jobs: RecordedJobs, services: Services, system: System
) -> None:
    carrier = Carrier([DeliveryUnavailable("503")])
    jobs.services = replace(services, carrier=carrier)
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "picture")

    jobs.work()
    (name,) = system.client.scan_iter("vt:m:*")
    waiting = system.client.ttl(name)
    jobs.work()

    assert waiting > 600 >= system.client.ttl(name) > 0
    assert carrier.sent[0].media_url


def test_an_answer_that_waits_to_be_sent_is_not_pushed_out_by_other_texts(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    carrier = Carrier([DeliveryUnavailable("503")])
    jobs.services = replace(services, carrier=carrier)
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
    jobs.work()

    phone.text(*["hello?"] * 80)
    jobs.work()

    assert "/r/" in carrier.sent[0].body


def test_what_said_an_answer_back_is_forgotten_with_the_answers(phone: Phone, services: Services) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/4/85", "STOP")

    session = services.sessions.load(services.sessions.key(ANA)).session

    assert session is not None
    assert b"March 4" not in session.to_bytes()
    assert len(session.seen) == 6


def test_a_middle_name_that_a_flow_asks_for_takes_part_in_the_search(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    asked: list[Demographics] = []

    class Listening:
        def find(self, who: Demographics) -> VaccineRecord | None:
            asked.append(who)
            return services.iis.find(who)

        def ping(self) -> None: ...

    answers = {"first_name": "Margaret", "middle_name": "M", "last_name": "O'Neill", "birth_date": "1938-11-21"}
    number = "+13605550116"
    work = Work("w1", "looking", "send_record", {**answers, "contact": number, "pin": "4821"}, "en", 0.0)
    session = Session(phone=number, flow=services.flow.structure, state="looking", work=(work,))
    key = services.sessions.key(number)
    services.sessions.save(key, session, b"", 60)

    run(replace(services, iis=Listening()), key, "w1", 0.0)
    jobs.send()

    assert asked[0].first_name == "Margaret M"
    phone.number = number
    assert "/r/" in str(phone.received()[0]["body"])
