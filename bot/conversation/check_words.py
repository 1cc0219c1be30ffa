"""Checks that every language says everything: no text, option or keyword is missing, and none is there for nothing."""

from collections.abc import Iterator

from bot.conversation.check_facts import Facts, plain_name
from bot.conversation.pages import PAGE_TEXTS, forms
from bot.conversation.problems import Problem, Source, did_you_mean
from bot.conversation.shape import WordsShape


def check(facts: Facts) -> Iterator[Problem]:
    for source, words in facts.words.values():
        yield from _texts(facts, source, words)
        yield from _options(facts, source, words)
        yield from _keywords(facts, source, words)
        yield from _page(source, words)


def _texts(facts: Facts, source: Source, words: WordsShape) -> Iterator[Problem]:
    if not facts.sound:  # what is needed is not known
        return
    for name in facts.needed:
        if not words.say.get(name, "").strip():
            text = "a resident would get no answer: this text is missing; add it"
            yield source.problem(("say", name), text, at_key=True)
    for name in words.say:
        if plain_name(name) not in facts.needed:
            text = f"nobody sends this text {did_you_mean(name, facts.needed)}; rename or remove it"
            yield source.problem(("say", name), text, at_key=True, level="warning")


def _options(facts: Facts, source: Source, words: WordsShape) -> Iterator[Problem]:
    """Languages are called by their own names."""
    if not facts.sound:
        return
    menus = {slot: options for slot, options in facts.menus().items() if slot != "language"}
    for slot, options in menus.items():
        for option in options:
            if not any(word.strip() for word in words.options.get(slot, {}).get(option, [])):
                text = "this option has no words, so nobody could choose it; add them"
                yield source.problem(("options", slot, option), text, at_key=True)
    for slot, words_of in words.options.items():
        if slot not in menus:
            yield source.problem(("options", slot), f"no menu asks for it {did_you_mean(slot, menus)}", at_key=True)
        for option in words_of if slot in menus else ():
            if option not in menus[slot]:
                text = f"the menu has no such option {did_you_mean(option, menus[slot])}"
                yield source.problem(("options", slot, option), text, at_key=True)


def _keywords(facts: Facts, source: Source, words: WordsShape) -> Iterator[Problem]:
    for name in facts.shape.keywords:
        if not any(word.strip() for word in words.keywords.get(name, [])):
            text = "this keyword has no words, so nobody could use it; add them"
            yield source.problem(("keywords", name), text, at_key=True)
    for name in words.keywords:
        if name not in facts.shape.keywords:
            nearest = did_you_mean(name, facts.shape.keywords)
            yield source.problem(("keywords", name), f"flow.yaml has no such keyword {nearest}", at_key=True)


def _page(source: Source, words: WordsShape) -> Iterator[Problem]:
    for name in PAGE_TEXTS:
        if not words.page.get(name, "").strip():
            text = "this text of a page is missing; add it"
            yield source.problem(("page", name), text, at_key=True)
    known = {*PAGE_TEXTS}.union(*(forms(name, words.language) for name in PAGE_TEXTS))
    for name in words.page:
        if name not in known:
            nearest = did_you_mean(name, known)
            yield source.problem(("page", name), f"no page has such a text {nearest}", at_key=True)
