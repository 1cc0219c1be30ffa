"""The funnel: each conversation counts once in each state, small numbers are hidden, and only staff look at it."""

import csv
import io
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from axe import violations
from browser import Window, chromium, running_app
from click.testing import CliRunner
from conftest import Clock, Phone, RecordedJobs
from flask.testing import FlaskClient
from test_nothing_personal import PERSONAL, clear
from werkzeug.test import TestResponse

from bot.cli.funnel import _read, funnel
from bot.conversation.flow import Flow
from bot.funnel.fields import Field
from bot.funnel.summary import Number, summary
from bot.ports import Services
from bot.store.funnel import LIFE
from bot.sweeping import sweep
from bot.wiring import System, build_app

DAY = "2026-11-18"  # of the clock of tests
PASSWORD = "a password for staff"
ANSWERS = ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")


def counts(services: Services, **wanted: str) -> int:
    """How often this was counted today."""
    found = services.funnel.read([DAY])[DAY]
    return sum(n for known, n in found.items() if all(getattr(known, name) == value for name, value in wanted.items()))


def test_a_whole_conversation_counts_once_in_each_state(phone: Phone, jobs: RecordedJobs, services: Services) -> None:
    phone.text(*ANSWERS)
    jobs.work()

    assert counts(services, kind="started") == 1
    for state in ("welcome", "ask_first_name", "ask_dob", "ask_pin", "looking", "done"):
        assert counts(services, kind="reached", state=state) == 1, state
    assert counts(services, kind="outcome", code="sent", language="en") == 1
    assert counts(services, kind="finished") == 1
    assert counts(services, kind="abandoned") == 0


def test_going_back_and_texts_that_twilio_repeats_count_nothing_twice(phone: Phone, services: Services) -> None:
    phone.text("Hi", "1", "Ana", "BACK", "Ana")
    phone.post("Reyes", sid="SM" + "a" * 32)
    phone.post("Reyes", sid="SM" + "a" * 32)

    assert counts(services, kind="reached", state="ask_last_name") == 1
    assert counts(services, kind="reached", state="ask_dob") == 1


def test_questions_asked_again_count_by_their_reason(phone: Phone, services: Services) -> None:
    phone.text("Hola", "2", "Ana", "Reyes", "ayer", "mañana", "3/27/1985")

    assert counts(services, kind="retried", state="ask_dob", language="es") == 2
    assert counts(services, kind="retried", state="ask_dob", code="not_a_date") == 2


@pytest.mark.parametrize("how", ["silence", "STOP", "silence and another text"])
def test_who_gives_up_counts_once_where_she_did(how: str, phone: Phone, services: Services, clock: Clock) -> None:
    phone.text("Hi", "1", "Ana")
    if how == "STOP":
        phone.text("STOP")
    else:
        clock.wait(1801)
    if how == "silence and another text":
        phone.text("Hi")
    sweep(services)
    sweep(services)

    assert counts(services, kind="abandoned") == 1
    assert counts(services, kind="abandoned", state="ask_last_name", language="en") == 1


def test_who_has_her_record_and_says_no_more_did_not_give_up(
    phone: Phone, jobs: RecordedJobs, services: Services, clock: Clock
) -> None:
    phone.text(*ANSWERS)
    jobs.work()
    clock.wait(1801)
    sweep(services)

    assert counts(services, kind="abandoned") == 0


def test_a_family_in_one_conversation_is_one_that_finished_with_two_outcomes(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    phone.text(*ANSWERS)
    jobs.work()
    phone.text("1", "Ana", "Reyes", "3/27/1985", "1", "4821", "1")
    jobs.work()

    assert (counts(services, kind="finished"), counts(services, kind="outcome", code="sent")) == (1, 2)


def test_counters_end_after_ninety_days_and_tell_of_nobody(
    phone: Phone, jobs: RecordedJobs, services: Services, system: System
) -> None:
    phone.number = "+13605550111"
    phone.text("Hi", "1", "Tom", "Kowalski", "12/31/1977", "360-555-0112", "AGREE", "7391")
    jobs.work()

    (key,) = system.client.scan_iter("vt:u:*")
    assert 0 < system.client.ttl(key) <= LIFE == 90 * 86_400
    assert clear(" ".join(map(str, services.funnel.read([DAY])[DAY])), (*PERSONAL, "Tom")) == []


@pytest.mark.parametrize(("exact", "shown"), [(0, "0"), (1, "under 5"), (4, "under 5"), (5, "5"), (7, "5"), (8, "10")])
def test_small_numbers_are_hidden_and_others_rounded(exact: int, shown: str) -> None:
    assert str(Number(exact)) == shown


def test_no_number_that_is_shown_can_be_found_by_subtraction(services: Services) -> None:
    """Twelve in all, eight in English: how many in Spanish?"""
    flow = services.flow
    found = summary(flow, {DAY: made(flow, en=8, es=4)})

    by_language = {row.name: str(row.reached) for row in found.languages}
    assert str(found.total.reached) == "10"
    assert (by_language["en"], by_language["es"], by_language["ko"]) == ("10", "under 5", "0")
    assert "8" not in str(by_language)


def made(flow: Flow, **by_language: int) -> Mapping[Field, int]:
    started = {Field("started", flow.structure): sum(by_language.values())}
    named = {Field("reached", flow.structure, lang, "ask_first_name"): n for lang, n in by_language.items()}
    finished = {Field("finished", flow.structure, lang): n // 2 for lang, n in by_language.items()}
    stopped = {Field("abandoned", flow.structure, lang, "ask_first_name"): n // 4 for lang, n in by_language.items()}
    return {**started, **named, **finished, **stopped}


@pytest.fixture
def staff(system: System) -> FlaskClient:
    return build_app(
        replace(system, settings=system.settings.model_copy(update={"funnel_password": PASSWORD}))
    ).test_client()


def look(client: FlaskClient, path: str = "/staff/funnel", password: str = PASSWORD) -> TestResponse:
    return client.get(path, headers={"Authorization": "Basic " + b64encode(f"staff:{password}".encode()).decode()})


def test_the_page_shows_how_far_people_came(staff: FlaskClient, phone: Phone, jobs: RecordedJobs) -> None:
    for last in range(100, 112):
        phone.number = f"+13605559{last}"
        phone.text("Hi", "1", "Ana", "no date")

    page = look(staff)

    assert page.status_code == 200
    assert "<dd>10</dd>" in page.text
    assert "ask_last_name" in page.text
    assert "under 5" not in look(staff, "/staff/funnel?language=ko").text.partition("<dl>")[2].partition("</dl>")[0]


def test_the_table_has_the_same_numbers(staff: FlaskClient, phone: Phone) -> None:
    for last in range(100, 112):
        phone.number = f"+13605559{last}"
        phone.text("Hi", "1")
    phone.text("Ana")

    answer = look(staff, "/staff/funnel.csv?days=7")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.content_type == "text/csv; charset=utf-8"
    assert [(r["language"], r["reached"]) for r in rows if r["state"] == "ask_first_name"] == [
        ("all", "10"),
        ("en", "10"),
    ]
    assert [r["reached"] for r in rows if r["state"] == "ask_last_name"] == ["under 5", "under 5"]


@pytest.mark.parametrize("path", ["/staff/funnel", "/staff/funnel.csv"])
def test_without_the_password_nobody_looks(path: str, staff: FlaskClient, client: FlaskClient) -> None:
    for wrong in ("", PASSWORD[:-1], PASSWORD + "x", "ä"):
        assert look(staff, path, wrong).status_code == 401
    assert staff.get(path).status_code == 401
    assert staff.get(path, headers={"Authorization": f"Bearer {PASSWORD}"}).status_code == 401
    assert look(client, path, "").status_code == 404  # no password is set: there is no such page
    assert client.get(path).status_code == 404


def test_the_terminal_shows_the_same(phone: Phone, system: System, redis_url: str) -> None:
    phone.text("Hi", "1")

    assert len(_read(system.client, 90)) == 90

    ran = CliRunner(
        env={"REDIS_URL": redis_url, "ENVIRONMENT": "demo", "DATA_DIR": str(system.settings.data_dir)}
    ).invoke(funnel, ["--days", "1"])
    assert ran.exit_code == 0, ran.output
    assert "conversations," in ran.output


@pytest.mark.browser
def test_the_page_keeps_nobody_out(tmp_path: Path, redis_url: str) -> None:
    with running_app(tmp_path, redis_url=redis_url, funnel_password=PASSWORD) as address, chromium() as browser:
        context = browser.new_context(http_credentials={"username": "staff", "password": PASSWORD})
        window = Window(context)
        page = window.open(f"{address}/staff/funnel")
        assert page.title().endswith("how far people come")
        assert violations(page) == []
        assert [line for line in window.complaints if "401" not in line] == []
