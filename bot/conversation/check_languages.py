"""Checks that flow.yaml, the names of the text files and what stands in them agree on the languages."""

from collections.abc import Collection, Iterator, Mapping

from bot.conversation import check_translation
from bot.conversation.check_facts import Facts, Told
from bot.conversation.problems import Problem, did_you_mean


def check(facts: Facts, others: Mapping[str, Told], broken: Collection[str]) -> Iterator[Problem]:
    """`others` are complete or begun and not in flow.yaml; of the `broken` files only the name is known."""
    languages = facts.shape.languages
    for index, code in enumerate(languages):
        place = ("languages", str(index))
        if code not in facts.words and code not in broken:
            near = did_you_mean(code, others) if others else ""
            yield facts.source.problem(place, f"'{code}' has no words; add text/{code}.yaml {near}".rstrip())
        elif facts.sound and code in facts.words and code not in facts.menus().get("language", (code,)):
            text = f"no menu offers '{code}', so few will find it; add it to the options of the language question"
            yield facts.source.problem(place, text, level="warning")
    for code, (source, _) in others.items():
        if not any(check_translation.untranslated(source)):
            near = did_you_mean(code, languages)
            text = f"nobody can choose '{code}': flow.yaml does not list it {near}; add it to languages there"
            yield source.problem(("language",), text)
    told = {**facts.words, **others}
    yield from check_translation.check(tuple(languages), {code: source for code, (source, _) in told.items()})
