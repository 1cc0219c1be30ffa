"""The names that a person has beside the official one: before she married, as she is called. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from bot.iis.names.folding import suffixes
from bot.records import PersonName

MOST = 10  # of one person; nobody has more, and comparing takes time


def names_besides(official: PersonName, listed: Iterable[PersonName]) -> tuple[PersonName, ...]:
    """Each once, without the official one, and whole: of a maiden name registries often keep only the family name."""
    whole = (_whole(official, name) for name in listed)
    return tuple(dict.fromkeys(name for name in whole if _words(name) != _words(official)))[:MOST]


def _whole(official: PersonName, name: PersonName) -> PersonName:
    """With the son's suffix too: without it any of his names would fit his father."""
    held = name if _suffixes(name) else replace(name, suffix=" ".join(sorted(_suffixes(official))) or None)
    return replace(held, family=name.family or official.family, given=name.given or official.given)


def _suffixes(name: PersonName) -> set[str]:
    return suffixes((" ".join(name.given), f"{name.family} {name.suffix or ''}"))


def _words(name: PersonName) -> tuple[str, tuple[str, ...]]:
    return name.family, name.given
