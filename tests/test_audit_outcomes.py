"""The audit trail has every request that was made, with what became of it in truth, whatever its chat was told."""

import re
from dataclasses import replace
from datetime import date

import orjson
import pytest
from conftest import Phone, RecordedJobs

from bot.audit.draining import drain
from bot.audit.trail import SqlTrail
from bot.audit.words import OUTCOMES
from bot.limits.table import DAY, Rule
from bot.ports import Services
from bot.records import Demographics
from bot.transcripts.app import Clock, FixedFlow
from bot.wiring import System, build_app

REYES = ("Hi", "1", "Ana", "Reyes", "3/27/1985")
HER_PHONE = "360-555-0100"
STRANGER = "+13605550188"


def limited(system: System, phone: Phone, jobs: RecordedJobs, **rules: int) -> Phone:
    """The phone of a stranger where staff set these limits."""
    flow = system.services.flow
    allowed = {**flow.allowed, **{name: (Rule(most, DAY),) for name, most in rules.items()}}
    services = replace(system.services, flows=FixedFlow(replace(flow, allowed=allowed)))
    jobs.services = services
    served = build_app(replace(system, services=services)).test_client()
    return replace(phone, client=served, number=STRANGER, replies=[])


def asks(phone: Phone, *rest: str, name: tuple[str, ...] = REYES) -> list[str | None]:
    before = len(phone.replies)
    phone.text(*name, *rest)
    return phone.replies[before:]


def outcomes(services: Services) -> list[str]:
    """Of each request, in their order; "" where there is none."""
    drain(services)
    assert isinstance(services.trail, SqlTrail)
    rows = list(services.trail.rows())
    known = {row.request: str(orjson.loads(row.facts)["outcome"]) for row in rows if row.event == "outcome"}
    return [known.get(row.request, "") for row in rows if row.event == "requested"]


@pytest.fixture
def no_more(system: System, phone: Phone, jobs: RecordedJobs) -> Phone:
    return limited(system, phone, jobs, lookups=1)


def test_a_request_for_another_contact_that_a_limit_refuses_is_on_record(
    no_more: Phone, jobs: RecordedJobs, services: Services
) -> None:
    for _ in range(2):
        asks(no_more, HER_PHONE, "AGREE", "4821")
        jobs.work()

    assert outcomes(services) == ["sent", "over_limit"]
    assert isinstance(services.trail, SqlTrail)
    row = [row for row in services.trail.rows() if row.event == "requested"][-1]
    assert row.sender == services.audit.key.pseudonym("contact", STRANGER)
    assert row.contact == services.audit.key.pseudonym("contact", "+13605550100")
    facts = orjson.loads(row.facts)
    assert (facts["contact_is"], facts["language"]) == ("phone", "en")
    assert re.fullmatch("[0-9a-f]+", facts["declared_words"])


def test_a_refused_text_that_comes_twice_is_on_record_once(
    no_more: Phone, jobs: RecordedJobs, services: Services
) -> None:
    asks(no_more, HER_PHONE, "AGREE", "4821")
    asks(no_more, HER_PHONE, "AGREE")
    for _ in range(2):
        no_more.post("4821", sid="SM" + "7" * 32)

    assert outcomes(services) == ["", "over_limit"]


def test_a_request_of_her_own_phone_that_a_limit_refuses_is_on_record(
    no_more: Phone, jobs: RecordedJobs, services: Services
) -> None:
    for _ in range(2):
        asks(no_more, "1", "AGREE", "4821", "1")
        jobs.work()

    assert outcomes(services) == ["no_match", "over_limit"]


def test_too_many_links_for_a_contact_and_a_registry_that_was_asked_are_on_record(
    system: System, phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    stranger = limited(system, phone, jobs, links_to_a_contact=1)

    read = []
    for _ in range(2):
        read.append(asks(stranger, HER_PHONE, "AGREE", "4821"))
        jobs.work()

    assert outcomes(services) == ["sent", "contact_over_limit"]
    assert read[0][-1] == read[1][-1]


def test_a_phone_that_said_stop_is_on_record_as_the_reason_why_nothing_was_sent(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    phone.text("STOP")

    asks(replace(phone, number=STRANGER, replies=[]), HER_PHONE, "AGREE", "4821")
    jobs.work()

    assert outcomes(services) == ["stopped"]


def test_texts_that_are_posted_again_after_their_day_are_a_request_of_their_own_counted_and_on_record(
    no_more: Phone, jobs: RecordedJobs, services: Services, system: System, clock: Clock
) -> None:
    for _ in range(2):
        for number, text in enumerate((*REYES, HER_PHONE, "AGREE", "4821")):
            no_more.post(text, sid=f"SM{number:032x}")
        jobs.work()
        clock.wait(25 * 3600)
        system.client.delete(*system.client.scan_iter("vt:s:*"))  # as Redis does after a day

    assert outcomes(services) == ["sent", "over_limit"]


@pytest.mark.parametrize(("contact", "rest"), [(HER_PHONE, ()), ("1", ("1",))], ids=["elsewhere", "her own"])
def test_links_that_rest_are_on_record_as_such(
    system: System, phone: Phone, jobs: RecordedJobs, services: Services, contact: str, rest: tuple[str, ...]
) -> None:
    asking = limited(system, phone, jobs, wrong_pins_in_a_row=1)
    if contact == "1":
        asking = replace(asking, number=phone.number)
    record = record_of_ana(system, phone.number)
    guess_in_vain(services, record)

    asks(asking, contact, "AGREE", "4821", *rest)
    jobs.work()

    assert outcomes(services) == ["rests"]


def test_where_so_many_asked_that_nobody_hears_it_a_person_who_was_not_found_is_on_record_as_that(
    system: System, phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    stranger = limited(system, phone, jobs, guesses_at_one_person=1)
    nobody = ("Hi", "1", "Nemo", "Nobody", "3/27/1985")

    for number in ("+13605550187", "+13605550188"):
        asks(replace(stranger, number=number), "1", "AGREE", "4821", "1", name=nobody)
        jobs.work()

    assert outcomes(services) == ["no_match", "no_match"]


def test_a_fault_in_what_is_for_another_contact_is_on_record(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    asks(phone, "nobody@example.org", "AGREE", "4821")
    jobs.fault()

    assert outcomes(services) == ["fault"]


def test_each_outcome_that_is_written_has_words() -> None:
    assert {"over_limit", "contact_over_limit", "rests", "no_match", "fault", "down", "sent"} <= set(OUTCOMES)


def guess_in_vain(services: Services, record: str) -> None:
    """As many wrong PINs in a row as a record has, over many links."""
    while not services.links.rests(record):
        token = services.links.seal(b"{}", "4821", language="en", record=record)
        for pin in range(4):
            services.links.open(token, f"000{pin}")


def record_of_ana(system: System, phone: str) -> str:
    found = system.services.iis.find(Demographics("Ana", "Reyes", date(1985, 3, 27), phone))
    assert found
    return found.patient_id
