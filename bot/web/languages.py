"""Which of our languages a browser's reader understands."""

from collections.abc import Iterable, Sequence

from babel import Locale, UnknownLocaleError


def best_language(wanted: Iterable[str], ours: Sequence[str]) -> str:
    """The first of the `wanted` ("zh-TW", "fil", "es-MX", as browsers name them) that is ours; else our first."""
    for code in wanted:
        if found := _same(code, ours):
            return found
    return ours[0]


def _same(code: str, ours: Sequence[str]) -> str | None:
    """In the same script, or else in any: who reads zh-TW can read zh-Hans better than English."""
    asked = _parts(code)
    known = [(language, _parts(language)) for language in ours] if asked else []
    exact = (language for language, parts in known if parts == asked)
    alike = (language for language, parts in known if parts and asked and parts[0] == asked[0])
    return next(exact, None) or next(alike, None)


def _parts(code: str) -> tuple[str, str | None] | None:
    """ "zh-TW" -> ("zh", "Hant"); None for what is no language."""
    try:
        locale = Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return None
    return locale.language, locale.script
