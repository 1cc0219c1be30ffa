"""From the files of a flow's folder to a flow, or to everything that is wrong with them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from bot.conversation import check_states, check_words
from bot.conversation.flow import Flow, Keyword, Limits, Slot, State, Words
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.folding import fold
from bot.conversation.machine import build_machine
from bot.conversation.problems import FlowBroken, Problem, Source
from bot.conversation.shape import STATE_SHAPES, FlowShape, LimitsShape, Shape, WordsShape, read_shape

FLOW_FILE = "flow.yaml"


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a flow whose shape is right; what they say together is still to be checked."""

    source: Source
    shape: FlowShape
    states: Mapping[str, State]
    words: Mapping[str, tuple[Source, WordsShape]]  # by language


def load_flow(files: Mapping[str, str], folder: str = "") -> Flow:
    """Build a flow from file texts by path ("flow.yaml", "text/es.yaml"). Raises FlowBroken with every error."""
    flow, problems = check_flow(files, folder)
    if flow is None:
        raise FlowBroken(problem for problem in problems if problem.level == "error")
    return flow


def check_flow(files: Mapping[str, str], folder: str = "") -> tuple[Flow | None, list[Problem]]:
    """The flow, if it may start, and all problems, warnings and notes."""
    draft, problems = _draft(files, folder)
    if draft is None:
        return None, sorted(problems)
    problems += check_states.check(draft.source, draft.shape, draft.states)
    problems += check_words.check(draft.source, draft.shape, draft.states, draft.words)
    broken = any(problem.level == "error" for problem in problems)
    return (None if broken else _build(draft)), sorted(problems)


def _draft(files: Mapping[str, str], folder: str) -> tuple[Draft | None, list[Problem]]:
    """Read what can be read; a draft only if every shape is right."""
    source, problems = _source(files, FLOW_FILE, folder)
    shape: FlowShape | None = None
    states: dict[str, State] = {}
    if source:
        shape, found = read_shape(FlowShape, source)
        problems += found
        states, found = _read_states(source)
        problems += found
    words = {}
    for path in sorted(path for path in files if path.startswith("text/") and path.endswith(".yaml")):
        language, text, found = _read_words(files, path, folder)
        problems += found
        if text:
            words[language] = text
    if source is None or shape is None or problems:
        return None, problems
    return Draft(source, shape, _with_defaults(states, shape), words), problems


def _source(files: Mapping[str, str], path: str, folder: str) -> tuple[Source | None, list[Problem]]:
    name = f"{folder}/{path}" if folder else path
    if path not in files:
        return None, [Problem(name, 1, 1, "this file is missing")]
    try:
        return read_yaml(name, files[path]), []
    except FlowBroken as broken:
        return None, list(broken.problems)


def _read_words(
    files: Mapping[str, str], path: str, folder: str
) -> tuple[str, tuple[Source, WordsShape] | None, list[Problem]]:
    source, problems = _source(files, path, folder)
    if source is None:
        return "", None, problems
    shape, problems = read_shape(WordsShape, source)
    if shape and f"text/{shape.language}.yaml" != path:
        problems.append(source.problem(("language",), f"'{shape.language}' does not fit the file's name {path}"))
    return (shape.language if shape else ""), ((source, shape) if shape else None), problems


def _read_states(source: Source) -> tuple[dict[str, State], list[Problem]]:
    states: dict[str, State] = {}
    problems: list[Problem] = []
    raw = source.data.get("states")
    for name, body in raw.items() if isinstance(raw, dict) else ():
        path = ("states", name)
        kinds = [kind for kind in STATE_SHAPES if isinstance(body, dict) and kind in body]
        if len(kinds) != 1:
            problems.append(source.problem(path, "a state has exactly one of: ask, choose, do, end", at_key=True))
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
    words = {code: _words(shape) for code, (_, shape) in draft.words.items()}
    slots = {state.subject for state in draft.states.values() if state.waits}
    return Flow(
        name=shape.flow,
        languages=tuple(shape.languages),
        start=shape.start,
        exhausted=shape.defaults.exhausted,
        fault=shape.defaults.fault,
        limits=_limits(shape.limits),
        keywords=keywords,
        slots={slot: _slot(shape, slot) for slot in slots},
        values=dict(shape.values),
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


def _slot(shape: FlowShape, name: str) -> Slot:
    return Slot(**shape.slots[name].model_dump()) if name in shape.slots else Slot()


def _words(shape: WordsShape) -> Words:
    return Words(
        code=shape.language,
        name=shape.name,
        called=tuple(shape.called),
        date_order=shape.date_order,
        keywords={name: tuple(words) for name, words in shape.keywords.items()},
        options={slot: {o: tuple(w) for o, w in options.items()} for slot, options in shape.options.items()},
        say=dict(shape.say),
        page=dict(shape.page),
    )


def _structure(draft: Draft) -> str:
    """A hash of the steps themselves: other words, limits and values do not change it."""
    steps = {
        name: (s.kind, s.subject, s.check, dict(s.settings), s.options, s.inputs, dict(s.next), s.once, s.forget)
        for name, s in draft.states.items()
    }
    text = json.dumps([draft.shape.start, steps], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]
