"""Changes values in a YAML file and leaves every other letter, comments too, as it was written."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from bot.conversation.flow_yaml import read_yaml
from bot.conversation.problems import Path

Value = str | list[str] | dict[str, "Value"]
PLAIN = re.compile(r"[^\W_](?:[^\n:#,\[\]{}\"'&*!|>%@`\\]*[^\s:#,\[\]{}\"'&*!|>%@`\\])?")  # needs no quotes anywhere
YES_OR_NO = frozenset("yes no on off true false null y n".split())  # read as text here, and as no text elsewhere


@dataclass(slots=True)
class _Spot:
    """Where a value stands in the text."""

    start: int
    end: int = 0
    after_key: int = 0  # just behind the colon
    indent: int = 0  # column of its key
    flow: bool = False  # written as [...] or {...}
    below: list[str] = field(default_factory=list)


def edit(text: str, changes: Mapping[Path, Value]) -> str:
    """The file with these values changed, and those that it does not have added below their last neighbour."""
    spots = _spots(text)
    pieces: list[tuple[int, int, int, str]] = []  # start, order of those that start together, end, new text
    added: dict[Path, dict[str, Value]] = {}
    for path, value in changes.items():
        if path in spots:
            pieces.append(_replaced(text, spots[path], value))
        else:
            _put(added, spots, path, value)
    for parent, values in added.items():
        pieces.append(_inserted(text, spots, parent, values))
    for start, _, end, piece in sorted(pieces, reverse=True):
        text = text[:start] + piece + text[end:]
    _verify(text, changes)
    return text


def _spots(text: str) -> dict[Path, _Spot]:
    """The places of all values. Call it for a text that `read_yaml` has accepted."""
    events = (e for e in YAML(typ="rt", pure=True).parse(text) if _has_place(e))
    spots: dict[Path, _Spot] = {}
    _walk(events, next(events), (), spots)
    return spots


def _has_place(event: Event) -> bool:
    kinds = (ScalarEvent, SequenceStartEvent, SequenceEndEvent, MappingStartEvent, MappingEndEvent)
    return isinstance(event, kinds)


def _walk(events: Iterator[Event], event: Event, path: Path, spots: dict[Path, _Spot]) -> _Spot:
    spot = spots[path] = _Spot(event.start_mark.index, event.end_mark.index)
    if not isinstance(event, SequenceStartEvent | MappingStartEvent):
        return spot
    spot.flow = bool(event.flow_style)
    end = spot.start
    if isinstance(event, SequenceStartEvent):
        while not isinstance(event := next(events), SequenceEndEvent):
            end = _walk(events, event, (*path, str(len(spot.below))), spots).end
            spot.below.append(str(len(spot.below)))
    else:
        while not isinstance(event := next(events), MappingEndEvent):
            assert isinstance(event, ScalarEvent)  # noqa: S101 the strict reader lets no other key pass
            key, column, after = str(event.value), event.start_mark.column, event.end_mark.index + 1
            below = _walk(events, next(events), (*path, key), spots)
            if below.start == below.end:  # an empty value is said to stand at the next word
                below.start = below.end = after
            below.after_key, below.indent, end = after, column, below.end
            spot.below.append(key)
    spot.end = event.end_mark.index if spot.flow else end  # a block's own end mark lies behind later comments
    return spot


def _replaced(text: str, spot: _Spot, value: Value) -> tuple[int, int, int, str]:
    if isinstance(value, dict):
        return spot.after_key, 0, spot.end, _block(value, spot.indent + 2)
    start, end = max(spot.start, spot.after_key), max(spot.end, spot.after_key)
    end -= len(text[start:end]) - len(text[start:end].rstrip())  # a block text's ends behind the empty lines below it
    return start, 0, end, (" " if start == spot.after_key else "") + written(value)


def _put(added: dict[Path, dict[str, Value]], spots: Mapping[Path, _Spot], path: Path, value: Value) -> None:
    """Note a new value below the nearest place above it that exists."""
    depth = next(n for n in range(len(path) - 1, -1, -1) if path[:n] in spots)
    into = added.setdefault(path[:depth], {})
    for key in path[depth:-1]:
        deeper = into.setdefault(key, {})
        assert isinstance(deeper, dict)  # noqa: S101
        into = deeper
    into[path[-1]] = value


def _inserted(
    text: str, spots: Mapping[Path, _Spot], parent: Path, values: Mapping[str, Value]
) -> tuple[int, int, int, str]:
    spot, depth_first = spots[parent], 99 - len(parent)
    if spot.flow:
        inner = ", ".join(f"{written(key)}: {written(value)}" for key, value in values.items())
        return spot.end - 1, depth_first, spot.end - 1, f", {inner}" if spot.below else inner
    last = spots[(*parent, spot.below[-1])]
    behind = len(text[: last.end].rstrip())
    place = text.find("\n", behind)
    place = len(text) if place < 0 else place
    return place, depth_first, place, _block(values, last.indent, at_top=not parent)


def _block(values: Mapping[str, Value], indent: int, *, at_top: bool = False) -> str:
    lines = []
    for key, value in values.items():
        inside = _block(value, indent + 2) if at_top and isinstance(value, dict) and value else f" {written(value)}"
        lines.append(f"\n{' ' * indent}{written(key)}:{inside}")
    return "".join(lines) or " {}"


def written(value: Value) -> str:
    """A value on one line, in quotes only where it needs them."""
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{written(key)}: {written(below)}' for key, below in value.items())}}}"
    if PLAIN.fullmatch(value) and value.isprintable() and value.casefold() not in YES_OR_NO:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)  # some of them end lines in YAML


def _verify(text: str, changes: Mapping[Path, Value]) -> None:
    """Read it back: a translation must never be lost between the table and the file."""
    data: object = read_yaml("", text).data
    for path, value in changes.items():
        found = _at(data, path)
        if found != value:
            raise ValueError(f"{'.'.join(path)} cannot be written: {value!r} came back as {found!r}")


def _at(data: object, path: Iterable[str]) -> object:
    for key in path:
        data = data[key] if isinstance(data, dict) else None
    return data
