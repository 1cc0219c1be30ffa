"""The transcripts in the flow's folder go as written, and leave out nothing that can be visited."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.flow_folder import open_flow
from bot.iis.demo_people import demo_people
from bot.transcripts.app import App, open_app
from bot.transcripts.coverage import coverage
from bot.transcripts.reading import parse
from bot.transcripts.suite import chats_in, run_chat, run_chats

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
CHATS = chats_in(FOLDER)
# A number of one's own is never "elsewhere", and a contact elsewhere reads the same words at the same time
# whether or not it matched: no lookup comes out like these.
NEVER = {
    "looking.sent_elsewhere",
    "looking.no_match_elsewhere",
    "looking_elsewhere.sent",
    "looking_elsewhere.no_match",
    "looking_elsewhere.no_match_elsewhere",
    "looking_elsewhere.down",
    "looking_elsewhere.fault",
}
# Said when the flow changes under somebody, after hours without a text, and when the service sends too much; and the
# subject of an email.
UNSEEN = {"changed", "too_late", "many_texts", "send_record.no_picture", "send_record.subject"}


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with open_app(FOLDER) as app:
        yield app


@pytest.mark.parametrize("path", CHATS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written(path: Path, app: App) -> None:
    result = run_chat(app, path.name, path.read_text(encoding="utf-8"))

    if result.skipped:
        pytest.skip(result.skipped)
    assert not result.difference, result.difference


def test_the_transcripts_visit_all_that_can_be_visited() -> None:
    with open_app(FOLDER) as app:
        said = [said for result in run_chats(app, CHATS) for said in result.said]
        missing = {part.what: set(part.missing) for part in coverage(app.flow, app.watch, said)}

    assert missing == {"states": set(), "outcomes": NEVER, "languages": set(), "texts": UNSEEN}


def test_every_demo_person_has_a_transcript_and_every_record_named_is_one() -> None:
    phones = {person.key: person.phone for person in demo_people()}
    named = set()

    for path in CHATS:
        first = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("as "))
        _, phone, _, key = first.split()
        assert phones[key] == phone, f"{path.name}: {key} texts from {phones[key]}"
        named.add(key)
    assert named == set(phones)


def test_every_keyword_is_texted_in_a_transcript() -> None:
    flow = open_flow(FOLDER)
    lines = [line for path in CHATS for line in parse(path.name, path.read_text(encoding="utf-8")).lines]
    texted = {line.value.casefold() for line in lines if line.kind == "text"}

    for keyword in flow.keywords:
        spellings = {word.casefold() for words in flow.words.values() for word in words.keywords[keyword]}
        assert spellings & texted, keyword


def test_every_transcript_says_what_it_shows() -> None:
    for path in CHATS:
        assert path.read_text(encoding="utf-8").startswith("# "), path.name
