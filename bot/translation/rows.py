"""What a translator gets: one row for each text and each list of words, in the order of the source file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.conversation.check_translation import SECTIONS, UNTRANSLATED, is_marked, leaves
from bot.conversation.problems import Path, Source
from bot.conversation.record_name import RECORD, RECORD_NAME
from bot.conversation.wording import blanks

BETWEEN = " | "  # words of a list, in one cell
NOTES = {
    RECORD_NAME: f"Written as inside a sentence: other texts have it as {{{RECORD}}}",
    "send_record.subject": "Subject of an email",
}


@dataclass(frozen=True, slots=True)
class Row:
    name: str  # "say.ask_dob"
    path: Path
    source: str
    translation: str  # "" while there is none
    is_list: bool
    note: str


def rows(source: Source, target: Source, most_segments: Callable[[str], int]) -> list[Row]:
    """Everything that the source says, then what the target alone says. `most_segments`: of a text, by its name."""
    here, there = dict(_texts(source.data)), dict(_texts(target.data))
    return [_row(path, here.get(path, ""), there.get(path, ""), most_segments) for path in here | there]


def _texts(data: Mapping[str, object]) -> Iterator[tuple[Path, object]]:
    for section in SECTIONS:
        if section in data:
            yield from leaves(data[section], (section,))


def _row(path: Path, source: object, translation: object, most_segments: Callable[[str], int]) -> Row:
    is_list = path[0] in ("keywords", "options")
    cell = "" if is_marked(translation) else in_cell(translation)
    return Row(".".join(path), path, in_cell(source), cell, is_list, _note(path, in_cell(source), most_segments))


def in_cell(value: object) -> str:
    """A text, or the words of a list side by side."""
    words = value if isinstance(value, list) else [value]
    return BETWEEN.join(str(word).removeprefix(UNTRANSLATED) for word in words)


def from_cell(row: Row, cell: str) -> str | list[str]:
    """What the file holds for a cell that a translator wrote."""
    if not row.is_list:
        return "\n".join(line.strip() for line in cell.strip().splitlines())
    return [word for word in (part.strip() for part in cell.split(BETWEEN.strip())) if word]


def _note(path: Path, source: str, most_segments: Callable[[str], int]) -> str:
    keep = [f"{{{name}}}" for name in dict.fromkeys(blanks(source))]
    parts = {
        "keywords": "Words a resident may text. Separate them with |",
        "options": "The first is shown in the menu, the others are understood too. Separate them with |",
        "say": f"At most {most_segments(path[-1])} SMS segments, menu included",
        "page": "On the record's web page",
        "vaccines": "What the record's web page calls these vaccines",
    }
    notes = [NOTES.get(path[-1], parts[path[0]])]
    return ". ".join([*notes, f"Keep {', '.join(keep)} as it is"] if keep else notes)
