"""From the files of a flow's folder to a flow, or to everything that is wrong with them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256

from bot.conversation import (
    check_blanks,
    check_chats,
    check_examples,
    check_graph,
    check_languages,
    check_length,
    check_letters,
    check_meanings,
    check_reading,
    check_source,
    check_states,
    check_vaccines,
    check_words,
)
from bot.conversation.brand import BRAND_FILE, Brand, read_brand
from bot.conversation.check_facts import Facts, Told
from bot.conversation.flow import Flow, Keyword, Limits, Slot, State, Words
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.folding import fold
from bot.conversation.limits_file import LIMITS_FILE, read_limits
from bot.conversation.machine import build_machine
from bot.conversation.problems import FlowBroken, Problem, Source, in_order
from bot.conversation.record_name import RECORD_NAME, with_record
from bot.conversation.shape import STATE_SHAPES, FlowShape, LimitsShape, Shape, WordsShape, read_shape
from bot.conversation.vaccine_rows import VACCINES_FILE, VaccineRow, read_rows
from bot.conversation.wording import blanks
from bot.limits.table import Allowed
from bot.vaccines import Vaccines, packaged

FLOW_FILE = "flow.yaml"
WORD_CHECKS = (
    check_words,
    check_blanks,
    check_letters,
    check_meanings,
    check_length,
    check_examples,
    check_source,
    check_reading,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a flow as far as they can be read; what they say together is still to be checked."""

    source: Source
    shape: FlowShape
    states: Mapping[str, State]
    named: frozenset[str]  # all states of the file, also those that cannot be read
    words: Mapping[str, Told]  # by language
    broken: frozenset[str]  # languages whose file cannot be read
    rows: tuple[VaccineRow, ...]  # the vaccines that staff name themselves
    brand: Brand
    allowed: Allowed


def load_flow(files: Mapping[str, str], folder: str = "") -> Flow:
    """Build a flow from file texts by path ("flow.yaml", "text/es.yaml"). Raises FlowBroken with every error.

    The same texts are checked once, for a start looks at them several times.
    """
    return _loaded(tuple(sorted(files.items())), folder)


@lru_cache(maxsize=2)
def _loaded(files: tuple[tuple[str, str], ...], folder: str) -> Flow:
    flow, problems = check_flow(dict(files), folder)
    if flow is None:
        raise FlowBroken(problem for problem in problems if problem.level == "error")
    return flow


def check_flow(files: Mapping[str, str], folder: str = "") -> tuple[Flow | None, list[Problem]]:
    """The flow, if it may start, and all problems: errors, then warnings, then notes.

    With transcripts ("chats/x.chat") among the files it also says what none of them visits.
    """
    draft, problems = _draft(files, folder)
    if draft is None:
        return None, in_order(problems)
    found = check_states.check(draft.source, draft.shape, draft.states, draft.named)
    sound = not found and len(draft.states) == len(draft.named)
    problems += found
    if sound:
        problems += check_graph.check(draft.source, draft.shape, draft.states)
    problems += _check_words(draft, sound, {path: text for path, text in files.items() if path.endswith(".chat")})
    broken = any(problem.level == "error" for problem in problems)
    return (None if broken else _build(draft)), in_order(problems)


def _check_words(draft: Draft, sound: bool, chats: Mapping[str, str]) -> Iterator[Problem]:
    listed = {code: draft.words[code] for code in draft.shape.languages if code in draft.words}
    others = {code: told for code, told in draft.words.items() if code not in listed}
    facts = Facts.of(draft.source, draft.shape, draft.states, listed, sound)
    yield from check_languages.check(facts, others, draft.broken)
    yield from check_vaccines.check(facts, draft.rows)
    for room in WORD_CHECKS:
        yield from room.check(facts)
    if sound:
        named = (blank for _, words in listed.values() for text in words.say.values() for blank in blanks(text))
        yield from check_graph.asked_for_nothing(draft.source, draft.states, named)
    yield from check_chats.check(facts, chats)


def _draft(files: Mapping[str, str], folder: str) -> tuple[Draft | None, list[Problem]]:
    """Read what can be read; no draft without a flow.yaml that shows what there is."""
    source, problems = _source(files, FLOW_FILE, folder)
    words, broken = {}, set()
    for path in sorted(path for path in files if path.startswith("text/") and path.endswith(".yaml")):
        language, told, found = _read_words(files, path, folder)
        problems += found
        if told:
            words[language] = told
        else:
            broken.add(language)
    rows, found = _read_rows(files, folder)
    problems += found
    brand, found = read_brand(files, _named(BRAND_FILE, folder))
    problems += found
    allowed, found = read_limits(files, _named(LIMITS_FILE, folder))
    problems += found
    if source is None:
        return None, problems
    shape, found = read_shape(FlowShape, source)
    problems += found
    states, found = read_states(source)
    problems += found
    if shape is None:
        return None, problems
    named = frozenset(shape.states) | frozenset(states)
    states = _with_defaults(states, shape)
    return Draft(source, shape, states, named, words, frozenset(broken), rows, brand, allowed), problems


def _read_rows(files: Mapping[str, str], folder: str) -> tuple[tuple[VaccineRow, ...], list[Problem]]:
    return read_rows(_named(VACCINES_FILE, folder), files.get(VACCINES_FILE, ""))


def _named(path: str, folder: str) -> str:
    return f"{folder}/{path}" if folder else path


def _source(files: Mapping[str, str], path: str, folder: str) -> tuple[Source | None, list[Problem]]:
    name = _named(path, folder)
    if path not in files:
        return None, [Problem(name, 1, 1, "this file is missing")]
    try:
        return read_yaml(name, files[path]), []
    except FlowBroken as broken:
        return None, list(broken.problems)


def _read_words(files: Mapping[str, str], path: str, folder: str) -> tuple[str, Told | None, list[Problem]]:
    """The language is the file's name, which `language:` must repeat."""
    code = path.removeprefix("text/").removesuffix(".yaml")
    source, problems = _source(files, path, folder)
    if source is None:
        return code, None, problems
    shape, problems = read_shape(WordsShape, source)
    if shape and shape.language != code:
        text = f"'{shape.language}' does not fit the file's name {path}; write {code}, or rename the file"
        problems.append(source.problem(("language",), text))
    return code, ((source, shape) if shape else None), problems


def read_states(source: Source) -> tuple[dict[str, State], list[Problem]]:
    """The states of a flow.yaml that can be read, as they are written, and what is wrong with the others."""
    states: dict[str, State] = {}
    problems: list[Problem] = []
    raw = source.data.get("states")
    for name, body in raw.items() if isinstance(raw, dict) else ():
        path = ("states", name)
        kinds = [kind for kind in STATE_SHAPES if isinstance(body, dict) and kind in body]
        if len(kinds) != 1:
            problems.append(source.problem(path, f"a state has exactly one of: {', '.join(STATE_SHAPES)}", at_key=True))
            continue
        shape, found = read_shape(STATE_SHAPES[kinds[0]], source, path)
        problems += found
        if shape:
            states[name] = _state(name, kinds[0], shape)
    return states, problems


def _state(name: str, kind: str, shape: Shape) -> State:
    data = shape.model_dump()
    check, settings = next(iter(data.get("check", {}).items()), ("", {}))
    return State(
        name=name,
        kind=kind,
        subject=data[kind],
        say=data["say"] or name,
        check=check,
        settings=settings,
        options=tuple(data.get("options", ())),
        inputs=tuple(data.get("with_", ())),
        next=data.get("next", {}),
        once=data.get("once", False),
        forget=tuple(data.get("forget", ())) if kind != "end" else (),
        asks_again={option: tuple(slots) for option, slots in data.get("asks_again", {}).items()},
        segments=data["segments"],
    )


def _with_defaults(states: Mapping[str, State], shape: FlowShape) -> dict[str, State]:
    """Every outcome named: `any` written out, `exhausted` and `fault` from the defaults."""
    return {name: _complete(state, shape) for name, state in states.items()}


def _complete(state: State, shape: FlowShape) -> State:
    following = dict(state.next)
    if state.kind == "choose" and "any" in following:
        target = following.pop("any")
        following = {**dict.fromkeys(state.options, target), **following}
    if state.waits:
        following.setdefault("exhausted", shape.defaults.exhausted)
    if state.kind == "do":
        following.setdefault("fault", shape.defaults.fault)
    return replace(state, next=following)


def _build(draft: Draft) -> Flow:
    shape = draft.shape
    keywords = {name: Keyword(k.go, k.say, k.tell, bool(k.forget)) for name, k in shape.keywords.items()}
    words = {code: _words(draft.words[code][1]) for code in shape.languages}
    slots = {state.subject for state in draft.states.values() if state.waits}
    return Flow(
        name=shape.flow,
        languages=tuple(shape.languages),
        start=shape.start,
        exhausted=shape.defaults.exhausted,
        fault=shape.defaults.fault,
        limits=_limits(shape.limits),
        allowed=draft.allowed,
        keywords=keywords,
        slots={slot: _slot(shape, slot) for slot in slots},
        values=dict(shape.values),
        vaccines=_vaccines(draft),
        brand=draft.brand,
        states=dict(draft.states),
        renamed=dict(shape.renamed),
        words=words,
        slot_checks={s.subject: s.check for s in draft.states.values() if s.kind == "ask"},
        keyword_of={
            fold(said): keywords[k] for w in words.values() for k, spellings in w.keywords.items() for said in spellings
        },
        language_of={fold(said): code for code, w in words.items() for said in (w.name, *w.called)},
        structure=_structure(draft),
        machine=build_machine(draft.states, shape.start),
    )


def _limits(shape: LimitsShape) -> Limits:
    return Limits(**shape.model_dump())


def _vaccines(draft: Draft) -> Vaccines:
    return Vaccines({**packaged(), **{row.cvx: row.vaccine for row in draft.rows}}, tuple(draft.shape.vaccines))


def _slot(shape: FlowShape, name: str) -> Slot:
    return Slot(**shape.slots[name].model_dump()) if name in shape.slots else Slot()


def _words(shape: WordsShape) -> Words:
    record = shape.say[RECORD_NAME]
    return Words(
        code=shape.language,
        name=shape.name,
        called=tuple(shape.called),
        date_order=shape.date_order,
        keywords={name: tuple(words) for name, words in shape.keywords.items()},
        options={slot: {o: tuple(w) for o, w in options.items()} for slot, options in shape.options.items()},
        say={name: with_record(text, record) for name, text in shape.say.items()},
        page={name: with_record(text, record) for name, text in shape.page.items()},
        vaccines=dict(shape.vaccines),
        drafted=shape.drafted,
        reviewed=shape.reviewed,
    )


def _structure(draft: Draft) -> str:
    """A hash of the steps themselves: other words, limits, values and vaccines do not change it."""
    steps = {name: _steps_of(state) for name, state in draft.states.items()}
    text = json.dumps([draft.shape.start, steps], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]


def _steps_of(s: State) -> tuple[object, ...]:
    asked = (s.kind, s.subject, s.check, dict(s.settings), s.options, s.inputs)
    return (*asked, dict(s.next), s.once, s.forget, dict(s.asks_again))
