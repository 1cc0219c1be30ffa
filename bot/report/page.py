"""The report's page: everything is worked out here, and the template only shows it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.conversation import check_reading, reading
from bot.conversation.flow import Flow, State
from bot.conversation.gsm7 import is_gsm7, segments
from bot.conversation.problems import Path as Place
from bot.conversation.problems import Problem
from bot.conversation.record_name import RECORD_NAME, with_record
from bot.conversation.wording import most_segments
from bot.report.costs import Cost, Prices, complete_paths, cost, message
from bot.report.picture import draw
from bot.report.translations import Language, languages
from bot.transcripts.coverage import Part

MOST_REPLIES = 12  # ours; at 15 in quick succession Twilio stops (error 14107)


@dataclass(frozen=True, slots=True)
class Chats:
    """How the transcripts went."""

    passed: int
    differences: Sequence[str]
    skipped: Sequence[str]
    coverage: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Cell:
    """One text in one language."""

    text: str
    mark: str = ""  # "untranslated", "older than its source", "missing"
    segments: int = 0
    too_long: bool = False
    letters: str = ""  # why a short text takes more than one segment


@dataclass(frozen=True, slots=True)
class Range:
    """A language's paths: the cheapest, the usual and the most expensive."""

    language: Language
    cheapest: Cost
    usual: Cost
    dearest: Cost


def page(
    flow: Flow,
    files: Mapping[str, str],
    problems: Sequence[Problem],
    chats: Chats,
    *,
    today: date,
    prices: Prices,
) -> str:
    """One HTML page that needs nothing else: no script, no picture, no font from elsewhere."""
    known = languages(files, flow.languages)
    paths, more = complete_paths(flow)
    live = [language for language in known if language.live]
    costs = {lang.code: [cost(flow, path, lang.code, prices) for path in paths] for lang in live}
    grades = _grades(flow)
    picture = draw(flow)
    return _environment().get_template("report.html").render(
        flow=flow,
        today=today,
        contents=sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16],
        picture=picture,
        svg=Markup(picture.svg),  # noqa: S704 its words are escaped where they are drawn
        steps=[_step(state) for state in flow.states.values()],
        languages=known,
        live=live,
        reviewed=sum(language.is_reviewed for language in known),
        unfinished=sum(len(language.untranslated) for language in known),
        outdated=sum(len(language.older) for language in known),
        sections=_sections(flow, known),
        paths=paths,
        more=more,
        longest=max(path.replies for path in paths),
        most_replies=MOST_REPLIES,
        costs=costs,
        ranges=[_range(language, costs[language.code]) for language in live],
        prices=prices,
        grades=grades,
        average=sum(value for _, _, value in grades) / max(len(grades), 1),
        highest=check_reading.MOST,
        few=check_reading.FEW,
        problems=problems,
        counts={level: sum(p.level == level for p in problems) for level in ("error", "warning", "note")},
        chats=chats,
    )  # fmt: skip


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("bot.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _step(state: State) -> tuple[State, str, list[tuple[str, str]]]:
    """A state, what it does in words, and where it leads: outcomes with the same target together."""
    does = {
        "ask": f"asks for {state.subject}, checked by {state.check}",
        "choose": f"a menu for {state.subject}: {', '.join(state.options)}",
        "do": f"does {state.subject}",
        "end": f"ends: {state.subject}; all answers are forgotten",
    }
    to: dict[str, list[str]] = {}
    for outcome, target in state.next.items():
        to.setdefault(target, []).append(outcome)
    return state, does[state.kind], [(", ".join(outcomes), target) for target, outcomes in to.items()]


def _range(language: Language, costs: Sequence[Cost]) -> Range:
    in_order = sorted(costs, key=lambda one: (one.dollars, one.segments))
    return Range(language, in_order[0], costs[0], in_order[-1])


def _sections(flow: Flow, known: Sequence[Language]) -> list[tuple[str, str, list[tuple[str, list[Cell]]]]]:
    """The words by section: one row for each name, one cell for each language."""
    titles = {
        "say": "Messages",
        "options": "Words of the menus",
        "keywords": "Keywords",
        "page": "The record's web page",
        "vaccines": "What it calls vaccines",
    }
    every = list(dict.fromkeys(place for language in known for place in language.texts))
    return [
        (
            section,
            title,
            [(".".join(p[1:]), [_cell(flow, lang, p) for lang in known]) for p in every if p[0] == section],
        )
        for section, title in titles.items()
    ]


def _cell(flow: Flow, language: Language, place: Place) -> Cell:
    raw = language.texts.get(place)
    if raw is None:
        return Cell("", "" if place[-1].endswith((".2", ".3")) else "missing")  # these are kinder forms, never needed
    text = ", ".join(map(str, raw)) if isinstance(raw, list) else str(raw)
    text = with_record(text, str(language.texts.get(("say", RECORD_NAME), "")))
    mark = "untranslated" if place in language.untranslated else ""
    mark = mark or ("older than its source" if place in language.older else "")
    if place[0] != "say" or place[1].endswith(".subject"):
        return Cell(text, mark)
    sent = message(flow, language.code, place[1]) if language.code in flow.words else text
    count = segments(sent)
    most = most_segments(flow.states.values(), flow.limits.segments, place[1])
    return Cell(text, mark, count, count > most, _costly(sent, count))


def _costly(sent: str, count: int) -> str:
    """The few letters that make a text of GSM-7 letters cost more."""
    few = {letter for letter in sent if not is_gsm7(letter)}
    plain = "".join("x" if letter in few else letter for letter in sent)
    if segments(plain) == count or sum(letter in few for letter in sent) > len(sent) / 8:
        return ""
    return f"for want of GSM-7: {' '.join(sorted(few))}"


def _grades(flow: Flow) -> list[tuple[str, str, float]]:
    """The English texts that are long enough to have a grade, hardest first."""
    if check_reading.LANGUAGE not in flow.words:
        return []
    words = flow.words[check_reading.LANGUAGE]
    texts = [*words.say.items(), *((f"page.{name}", text) for name, text in words.page.items())]
    graded = [(name, text, reading.grade(text)) for name, text in texts if reading.words(text) >= check_reading.FEW]
    return sorted(graded, key=lambda one: -one[2])
