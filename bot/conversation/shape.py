"""The shape of the flow files: which keys there are and what may stand in them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.conversation.problems import Path, Problem, Source, did_you_mean
from bot.vaccines import COVID

DURATION = re.compile(r"(\d{1,5})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?")


def _duration(text: object) -> int:
    if not isinstance(text, str) or not (match := DURATION.fullmatch(text)):
        raise ValueError("write a time such as 30m or 2h")
    return int(match[1]) * SECONDS[match[2]]


def _count(text: object) -> int:
    if not isinstance(text, str) or not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise ValueError("write a whole number, 1 or more")
    return int(text)


def _yes(text: object) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("write yes or no")
    return text == "yes"


def _name(text: object) -> str:
    if not isinstance(text, str) or not NAME.fullmatch(text):
        raise ValueError("a name has small letters, digits and _, and begins with a letter")
    return text


def _language(text: object) -> str:
    if not isinstance(text, str) or not LANGUAGE.fullmatch(text):
        raise ValueError("write a language code such as es or zh-Hans")
    return text


def _words(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _settings(value: object) -> object:
    """`check: new_pin`, `check: {new_pin: }` and `check: {new_pin: {}}` mean the same."""
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, dict):
        return {name: settings or {} for name, settings in value.items()}
    return value


Duration = Annotated[int, BeforeValidator(_duration)]
Count = Annotated[int, BeforeValidator(_count)]
Yes = Annotated[bool, BeforeValidator(_yes)]
Name = Annotated[str, BeforeValidator(_name)]
Language = Annotated[str, BeforeValidator(_language)]
WordList = Annotated[list[str], BeforeValidator(_words)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DefaultsShape(Shape):
    exhausted: Name
    fault: Name


class LimitsShape(Shape):
    idle: Duration
    total: Duration
    attempts: Count
    turns: Count
    segments: Count


class KeywordShape(Shape):
    go: str = ""
    say: str = ""
    tell: Literal["last", ""] = ""
    forget: Literal["all", ""] = ""


class SlotShape(Shape):
    sensitive: Yes = False
    witness: Yes = False
    max: Count = 200


class StateShape(Shape):
    say: str = ""
    segments: Count = 0


class AskShape(StateShape):
    ask: Name
    once: Yes = False
    forget: list[str] = []
    check: Annotated[dict[str, dict[str, str]], BeforeValidator(_settings), Field(min_length=1, max_length=1)]
    next: dict[str, str]


class ChooseShape(StateShape):
    choose: Name
    once: Yes = False
    forget: list[str] = []
    options: Annotated[list[str], Field(min_length=1)]
    asks_again: dict[str, list[str]] = {}
    next: dict[str, str]


class DoShape(StateShape):
    do: str
    with_: Annotated[list[str], Field(alias="with")] = []
    next: dict[str, str]


class EndShape(StateShape):
    end: Literal["success", "help", "stopped"]
    forget: Literal["all", ""] = ""  # check_states asks for it, with a better sentence


STATE_SHAPES: Mapping[str, type[StateShape]] = {
    "ask": AskShape,
    "choose": ChooseShape,
    "do": DoShape,
    "end": EndShape,
}


class FlowShape(Shape):
    flow: Name
    languages: Annotated[list[Language], Field(min_length=1)]
    start: str
    defaults: DefaultsShape
    limits: LimitsShape
    keywords: dict[Name, KeywordShape] = {}
    values: dict[Name, str] = {}
    vaccines: Annotated[WordList, Field(min_length=1)] = [COVID]  # groups, or all
    slots: dict[Name, SlotShape] = {}
    states: dict[Name, Any]
    renamed: dict[str, str] = {}


class WordsShape(Shape):
    language: Language
    name: Annotated[str, Field(min_length=1)]
    drafted: str = ""
    reviewed: str = ""
    translated: dict[str, str] = {}  # text: wording.fingerprint of the source text that its translator saw
    called: WordList = []
    date_order: Literal["mdy", "dmy", "ymd"]
    keywords: dict[str, WordList]
    options: dict[str, dict[str, WordList]]
    say: dict[str, str]
    page: dict[str, str]
    vaccines: dict[str, str] = {}  # what the page calls a vaccine group


T = TypeVar("T", bound=Shape)
SPARE: Mapping[Path, str] = {  # what stands in for a broken value, so that everything else is checked too
    ("flow",): "flow",
    ("limits", "idle"): "30m",
    ("limits", "total"): "2h",
    ("limits", "attempts"): "3",
    ("limits", "turns"): "40",
    ("limits", "segments"): "2",
    ("date_order",): "mdy",
    ("end",): "help",
}


def read_shape(shape: type[T], source: Source, path: Path = ()) -> tuple[T | None, list[Problem]]:
    """Read the part of a file that stands at `path`, with every problem of its shape.

    With problems comes what can be read once they are left out, if anything can.
    """
    data: Any = source.data
    for key in path:
        data = data[key]
    try:
        return shape.model_validate(data), []
    except ValidationError as error:
        return _rest(shape, data, error), list(_problems(shape, source, path, error))


def _rest(shape: type[T], data: object, error: ValidationError) -> T | None:
    """What is left once every broken value is replaced or dropped and every misspelled key is respelled."""
    data = deepcopy(data)
    missing = list(_missing(error))
    for detail in reversed(error.errors()):
        *above, last = _place(detail["loc"])
        parent: Any = data
        for key in above:
            parent = _part(parent, key)
        spare, meant = SPARE.get((*above, last)), _meant((*above, last), missing)
        if isinstance(parent, dict) and detail["type"] == "extra_forbidden" and meant:
            parent[meant] = parent.pop(last)
        elif isinstance(parent, dict) and spare:
            parent[last] = spare
        elif isinstance(parent, dict):
            parent.pop(last, None)
        elif isinstance(parent, list) and last.isdecimal() and int(last) < len(parent):
            del parent[int(last)]
    try:
        return shape.model_validate(data)
    except ValidationError:
        return None


def _place(loc: Iterable[str | int]) -> list[str]:
    return [str(part) for part in loc if part != "[key]"] or [""]


def _part(parent: Any, key: str) -> object:
    if isinstance(parent, dict):
        return parent.get(key)
    return parent[int(key)] if isinstance(parent, list) and key.isdecimal() and int(key) < len(parent) else None


def _missing(error: ValidationError) -> Iterator[Path]:
    return (tuple(_place(detail["loc"])) for detail in error.errors() if detail["type"] == "missing")


def _meant(extra: Path, missing: Iterable[Path]) -> str:
    """The missing key of which this unknown one is a misspelling, or ""."""
    names = [path[-1] for path in missing if path[:-1] == extra[:-1]]
    return next(iter(get_close_matches(extra[-1], names, n=1, cutoff=0.6)), "")


def _problems(shape: type[Shape], source: Source, path: Path, error: ValidationError) -> Iterator[Problem]:
    missing = list(_missing(error))
    extra = [tuple(_place(d["loc"])) for d in error.errors() if d["type"] == "extra_forbidden"]
    respelled = {(*place[:-1], _meant(place, missing)) for place in extra}
    for detail in error.errors():
        inside = tuple(_place(detail["loc"])) if detail["loc"] else ()
        place, kind = path + inside, detail["type"]
        if kind == "extra_forbidden":
            nearest = did_you_mean(place[-1], _keys_at(shape, inside[:-1]))
            yield source.problem(place, f"unknown key {nearest}", at_key=True)
        elif kind == "missing":
            if inside not in respelled:
                yield source.problem(place, "this key is missing; add it", at_key=True)
        else:
            text = _in_words(kind, detail["msg"], detail.get("ctx", {}))
            yield source.problem(place, text, at_key="[key]" in detail["loc"])


def _keys_at(shape: type[Shape], inside: Path) -> list[str]:
    """The keys that may stand at a place below a shape."""
    for key in inside:
        named = {field.alias or name: field.annotation for name, field in shape.model_fields.items()}
        found = _shape_in(named.get(key))
        shape = found or shape  # a name that staff chose, such as a slot's, has the shape of its neighbours
    return [field.alias or name for name, field in shape.model_fields.items()]


def _shape_in(annotation: object) -> type[Shape] | None:
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return annotation
    return next((found for part in get_args(annotation) if (found := _shape_in(part))), None)


def _in_words(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"expected {context['expected']}".removesuffix(" or ''")
    kinds = {
        "string_type": "expected a text",
        "dict_type": "expected 'key: value' lines",
        "list_type": "expected a list",
        "model_type": "expected 'key: value' lines",
        "string_too_short": "nothing stands here; write it",
        "too_short": "nothing stands here; write at least 1",
        "too_long": "more than one stands here; write one",
    }
    return kinds.get(kind, message)
