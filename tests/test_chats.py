"""The transcripts in the flow's folder, held against the real app; and how transcripts are read."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import transcripts
from conftest import Clock, Phone, RecordedJobs, reply_in
from transcripts import ConversationDiffers, Line, TranscriptBroken, parse

from bot.delivery.console import read_outbox
from bot.flow_folder import open_flow
from bot.iis.demo_people import demo_people

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
CHATS = sorted(FOLDER.glob("chats/*.chat"))
FLOW = open_flow(FOLDER)
PICTURE = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x", "MediaContentType0": "image/jpeg"}


@dataclass
class App:
    """The real app as a transcript sees it."""

    phone: Phone
    jobs: RecordedJobs
    clock: Clock
    sids: Iterator[int] = field(default_factory=itertools.count)
    last: tuple[str, str, dict[str, str]] = ("", "", {})

    def text(self, body: str, *, media: bool = False) -> str | None:
        self.last = (body, f"SM{next(self.sids):032x}", PICTURE if media else {})
        return self.repeat()

    def repeat(self) -> str | None:
        body, sid, extra = self.last
        return reply_in(self.phone.post(body, sid=sid, **extra))

    def wait(self, seconds: int) -> None:
        self.clock.wait(seconds)

    def work(self) -> None:
        self.jobs.work()

    def sent(self) -> list[tuple[str, str]]:
        return [(str(line["to"]), str(line["body"])) for line in read_outbox(self.phone.outbox)]


@pytest.fixture
def app(phone: Phone, jobs: RecordedJobs, clock: Clock) -> App:
    return App(phone, jobs, clock)


def follow(app: App, text: str, file: str = "x.chat") -> None:
    transcript = parse(file, text)
    app.phone.number = transcript.phone
    transcripts.run(transcript, FLOW, app)


@pytest.mark.parametrize("path", CHATS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written(path: Path, app: App) -> None:
    follow(app, path.read_text(encoding="utf-8"), str(path.relative_to(FOLDER.parent.parent)))


def test_every_record_that_a_transcript_names_is_a_demo_persons() -> None:
    phones = {person.key: person.phone for person in demo_people()}

    for path in CHATS:
        first = next(line for line in path.read_text().splitlines() if line.startswith("as "))
        _, phone, _, key = first.split()
        assert phones[key] == phone, f"{path.name}: {key} texts from {phones[key]}"


def test_every_text_that_ends_a_conversation_has_a_transcript() -> None:
    names = {line.value for path in CHATS for line in parse(path.name, path.read_text()).lines}

    ends = {state.say for state in FLOW.states.values() if state.kind == "end"}
    assert ends - names <= {"too_many", "try_later"}  # limits and faults have tests of their own


def test_a_transcript_is_read_line_by_line() -> None:
    transcript = parse(
        "x.chat",
        "# a comment\nas +13605550100  record ana\n\n> hi #1  # a comment\n>\n< welcome\n< (silence)\n"
        "in es\n! wait 31m\n! repeat\n<< ana@example.org send_record.link",
    )

    assert transcript.phone == "+13605550100"
    assert transcript.lines == (
        Line(4, "text", "hi #1"),
        Line(5, "text", ""),
        Line(6, "reply", "welcome"),
        Line(7, "reply", "(silence)"),
        Line(8, "language", "es"),
        Line(9, "wait", "1860"),
        Line(10, "repeat"),
        Line(11, "elsewhere", "send_record.link", "ana@example.org"),
    )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("hello", "expected one of"),
        ("<", "expected one of"),
        ("< two words", "expected one of"),
        ("<< welcome", "expected one of"),
        ("! reapet", "(did you mean 'repeat'?)"),
        ("! repeat twice", "'repeat' stands alone"),
        ("! wait", "! wait 31m"),
        ("! wait long", "! wait 31m"),
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
    assert str(checked.value).splitlines() == [
        "x.chat:3:1: no text named 'welcom' (did you mean 'welcome'?)",
        "x.chat:4:1: no language 'fr' (there is en, es)",
    ]


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
        ("> hi\n<< a@b.org welcome", "x.chat:3: ", ["(nothing) +13605550100 got"]),
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
