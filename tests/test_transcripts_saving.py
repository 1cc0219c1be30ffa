"""What the phone page saves as a test passes as one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from bot.transcripts.app import App, open_app
from bot.transcripts.saving import BeganEarlier, Sent, Texted, write
from bot.transcripts.suite import run_chat
from bot.wiring import System, build_app

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
ANA, PRIYA = "+13605550100", "+13605550110"


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with open_app(FOLDER) as app:
        yield app


def had(app: App, phone: str, *turns: str | float) -> list[Texted | Sent]:
    """Have a conversation as the phone page has it: texts, "! work", and seconds that go by."""
    app.begin(phone)
    events: list[Texted | Sent] = []
    for turn in turns:
        before = len(app.sent())
        if isinstance(turn, float):
            app.wait(int(turn))
        elif turn == "! work":
            app.work()
        else:
            events.append(Texted(app.clock() + len(events) / 1000, turn, app.text(turn)))
        events += [Sent(app.clock() + len(events) / 1000, to, body) for to, body in app.sent()[before:]]
    return events


def passes(app: App, text: str) -> bool:
    result = run_chat(app, "saved.chat", text)
    assert not result.difference, f"{text}\n{result.difference}"
    return True


LOOKING = ("Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")


def test_a_conversation_is_saved_with_the_names_of_its_texts(app: App) -> None:
    events = had(app, ANA, "Hi", "2", *LOOKING, "hola?", "! work", "#1", 1900.0, "x")

    saved = write(app.flow, ANA, events, record="ana")

    assert saved.splitlines() == [
        "# Saved from the phone page. Say here what it shows, and put it into the flow's folder chats/.",
        "as +13605550100  record ana",
        "> Hi",
        "< welcome",
        "> 2",
        "in es",
        "< ask_first_name",
        "> Ana",
        "< ask_last_name",
        "> Reyes",
        "< ask_dob",
        "> 3/27/1985",
        "< ask_contact",
        "> 1",
        "< declare",
        "> 1",
        "< ask_pin",
        "> 4821",
        "< ask_format",
        "> 1",
        "< looking",
        "> hola?",
        "< looking.waiting",
        "! work",
        "< done",
        "> #1",
        "< ask_first_name",
        "! wait 1900s",
        "> x",
        "in en",
        "< welcome",
    ]
    assert passes(app, saved)


@pytest.mark.parametrize(
    ("phone", "turns"),
    [
        (ANA, ("Hi", "1", "how?", "español", "STOP", "Hi")),
        (ANA, ("link", "Hi", "1", *LOOKING, "! work", "LINK", "BACK", "no")),
        (PRIYA, ("Hi", "1", "P", "N", "4/17/1994", "Priya.Natarajan@example.org", "1", "4821", "! work", "2")),
        (PRIYA, ("Hi", "1", "Priya", "Natarajan", "4/17/1994", "Priya.Natarajan@example.org", "1", "4821", "! work")),
        ("+13605550111", ("Hi", "1", "Tom", "Kowalski", "December 31 1977", "360 555-0112", "1", "4821", "! work")),
    ],
    ids=["keywords", "last", "no match elsewhere", "email", "other phone"],
)
def test_what_was_saved_passes_as_a_test(app: App, phone: str, turns: tuple[str, ...]) -> None:
    assert passes(app, write(app.flow, phone, had(app, phone, *turns)))


def test_what_other_phones_asked_for_is_not_in_it(app: App) -> None:
    events = had(app, PRIYA, "Hi")
    link = replace(app.flow, values={}).words_in("en").say["send_record.link"].format(link="https://x.example/r/a")
    done = app.flow.words_in("en").say["done"].format(link="https://x.example/r/a")
    events += [Sent(app.clock() + 2, PRIYA, link), Sent(app.clock() + 3, ANA, done)]

    assert write(app.flow, PRIYA, events).splitlines()[2:] == ["> Hi", "< welcome"]


def test_the_order_is_the_servers(app: App) -> None:
    """A message may be shown only after the reply to a text that came later."""
    events = had(app, ANA, "Hi", "1", *LOOKING, "! work", "hello?")

    assert passes(app, write(app.flow, ANA, [events[-1], *events[:-1]]))


@pytest.mark.parametrize("again", [("STOP", "Hi"), ("agent", "español"), ("restart",)], ids=" ".join)
def test_what_was_before_the_beginning_is_left_out(app: App, again: tuple[str, ...]) -> None:
    """The page took a phone that was in another conversation."""
    events = had(app, ANA, "Hi", "1", "Ana", "HELP", "Reyes", *again, "1")

    saved = write(app.flow, ANA, events[2:])

    assert saved.splitlines()[2] == f"> {again[0]}"
    assert passes(app, saved)


def test_without_a_beginning_nothing_is_saved(app: App) -> None:
    events = had(app, ANA, "Hi", "1", "Ana", "HELP", "Reyes")

    with pytest.raises(BeganEarlier):
        write(app.flow, ANA, events[2:])


def post(client: FlaskClient, **asked: Any) -> Any:
    return client.post("/phone/transcript", json={"from": ANA, "person": "ana", **asked})


def test_the_phone_page_saves_what_it_texted(system: System, app: App) -> None:
    client = build_app(system).test_client()
    events = []
    for body in ("Hi", "1", "Ana", "back"):
        answer = client.post("/phone/text", json={"from": ANA, "body": body}).get_json()
        events.append({"at": answer["at"], "body": body, "reply": answer["reply"]})

    saved = post(client, events=events)

    assert saved.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "as +13605550100  record ana\n" in saved.text
    assert passes(app, saved.text)


@pytest.mark.parametrize(
    "asked",
    [{"from": "12"}, {"events": None}, {"events": [{}]}, {"events": [{"at": "x", "body": "", "reply": ""}]}],
    ids=["no phone", "no events", "empty event", "no time"],
)
def test_what_the_page_never_sends_is_refused(client: FlaskClient, asked: dict[str, Any]) -> None:
    assert post(client, **{"events": [], **asked}).status_code == 400


def test_a_conversation_without_its_beginning_is_not_saved(client: FlaskClient) -> None:
    assert post(client, events=[]).status_code == 409
    assert post(client, events=[{"at": 1, "body": "1", "reply": "hm"}]).status_code == 409


def test_a_person_with_another_phone_is_not_named(client: FlaskClient) -> None:
    saved = post(client, events=[{"at": 1, "body": "STOP", "reply": None}], person="omar")

    assert saved.text.splitlines()[1:] == ["as +13605550100", "> STOP", "< (silence)"]


def test_production_has_no_phone_page(system: System) -> None:
    settings = system.settings.model_copy(update={"environment": "production"})
    client = build_app(replace(system, settings=settings)).test_client()

    assert client.get("/phone").status_code == 404
    assert post(client, events=[]).status_code == 404
