"""Checks that nothing untranslated is sent: the mark of a new language's strings, and who still carries it."""

from collections.abc import Iterator, Mapping

from bot.conversation.problems import Path, Problem, Source

UNTRANSLATED = "UNTRANSLATED: "
SECTIONS = ("keywords", "options", "say", "page", "vaccines")


def check(languages: tuple[str, ...], words: Mapping[str, Source]) -> list[Problem]:
    """`languages` are those of flow.yaml, `words` the text files by language.

    In a language that residents can choose an untranslated text is an error, in one that is being prepared it is one
    warning with the number.
    """
    problems: list[Problem] = []
    for code, source in words.items():
        marked = list(untranslated(source))
        if code in languages:
            problems += [source.problem(path, _live(path)) for path in marked]
        elif marked:
            text = f"'{code}' is not finished: {len(marked)} strings are untranslated; vaxtext flow export {code}"
            problems.append(source.problem(("language",), text, level="warning"))
    return problems


def untranslated(source: Source) -> Iterator[Path]:
    """Where the mark of an untranslated string stands; of a list of words, the list."""
    for section in SECTIONS:
        for path, value in leaves(source.data.get(section), (section,)):
            if is_marked(value):
                yield path


def is_marked(value: object) -> bool:
    words = value if isinstance(value, list) else [value]
    return any(isinstance(word, str) and word.startswith(UNTRANSLATED.strip()) for word in words)


def leaves(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    """Every text and every list of words below a place, in the order of the file."""
    if not isinstance(value, dict):
        yield path, value
        return
    for key, below in value.items():
        yield from leaves(below, (*path, key))


def _live(path: Path) -> str:
    places = dict.fromkeys(("page", "vaccines"), "the record page would show") | {"say": "a resident would get"}
    place = places.get(path[0], "a resident would meet")
    return f"{place} '{UNTRANSLATED}...'; translate it, or take the language out of flow.yaml until it is finished"
