"""Metrics: what happened is counted, with labels from closed sets and nothing personal, and not on the public port."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from conftest import ACCOUNT_SID, AUTH_TOKEN, Clock, Phone, RecordedJobs
from counted import Difference, counting, samples
from fakes.post_office import PostOffice
from fakes.smtp import free_port
from fakes.twilio import DELIVERED
from fakes.until import until
from flask.testing import FlaskClient
from running import PEOPLE, PIN, apart, link_in
from spelling import clear

from bot.config import read_settings
from bot.delivery.console import ConsoleDelivery
from bot.iis.demo_people import demo_people
from bot.limits.table import LIMITS
from bot.metrics import counters
from bot.outbox.delivery import Message, Report
from bot.ports import DeliveryUnavailable, IISUnavailable, Services, StoreUnavailable
from bot.readings import exposition
from bot.store.healths import ERRORS, RedisHealths
from bot.sweeping import sweep
from bot.wiring import build_system

ANSWERS = ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")


@pytest.fixture(autouse=True)
def counted() -> Iterator[None]:
    with counting():
        yield


@pytest.fixture
def since(services: Services) -> Difference:
    return Difference(services)


def test_texts_and_replies_are_counted_by_state_and_language(phone: Phone, since: Difference) -> None:
    phone.text("Hola", "2", "Ana", "STOP")

    assert since["vaxtext_texts_total{answer=reply}"] == 3
    assert since["vaxtext_texts_total{answer=silence}"] == 1
    assert since["vaxtext_replies_total{language=,state=welcome}"] == 1
    assert since["vaxtext_replies_total{language=es,state=ask_last_name}"] == 1
    assert since["vaxtext_segments_total{sent_as=reply}"] >= 3


def test_each_providers_share_is_told_by_its_number(tmp_path: Path, redis_url: str) -> None:
    relays = "smtps://one.example.org?from=a@example.org smtps://two.example.org?from=a@example.org"
    twilio = {"twilio_account_sid": ACCOUNT_SID, "twilio_auth_token": AUTH_TOKEN, "twilio_from": "+15005550006"}
    given = {"redis_url": redis_url, "data_dir": tmp_path, "smtp_url": relays, "public_url": "https://vax.example.org"}
    system = build_system(read_settings({**given, **twilio}))
    RedisHealths(system.client).note(ACCOUNT_SID, "well")
    for _ in range(ERRORS):
        RedisHealths(system.client).note("two.example.org:465", "error")

    told = exposition(system.services).decode()
    system.close()

    shares = re.findall(r'^vaxtext_provider_percent{provider="(.*)"} (.*)$', told, re.M)
    assert shares == [("1", "100.0"), ("mail-1", "100.0"), ("mail-2", "90.0")]
    assert ACCOUNT_SID not in told


def test_a_text_that_we_could_not_answer_is_counted_as_sorry(
    phone: Phone, services: Services, since: Difference, client: FlaskClient
) -> None:
    class Away:
        def key(self, number: str) -> str:
            raise StoreUnavailable("ConnectionError")

    broken = replace(services, sessions=Away())
    client.application.extensions["vaxtext"] = replace(client.application.extensions["vaxtext"], services=broken)

    assert "Sorry" in str(phone.text("Hi"))

    assert since["vaxtext_texts_total{answer=sorry}"] == 1


def test_a_request_is_counted_from_lookup_to_the_opened_link(post: PostOffice, since: Difference) -> None:
    post.ask(*ANSWERS)
    post.send()
    post.call_back("delivered")
    token = post.bodies()[0].partition("/r/")[2].split()[0]
    for pin in ("1111", "4821"):
        post.phone.client.post(f"/r/{token}", data={"pin": pin})

    assert since["vaxtext_lookups_total{outcome=found}"] == 1
    assert since["vaxtext_outcomes_total{outcome=sent}"] == 1
    assert since["vaxtext_deliveries_total{code=,status=accepted}"] == 1
    assert since["vaxtext_deliveries_total{code=,status=delivered}"] == 1
    assert since["vaxtext_segments_total{sent_as=message}"] >= 2
    assert since["vaxtext_wrong_pins_total{last=no}"] == 1
    assert since["vaxtext_link_openings_total"] == 1


def test_the_pin_that_burns_a_link_is_counted_too(post: PostOffice, since: Difference) -> None:
    post.ask(*ANSWERS)
    post.send()
    token = post.bodies()[0].partition("/r/")[2].split()[0]
    for pin in ("1111", "2222", "3333", "5555", "6666", "4821"):
        post.phone.client.post(f"/r/{token}", data={"pin": pin})

    assert since["vaxtext_wrong_pins_total{last=no}"] == 4
    assert since["vaxtext_wrong_pins_total{last=yes}"] == 1
    assert since["vaxtext_link_openings_total"] == 0


def test_failures_are_counted_by_the_carriers_code(post: PostOffice, since: Difference) -> None:
    post.ask(*ANSWERS)
    post.send()
    post.call_back("undelivered", 30006)

    assert since["vaxtext_deliveries_total{code=30006,status=failed}"] == 1


def test_a_registry_away_and_an_abandoned_conversation_are_counted(
    phone: Phone, jobs: RecordedJobs, services: Services, clock: Clock, since: Difference
) -> None:
    class Down:
        def find(self, who: object) -> None:
            raise IISUnavailable("switched off")

    phone.text(*ANSWERS)
    jobs.services = replace(services, iis=Down())
    jobs.work()
    phone.text("RESTART", "1", "Ana")
    clock.wait(1801)
    sweep(services)

    assert since["vaxtext_lookups_total{outcome=unavailable}"] == 1
    assert since["vaxtext_abandoned_total{language=en,state=ask_last_name}"] == 1


def test_whole_conversations_of_people_leave_nothing_of_them_in_the_metrics(
    phone: Phone, jobs: RecordedJobs, client: FlaskClient, services: Services
) -> None:
    personal = {"4821", "1357", "qwzx@example.org"}
    for person in demo_people():
        phone.number = person.phone
        name, family = " ".join(person.record.given), person.record.family
        born = f"{person.record.birth_date:%m/%d/%Y}"
        personal |= {person.phone, person.phone[1:], family, name, born, person.record.birth_date.isoformat()}
        phone.text("Hi", "1", name, family, born, "qwzx@example.org", "BACK", "1", "1", "4821", name, "1", family)
        jobs.work()
        for token in re.findall(r"/r/([a-z2-7]{26})", str(phone.received())):
            personal.add(token)
            client.post(f"/r/{token}", data={"pin": "1357"})
            client.post(f"/r/{token}", data={"pin": "4821"})

    told = exposition(services).decode()

    assert any(len(value) == 26 for value in personal)
    assert clear(told, tuple(personal)) == []
    labels = {value for line in told.splitlines() for value in re.findall(r'vaxtext\S*?="([^"]*)"', line)}
    flow = services.flow
    known = {
        *flow.states,
        *flow.languages,
        "",
        *counters.STATUSES,
        "reply",
        "silence",
        "sorry",
        "message",
        "no",
        "yes",
        *LIMITS,
    }
    events = {name for name in labels if f'event="{name}"' in told}
    outcomes = {name for state in flow.states.values() for name in state.next} | {
        "found",
        "none",
        "unavailable",
        "rejected",
    }
    assert {
        label for label in labels - known - events - outcomes if not re.fullmatch(r"\d{1,5}|mail-\d|registry", label)
    } == set()


@pytest.mark.parametrize("value", ["Kowalski", "+13605550111", "7391", "a" * 50, "Ana Reyes", 'x"y', "tom@example.org"])
@pytest.mark.parametrize("label", [counters.code, counters.language, counters.state], ids=["code", "language", "state"])
def test_a_label_of_another_shape_is_other(label: counters.Bounded, value: str) -> None:
    assert label(value) == "other"


def test_labels_have_an_end_however_many_values_come() -> None:
    label = counters.Bounded(re.compile("[a-z0-9]+"), 20)

    assert len({label(f"state{number}") for number in range(10_000)}) == 21
    assert label("state3") == "state3"


def test_carriers_that_answer_anything_do_not_fill_the_metrics(post: PostOffice, services: Services) -> None:
    class Babbling(ConsoleDelivery):
        def send(self, message: Message) -> Report:
            raise DeliveryUnavailable("550 5.1.1 <tom@example.org> unknown")

    post.ask(*ANSWERS)
    post.use(Babbling())
    post.send()

    assert "tom@example.org" not in exposition(services).decode()
    assert 'vaxtext_deliveries_total{code="other",status="put_off"}' in exposition(services).decode()


def test_the_public_port_has_no_metrics(client: FlaskClient) -> None:
    for headers in ({}, {"Host": "127.0.0.1:9101"}, {"X-Forwarded-Port": "9101", "X-Forwarded-Host": "localhost:9101"}):
        assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.e2e
def test_one_answer_counts_for_all_processes_of_gunicorn_and_the_worker_has_its_own(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    web_port, worker_port, ana = free_port(), free_port(), PEOPLE["ana"]
    monkeypatch.setenv("METRICS_PORT", str(web_port))
    monkeypatch.setenv("WORKER_PORT", str(worker_port))
    with apart(tmp_path, redis_url) as running:
        running.twilio.reports = DELIVERED
        running.start("gunicorn", "--workers", "3", "app:app")
        running.start_worker()
        until(running.is_ready, 30)
        running.ask(ana, "1", "link")
        link = link_in(running.message_to(ana.phone).body, running)
        for _ in range(3):
            requests.post(link, {"pin": PIN})
        told = [samples(requests.get(f"http://127.0.0.1:{web_port}/metrics").text) for _ in range(6)]
        worked = samples(requests.get(f"http://127.0.0.1:{worker_port}/metrics").text)
        public = requests.get(f"{running.url}/metrics", headers={"Host": f"127.0.0.1:{web_port}"})

    assert {page["vaxtext_texts_total{answer=reply}"] for page in told} == {9}
    assert {page["vaxtext_link_openings_total"] for page in told} == {3}
    assert {page["vaxtext_workers"] for page in told} == {1}
    assert (worked["vaxtext_lookups_total{outcome=found}"], worked["vaxtext_outcomes_total{outcome=sent}"]) == (1, 1)
    assert worked["vaxtext_breaker_state{breaker=registry}"] == 0
    assert public.status_code == 404
    lines = running.log.read_text().splitlines()
    assert {line[:1] for line in lines} == {"{"}
