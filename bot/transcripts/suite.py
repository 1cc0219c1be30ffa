"""All transcripts of a flow's folder, each run on an empty Redis."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.transcripts.app import App
from bot.transcripts.following import ConversationDiffers, Said, run
from bot.transcripts.reading import TranscriptBroken, parse


@dataclass(frozen=True, slots=True)
class Result:
    """How one transcript went. With neither `difference` nor `skipped` it went as written."""

    file: str
    difference: str = ""  # file:line, what was expected and what came
    skipped: str = ""  # why
    said: frozenset[Said] = frozenset()


def chats_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("chats/*.chat"))


def run_chats(app: App, paths: Iterable[Path]) -> Iterator[Result]:
    return (run_chat(app, str(path), path.read_text(encoding="utf-8")) for path in paths)


def run_chat(app: App, file: str, text: str) -> Result:
    try:
        transcript = parse(file, text)
        if missing := [code for code in transcript.needs if code not in app.flow.languages]:
            return Result(file, skipped=f"the flow does not have {', '.join(missing)} yet")
        app.begin(transcript.phone)
        return Result(file, said=run(transcript, app.flow, app))
    except (TranscriptBroken, ConversationDiffers) as found:
        return Result(file, difference=str(found))
