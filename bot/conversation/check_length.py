"""Checks what texts cost: none is over the limit of segments, and letters that make a text dearer are named."""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from bot.conversation.check_facts import Facts
from bot.conversation.gsm7 import is_gsm7, segments
from bot.conversation.problems import Problem, Source
from bot.conversation.record_name import RECORD_NAME, with_record
from bot.conversation.shape import WordsShape
from bot.conversation.wording import fill, most_segments

PLAIN = {"–": "-", "—": "-", "…": "...", "‚": ",", "•": "-", "·": "-", "`": "'", "´": "'", "«": '"', "»": '"'}
MANY = 12  # different letters: this is how the language is written, and one note says it all
NOT_TEXTED = ".subject"  # of an email


def check(facts: Facts) -> Iterator[Problem]:
    for source, words in facts.words.values():
        sent = {name: _as_sent(facts, words, name, text) for name, text in words.say.items()}
        sent = {name: text for name, text in sent.items() if not name.endswith(NOT_TEXTED)}
        for name, text in sent.items():
            most = most_segments(facts.states.values(), facts.shape.limits.segments, name)
            if (count := segments(text)) > most:
                told = f"this takes {count} segments with its menu and longest values; shorten it to {most}"
                yield source.problem(("say", name), told)
        yield from _dear(source, sent)


def _as_sent(facts: Facts, words: WordsShape, name: str, text: str) -> str:
    """The text with its longest values and the dearest menu that it is sent with."""
    said = name.split(".retry.", maxsplit=1)[0]
    text = with_record(text, words.say.get(RECORD_NAME, ""))
    menus = (s for s in facts.states.values() if s.kind == "choose" and s.say == said)
    texts = ["\n".join((fill(text, facts.worst), *_menu(facts, words, s.subject, s.options))) for s in menus]
    return max(texts or [fill(text, facts.worst)], key=segments)


def _menu(facts: Facts, words: WordsShape, slot: str, options: tuple[str, ...]) -> Iterator[str]:
    for number, option in enumerate(options, 1):
        label = next(iter(words.options.get(slot, {}).get(option, [])), option)
        if slot == "language" and option in facts.words:
            label = facts.words[option][1].name
        yield f"{number} {label}"


def _dear(source: Source, sent: Mapping[str, str]) -> Iterator[Problem]:
    """Notes on texts that would take fewer segments without their accents."""
    found: dict[str, tuple[str, int, int]] = {}
    for name, text in sent.items():
        if is_gsm7(text):
            continue
        cheap = "".join(map(_without_accent, text))
        if is_gsm7(cheap) and (fewer := segments(cheap)) < (count := segments(text)):
            found[name] = "".join(dict.fromkeys(c for c in text if not is_gsm7(c))), count, fewer
    letters = dict.fromkeys(c for dear, _, _ in found.values() for c in dear)
    if len(letters) > MANY:
        more = sum(count - fewer for _, count, fewer in found.values())
        text = (
            f"the letters of this language force segments of 70 characters: {len(found)} texts take {more} more in all"
        )
        yield source.problem(("name",), text, level="note")
        return
    for name, (dear, count, fewer) in found.items():
        named = f"the characters {' '.join(dear)} force" if len(dear) > 1 else f"the character {dear} forces"
        text = f"{named} segments of 70 characters: {count} segments instead of {fewer}; reword if that is easy"
        yield source.problem(("say", name), text, level="note")


@cache
def _without_accent(character: str) -> str:
    if is_gsm7(character):
        return character
    return PLAIN.get(character) or unicodedata.normalize("NFD", character)[0]
