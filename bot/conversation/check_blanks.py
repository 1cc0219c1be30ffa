"""Checks the {blanks} of texts: each can be filled, is in every language, gives nothing away and stands by itself."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from bot.conversation.actions import ACTIONS
from bot.conversation.check_facts import Facts, plain_name
from bot.conversation.pages import PAGE_TEXTS, plain_text
from bot.conversation.problems import Path, Problem, Source, did_you_mean
from bot.conversation.record_name import RECORD
from bot.conversation.wording import BLANK, blanks

SPACED = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW", "DIGIT")  # scripts that put spaces between words
BESIDE = re.compile(rf"(.?){BLANK.pattern}(.?)", re.DOTALL)


def check(facts: Facts) -> Iterator[Problem]:
    for code, (source, words) in facts.words.items():
        for section, texts in (("say", words.say), ("page", words.page)):
            for name, text in texts.items():
                allowed = _allowed(facts, section, name)
                yield from _blanks(facts, source, (section, name), text, allowed)
                if code != facts.shape.languages[0]:
                    yield from _as_in_source(facts, source, (section, name), text, allowed)


def _allowed(facts: Facts, section: str, name: str) -> frozenset[str]:
    if section == "page":
        return frozenset({*PAGE_TEXTS.get(plain_text(name), ()), *facts.shape.values, RECORD})
    return facts.needed[plain_name(name)] if plain_name(name) in facts.needed else _anywhere(facts)


def _anywhere(facts: Facts) -> frozenset[str]:
    """What some text may have, for texts of which we cannot know more."""
    given = (blank for action in ACTIONS.values() for blanks in action.gives.values() for blank in blanks)
    asked = {state.subject for state in facts.states.values() if state.kind == "ask"}
    secret = {name for name, slot in facts.shape.slots.items() if slot.sensitive}
    return frozenset({*facts.shape.values, *given, *(asked - secret), RECORD})


def _blanks(facts: Facts, source: Source, path: Path, text: str, allowed: frozenset[str]) -> Iterator[Problem]:
    for blank in dict.fromkeys(blanks(text)):
        if blank not in allowed:
            yield source.problem(path, _refused(facts, blank, allowed))
    rest = BLANK.sub("", text)
    if "{" in rest or "}" in rest:
        yield source.problem(path, "a brace stands alone and would be sent as it is; write a blank as {name}")
    for before, blank, after in BESIDE.findall(text):
        left, right = (letter if _is_letter(letter) else "" for letter in (before, after))
        if blank in allowed and (left or right):
            told = f"'{left}{{{blank}}}{right}' would run together with what fills it; put a space between"
            yield source.problem(path, told)


def _refused(facts: Facts, blank: str, allowed: frozenset[str]) -> str:
    slots = facts.shape.slots
    if blank in slots and slots[blank].sensitive:
        return f"{{{blank}}} would text a sensitive answer back; leave it out"
    if blank in facts.plain:
        return (
            f"there is a way to this text on which nobody was asked for {{{blank}}}; ask for it before or leave it out"
        )
    return f"{{{blank}}} cannot be filled here and would be sent as it is {did_you_mean(blank, allowed)}"


def _is_letter(character: str) -> bool:
    return character == "_" or (character.isalnum() and unicodedata.name(character, "").startswith(SPACED))


def _as_in_source(facts: Facts, source: Source, path: Path, text: str, allowed: frozenset[str]) -> Iterator[Problem]:
    """Where both languages have the text and all their blanks have a meaning."""
    told = facts.source_words
    texts: Mapping[str, str] = (told[1].say if path[0] == "say" else told[1].page) if told else {}
    here, there = set(blanks(text)), set(blanks(texts.get(path[1], "")))
    if path[1] not in texts or not text.strip() or not here | there <= allowed:
        return
    origin = facts.shape.languages[0]
    for blank in sorted(there - here):
        yield source.problem(path, f"{{{blank}}} is in the '{origin}' text and would be missing here; put it in")
    for blank in sorted(here - there):
        yield source.problem(path, f"{{{blank}}} is not in the '{origin}' text; take it out, or put it in there too")
