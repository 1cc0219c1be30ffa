"""The shape of the flow files: which keys there are and what may stand in them."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.conversation.problems import Path, Problem, Source, did_you_mean

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


class AskShape(Shape):
    ask: Name
    once: Yes = False
    forget: list[str] = []
    check: Annotated[dict[str, dict[str, str]], BeforeValidator(_settings), Field(min_length=1, max_length=1)]
    next: dict[str, str]
    say: str = ""


class ChooseShape(Shape):
    choose: Name
    forget: list[str] = []
    options: Annotated[list[str], Field(min_length=1)]
    next: dict[str, str]
    say: str = ""


class DoShape(Shape):
    do: str
    with_: Annotated[list[str], Field(alias="with")] = []
    next: dict[str, str]
    say: str = ""


class EndShape(Shape):
    end: Literal["success", "help", "stopped"]
    forget: Literal["all"]
    say: str = ""


STATE_SHAPES: Mapping[str, type[Shape]] = {
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
    slots: dict[Name, SlotShape] = {}
    states: dict[Name, Any]
    renamed: dict[str, str] = {}


class WordsShape(Shape):
    language: Language
    name: str
    called: WordList = []
    date_order: Literal["mdy", "dmy"]
    keywords: dict[str, WordList]
    options: dict[str, dict[str, WordList]]
    say: dict[str, str]
    page: dict[str, str]


T = TypeVar("T", bound=Shape)


def read_shape(shape: type[T], source: Source, path: Path = ()) -> tuple[T | None, list[Problem]]:
    """Read the part of a file that stands at `path`, with every problem of its shape."""
    data: Any = source.data
    for key in path:
        data = data[key]
    try:
        return shape.model_validate(data), []
    except ValidationError as error:
        return None, list(_problems(shape, source, path, error))


def _problems(shape: type[Shape], source: Source, path: Path, error: ValidationError) -> Iterator[Problem]:
    for detail in error.errors():
        place = path + tuple(str(part) for part in detail["loc"] if part != "[key]")
        kind = detail["type"]
        if kind == "extra_forbidden":
            known = [field.alias or name for name, field in shape.model_fields.items()]
            nearest = did_you_mean(place[-1], known) if len(place) == len(path) + 1 else ""
            yield source.problem(place, f"unknown key {nearest}".rstrip(), at_key=True)
        elif kind == "missing":
            yield source.problem(place, "this key is missing; add it", at_key=True)
        else:
            yield source.problem(place, _in_words(kind, detail["msg"], detail.get("ctx", {})))


def _in_words(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"expected {context['expected']}"
    kinds = {
        "string_type": "expected a text",
        "dict_type": "expected 'key: value' lines",
        "list_type": "expected a list",
    }
    return kinds.get(kind, message)
