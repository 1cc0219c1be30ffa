"""YAML without surprises: every value is text, every value has a place, nothing is tagged, shared or doubled."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from bot.conversation.problems import FlowBroken, Mark, Path, Problem, Source

LARGEST = 256 * 1024  # characters
DEEPEST = 8  # levels


def read_yaml(file: str, text: str) -> Source:
    """Read one file. Raises FlowBroken with the place and the fix. What it returns is shared: do not change it."""
    try:
        return replace(_read(text), file=file)
    except FlowBroken as broken:
        raise FlowBroken(replace(problem, file=file) for problem in broken.problems) from None


@lru_cache(maxsize=64)  # reading is slow, and of many files one changes
def _read(text: str) -> Source:
    """Without the file's name: many files, of many folders, have the same text."""
    if len(text) > LARGEST:
        raise _broken((1, 1), f"the file is larger than {LARGEST // 1024} KB; split it or shorten it")
    try:
        return _Reader(text).read()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _broken(place, f"this is not YAML: {error.problem or error.context}") from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise _broken((1, 1), f"this is not YAML: {str(error).splitlines()[0]}") from None


def _broken(place: Mark, text: str) -> FlowBroken:
    return FlowBroken([Problem("", *place, text)])


class _Reader:
    """Builds the tree from the parser's events, which still know their places."""

    def __init__(self, text: str) -> None:
        self.events: Iterator[Event] = YAML(typ="rt", pure=True).parse(text)
        self.marks: dict[Path, Mark] = {}
        self.key_marks: dict[Path, Mark] = {}

    def read(self) -> Source:
        documents = 0
        data: object = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refused(event, "a second document starts here; remove the line ---")
                data = self.value(next(self.events), ())
        if not isinstance(data, dict):
            raise _broken((1, 1), "expected lines of the form 'key: value'")
        return Source("", data, self.marks, self.key_marks)

    def value(self, event: Event, path: Path) -> object:
        self.plain(event, path)
        self.marks[path] = _place(event)
        if isinstance(event, ScalarEvent):
            return str(event.value)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(path)
        return self.mapping(path)

    def plain(self, event: Event, path: Path) -> None:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise _refused(event, "anchors (&) and aliases (*) are not allowed; write the value out")
        if getattr(event, "tag", None):
            raise _refused(event, "tags (!) are not allowed; remove it")
        if len(path) > DEEPEST:
            raise _refused(event, f"nested deeper than {DEEPEST} levels; flatten it")

    def sequence(self, path: Path) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self.value(event, (*path, str(len(items)))))
        return items

    def mapping(self, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self.key(event, path)
            if key in found:
                raise _refused(event, f"the key '{key}' is written twice; remove one")
            self.key_marks[(*path, key)] = _place(event)
            found[key] = self.value(next(self.events), (*path, key))
        return found

    def key(self, event: Event, path: Path) -> str:
        self.plain(event, path)
        if not isinstance(event, ScalarEvent) or isinstance(event, MappingStartEvent):
            raise _refused(event, "a key must be a word")
        return str(event.value)


def _refused(event: Event, text: str) -> FlowBroken:
    return _broken(_place(event), text)


def _place(event: Event) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1
