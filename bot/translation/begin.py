"""Begins a language: the source's file, its order and comments, with every string marked as untranslated."""

from collections.abc import Iterator

from babel import Locale, UnknownLocaleError

from bot.conversation.check_translation import SECTIONS, UNTRANSLATED, leaves
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.problems import Path
from bot.translation.edit import Value, edit


def begin(source: str, code: str, name: str) -> str:
    """The text file of a new language. Raises ValueError with a sentence."""
    locale = _locale(code)
    data = read_yaml("", source).data
    changes: dict[Path, Value] = {
        ("language",): code,
        ("name",): name,
        ("called",): [locale.get_language_name("en") or code],
        ("date_order",): _date_order(locale),
    }
    if "drafted" in data:
        changes["drafted",] = "nobody yet"
    if "reviewed" in data:
        changes["reviewed",] = "nobody yet"
    for section in SECTIONS:
        changes.update(_marked(data.get(section, {}), section))
    return edit(source, changes)


def _locale(code: str) -> Locale:
    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"no language has the code '{code}'; write it like de, fil or zh-Hans") from None


def _date_order(locale: Locale) -> str:
    """The order of a short date, as CLDR has it for this language."""
    pattern = str(locale.date_formats["short"].pattern)
    order = "".join(sorted("mdy", key=pattern.casefold().find))
    return order if order in ("mdy", "dmy", "ymd") else "mdy"


def _marked(data: object, section: str) -> Iterator[tuple[Path, Value]]:
    for path, value in leaves(data, (section,)):
        if isinstance(value, list):
            yield path, [f"{UNTRANSLATED}{word}" for word in value]
        else:
            yield path, f"{UNTRANSLATED}{value}"
