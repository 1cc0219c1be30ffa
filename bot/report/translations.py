"""The state of the translations: who drafted and who reviewed each language, what is untranslated or out of date."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from bot.conversation.check_translation import SECTIONS, is_marked, leaves
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.problems import FlowBroken, Path
from bot.conversation.wording import fingerprint


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str  # its own
    english: str
    direction: str
    live: bool  # residents can choose it
    drafted: str
    reviewed: str
    texts: Mapping[Path, object]
    untranslated: frozenset[Path]
    older: frozenset[Path]  # the source has changed since

    @property
    def is_reviewed(self) -> bool:
        return not self.reviewed.casefold().startswith(("nobody", "no one", "not "))


def languages(files: Mapping[str, str], live: tuple[str, ...]) -> list[Language]:
    """Those of the flow, in its order, then those that are being prepared."""
    found = {path[5:-5]: _data(text) for path, text in sorted(files.items()) if path.startswith("text/")}
    source = dict(_texts(found.get(live[0], {})))
    codes = [*live, *(code for code in found if code not in live)]
    return [_language(code, found[code], source, live) for code in codes if code in found]


def record_names(path: Path) -> tuple[str, str]:
    """What a text may be called under `translated`."""
    return (path[-1] if path[0] == "say" else ".".join(path)), ".".join(path)


def _language(code: str, data: Mapping[str, object], source: Mapping[Path, object], live: tuple[str, ...]) -> Language:
    texts, noted = dict(_texts(data)), data.get("translated")
    locale = _locale(code)
    prints = noted if isinstance(noted, dict) else {}
    older = {path for path in texts if path in source and _is_older(path, source[path], prints)}
    return Language(
        code=code,
        name=str(data.get("name", code)),
        english=(locale.get_display_name("en") if locale else "") or code,
        direction=locale.text_direction if locale else "ltr",
        live=code in live,
        drafted=str(data.get("drafted", "not said")),
        reviewed=str(data.get("reviewed", "nobody yet")),
        texts=texts,
        untranslated=frozenset(path for path, text in texts.items() if is_marked(text)),
        older=frozenset(older) if code != live[0] else frozenset(),
    )


def _is_older(path: Path, source: object, prints: Mapping[str, object]) -> bool:
    noted = next((prints[name] for name in record_names(path) if name in prints), None)
    text = " | ".join(map(str, source)) if isinstance(source, list) else str(source)
    return noted is not None and noted != fingerprint(text)


def _texts(data: Mapping[str, object]) -> list[tuple[Path, object]]:
    return [leaf for section in SECTIONS if section in data for leaf in leaves(data[section], (section,))]


def _data(text: str) -> Mapping[str, object]:
    try:
        return read_yaml("", text).data
    except FlowBroken:
        return {}


def _locale(code: str) -> Locale | None:
    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None
