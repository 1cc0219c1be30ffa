"""Staff change the files while people are in the middle: nobody is lost, and a broken change changes nothing."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ANA, Clock, Phone, RecordedJobs

from bot.conversation.changes import compare, standings
from bot.conversation.session import Session
from bot.flow_folder import open_flow
from bot.live_flow import LiveFlow
from bot.store.structures import RedisStructures
from bot.wiring import System, build_app, outbox_path

SHIPPED = Path(__file__).parent.parent / "flows" / "vaccine_record"
NEW_QUESTION = """  ask_middle:
    ask: middle_name
    check: person_name
    next: {ok: ask_dob}
  ask_dob:
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "flow"))


@pytest.fixture
def live(folder: Path, system: System) -> LiveFlow:
    return LiveFlow(folder, RedisStructures(system.client))


@pytest.fixture
def phone(live: LiveFlow, system: System, jobs: RecordedJobs) -> Phone:
    services = replace(system.services, flows=live)
    jobs.services = services
    client = build_app(replace(system, services=services)).test_client()
    return Phone(client, outbox_path(system.settings))


def edit(path: Path, find: str, put: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert find in text, find
    path.write_text(text.replace(find, put, 1), encoding="utf-8")


def add_a_question(folder: Path) -> None:
    """A new step between last name and birth date."""
    edit(folder / "flow.yaml", "next: {ok: ask_dob}", "next: {ok: ask_middle}")
    edit(folder / "flow.yaml", "  ask_dob:\n", NEW_QUESTION)
    edit(folder / "flow.yaml", "slots:\n", "slots:\n  middle_name: {sensitive: yes}\n")
    for path in folder.glob("text/*.yaml"):
        retries = "  ask_middle.retry.not_a_name: A name?\n  ask_middle.retry.too_long: Less?\n"
        new = f"  ask_middle: And the middle name?\n{retries}"
        edit(path, "  ask_dob: ", f"{new}  ask_dob: ")


def test_new_words_reach_everyone_at_the_next_message(phone: Phone, live: LiveFlow, folder: Path) -> None:
    phone.text("Hi", "1")

    edit(folder / "text" / "en.yaml", "  ask_last_name: ", "  ask_last_name: Please tell. ")
    live.refresh()

    assert str(phone.text("Ana")).startswith("Please tell. ")


def test_who_began_with_the_old_steps_ends_with_them(phone: Phone, live: LiveFlow, folder: Path) -> None:
    phone.text("Hi", "1", "Ana")

    add_a_question(folder)
    live.refresh()

    assert "birth date" in str(phone.text("Reyes"))


def test_who_begins_after_the_change_meets_the_new_steps(phone: Phone, live: LiveFlow, folder: Path) -> None:
    add_a_question(folder)
    live.refresh()

    assert phone.text("Hi", "1", "Ana", "Reyes") == "And the middle name?"


def test_restart_begins_with_the_new_steps(phone: Phone, live: LiveFlow, folder: Path) -> None:
    phone.text("Hi", "1", "Ana")
    add_a_question(folder)
    live.refresh()

    assert phone.text("RESTART", "1", "Ana", "Reyes") == "And the middle name?"


def test_another_process_knows_the_old_steps_too(
    phone: Phone, live: LiveFlow, folder: Path, system: System, jobs: RecordedJobs
) -> None:
    phone.text("Hi", "1", "Ana")
    add_a_question(folder)

    services = replace(system.services, flows=LiveFlow(folder, RedisStructures(system.client)))  # started after
    phone.client = build_app(replace(system, services=services)).test_client()

    assert "birth date" in str(phone.text("Reyes"))


def test_a_renamed_state_is_moved(phone: Phone, live: LiveFlow, folder: Path) -> None:
    phone.text("Hi", "1")

    flow = folder / "flow.yaml"
    flow.write_text(
        re.sub(r"\bask_first_name\b", "ask_given", flow.read_text()).replace(
            "renamed: {}", "renamed: {ask_first_name: ask_given}"
        )
    )
    for path in folder.glob("text/*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("  ask_first_name", "  ask_given"), encoding="utf-8")
    live.refresh()

    assert "last name" in str(phone.text("Ana"))


def test_who_cannot_be_moved_is_told_once_in_their_language(
    phone: Phone, live: LiveFlow, folder: Path, system: System
) -> None:
    phone.text("Hi", "2", "Ana", "Reyes")
    for name in system.client.scan_iter("vt:f:*"):
        system.client.delete(name)

    flow = folder / "flow.yaml"
    flow.write_text(re.sub(r"\bask_dob\b", "ask_birthday", flow.read_text()))
    for path in folder.glob("text/*.yaml"):
        path.write_text(
            re.sub(r"  ask_dob([:.])", r"  ask_birthday\1", path.read_text(encoding="utf-8")), encoding="utf-8"
        )
    services = replace(system.services, flows=LiveFlow(folder, RedisStructures(system.client)))
    phone.client = build_app(replace(system, services=services)).test_client()
    reply = str(phone.text("3/27/1985"))

    assert "empezar de nuevo" in reply
    assert "first name" in str(phone.text("1"))


def test_a_broken_change_changes_nothing_and_is_reported(phone: Phone, live: LiveFlow, folder: Path) -> None:
    phone.text("Hi", "1")

    edit(folder / "flow.yaml", "next: {ok: ask_last_name}", "next: {ok: ask_lst_name}")
    live.refresh()

    assert "last name" in str(phone.text("Ana"))
    ready = phone.client.get("/readyz")
    assert (ready.status_code, ready.json["flow"]["errors_on_disk"]) == (200, 1)

    edit(folder / "flow.yaml", "ask_lst_name", "ask_last_name")
    live.refresh()
    assert phone.client.get("/readyz").json["flow"]["errors_on_disk"] == 0


def test_a_change_is_picked_up_without_a_restart(phone: Phone, live: LiveFlow, folder: Path) -> None:
    edit(folder / "text" / "en.yaml", '  welcome: "State registry:', '  welcome: "Changed.')
    live._looked -= 10

    live.current()
    live._reading.acquire(timeout=10)
    live._reading.release()
    for _ in range(1000):
        if live.current().words["en"].say["welcome"].startswith("Changed."):
            break
        live.refresh()

    assert str(phone.text("Hi")).startswith("Changed.")


def test_what_a_change_does_is_known_before_it_is_published(folder: Path, clock: Clock) -> None:
    before = open_flow(folder)
    add_a_question(folder)
    after = open_flow(folder)
    sessions = [
        Session(phone=ANA, flow=before.structure, state="ask_dob"),
        Session(phone="+13605550101", flow=before.structure, state="ask_dob"),
        Session(phone="+13605550102", flow="unknown", state="gone"),
        Session(phone="+13605550103"),
    ]

    changes = compare(before, after)
    people = standings(after, sessions, kept=[before.structure])

    assert (changes.added, changes.removed) == (("ask_middle",), ())
    assert "ask_last_name" in changes.changed
    assert "ask_middle" in changes.texts["es"]
    assert [(s.state, s.people, s.fate) for s in people] == [
        ("ask_dob", 2, "goes on with the steps they began with, in the new words"),
        ("gone", 1, "must start again"),
    ]
