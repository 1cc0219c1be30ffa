"""How transcripts are read, followed and compared."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.transcripts.app import App, open_app
from bot.transcripts.following import ConversationDiffers, run
from bot.transcripts.reading import Line, TranscriptBroken, parse
from bot.transcripts.suite import run_chat

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
TO_LOOKING = """> Hi
< welcome
> 1
< ask_first_name
> Ana
< ask_last_name
> Reyes
< ask_dob
> 3/27/1985
< ask_contact
> 1
< declare
> 1
< ask_pin
> 4821
< ask_format
> 1
< looking
"""


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with open_app(FOLDER) as app:
        yield app


def follow(app: App, text: str) -> None:
    transcript = parse("x.chat", text)
    app.begin(transcript.phone)
    run(transcript, app.flow, app)


def test_a_transcript_is_read_line_by_line() -> None:
    transcript = parse(
        "x.chat",
        "# a comment\nas +13605550100  record ana\n\n> hi #1  # a comment\n>\n< welcome\n< (silence)\n"
        "in es\n! wait 31m\n! repeat\n<< ana@example.org send_record.link\nneeds zh-Hans\n! registry down\n"
        "! parallel\n> a\n# between\n> b\n< help",
    )

    assert transcript.phone == "+13605550100"
    assert transcript.needs == ("zh-Hans",)
    assert transcript.lines == (
        Line(4, "text", "hi #1"),
        Line(5, "text", ""),
        Line(6, "reply", "welcome"),
        Line(7, "reply", "(silence)"),
        Line(8, "language", "es"),
        Line(9, "wait", "1860"),
        Line(10, "repeat"),
        Line(11, "elsewhere", "send_record.link", "ana@example.org"),
        Line(13, "registry", "down"),
        Line(14, "parallel", together=("a", "b")),
        Line(18, "reply", "help"),
    )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("hello", "expected one of"),
        ("<", "expected one of"),
        ("< two words", "expected one of"),
        ("<< welcome", "expected one of"),
        ("needs Korean", "expected one of"),
        ("! reapet", "(did you mean 'repeat'?)"),
        ("! repeat twice", "'repeat' stands alone"),
        ("! wait", "! wait 31m"),
        ("! wait long", "! wait 31m"),
        ("! registry", "write one of: ! registry down, ! registry up"),
        ("! delivery lost", "write one of: ! delivery failed, ! delivery down, ! delivery unconfirmed, ! delivery up"),
        ("! parallel\n> alone", "two or more texts"),
        ("as 3605550100", "expected one of"),
    ],
)
def test_a_line_that_cannot_be_read_is_reported_with_its_place(line: str, sentence: str) -> None:
    with pytest.raises(TranscriptBroken) as broken:
        parse("x.chat", f"as +13605550100\n> hi\n{line}")

    (problem,) = broken.value.problems
    assert str(problem).startswith("x.chat:3:1: ")
    assert sentence in problem.text


def test_all_problems_of_a_transcript_are_reported_at_once(app: App) -> None:
    with pytest.raises(TranscriptBroken) as read:
        parse("x.chat", "> hi\nhello\n! wat")
    with pytest.raises(TranscriptBroken) as checked:
        follow(app, "as +13605550100\n> hi\n< welcom\nin fr")

    assert [problem.line for problem in read.value.problems] == [1, 2, 3]
    first, second = str(checked.value).splitlines()
    assert first == "x.chat:3:1: no text named 'welcom' (did you mean 'welcome'?)"
    assert second.startswith("x.chat:4:1: no language 'fr' (")


@pytest.mark.parametrize(
    ("lines", "place", "parts"),
    [
        (
            "> hi\n< ask_dob",
            "x.chat:3: ",
            ["expected ask_dob (en):\n    What is the birth", "(welcome in en):\n    State"],
        ),
        ("> hi\n< welcome\n> 2\n< ask_first_name", "x.chat:5: ", ["ask_first_name (en)", "(ask_first_name in es)"]),
        ("> hi\n< (silence)", "x.chat:3: ", ["expected silence", "welcome in en"]),
        ("> STOP\n< welcome", "x.chat:3: ", ["expected welcome", "(nothing)"]),
        ("> hi\n> 1", "x.chat:3: ", ["nothing more for +13605550100", "welcome in en"]),
        ("> hi", "x.chat:2: ", ["nothing more for +13605550100"]),
        ("> hi\n<< a@b.org welcome", "x.chat:3: ", ["expected welcome (en) to a@b.org", "(nothing) +13605550100 got"]),
        ("! parallel\n> hi\n> hi\n< welcome\n< welcome", "x.chat:6: ", ["(welcome.retry.not_an_option in en)"]),
        ("! parallel\n> hi\n> hi\n< welcome\n> 1", "x.chat:6: ", ["nothing more for +13605550100"]),
        ("! registry down\n" + TO_LOOKING + "! work\n< done", "x.chat:22: ", ["expected done", "(nothing)"]),
        ("! delivery failed\n" + TO_LOOKING + "! work\n< done", "x.chat:22: ", ["expected done", "(nothing)"]),
    ],
)
def test_a_difference_is_told_with_its_place_what_was_expected_and_what_came(
    lines: str, place: str, parts: list[str], app: App
) -> None:
    with pytest.raises(ConversationDiffers) as differs:
        follow(app, f"as +13605550100\n{lines}")

    told = str(differs.value)
    assert told.startswith(place)
    assert [part for part in parts if part not in told] == [], told


def test_each_transcript_begins_as_if_nobody_had_ever_texted(app: App) -> None:
    follow(app, "as +13605550100\n! registry down\n! delivery down\n" + TO_LOOKING + "! wait 31m")

    follow(app, "as +13605550100\n" + TO_LOOKING + "! work\n< done")


def test_a_transcript_is_skipped_while_its_language_is_missing(app: App) -> None:
    result = run_chat(app, "x.chat", "as +13605550100\nneeds eo\nin eo\n> Saluton\n< welcome")

    assert result.skipped == "the flow does not have eo yet"
    assert not result.difference


def test_nothing_of_the_environment_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above all no Redis: each transcript empties the one that it has."""
    for name in ("REDIS_URL", "IIS_URL", "TWILIO_FROM", "TWILIO_SENDERS", "SMTP_URL", "PUBLIC_URL", "IIS_CA_FILE"):
        monkeypatch.setenv(name, "redis://db.example.gov")
    monkeypatch.setenv("ENVIRONMENT", "production")

    with open_app(FOLDER) as app:
        follow(app, "as +13605550100\n> Hi\n< welcome")
        assert app.redis.connection_pool.connection_kwargs["path"].endswith("redis.sock")
