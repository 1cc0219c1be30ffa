"""Other names by which a registry that compares letters may hold her, as our matching would forgive them. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from bot.iis.names.folding import marked, plain, without_suffixes
from bot.iis.names.likeness import PARTICLES
from bot.iis.names.nicknames import stands_for
from bot.records import Demographics

MOST = 3  # questions more for one person whom nobody knows

Name = tuple[str, str]  # first, last


def other_names(who: Demographics) -> Iterator[Demographics]:
    """At most MOST, the likeliest first; what comes back must still be matched with what she typed."""
    typed = (who.first_name, who.last_name)
    ways = _ways(_plain(who.first_name), _plain(who.last_name))
    others = {_folded(name): name for name in ways if all(name) and _folded(name) != _folded(typed)}
    for first, last in islice(others.values(), MOST):
        yield replace(who, first_name=first, last_name=last)


def _ways(first: str, last: str) -> Iterator[Name]:
    """Without accents, by the whole name for a short one, by each of two family names, the other way round."""
    yield first, last
    yield _whole(first), last
    for family in _families(last):
        yield _whole(first), family
    yield last, first
    yield _whole(last), first


def _plain(name: str) -> str:
    """As typed, but for accents: "Muñoz-Peña" is "Munoz-Pena"."""
    folded = name.casefold()
    return name if plain(folded) == folded else plain(folded).title()


def _whole(name: str) -> str:
    first, blank, more = name.partition(" ")
    return f"{stands_for(first) or first}{blank}{more}"


def _families(last: str) -> list[str]:
    """Of Munoz-Pena both, of de la Cruz none."""
    found = without_suffixes(marked(last))
    return [word.title() for word in found] if len(found) == 2 and PARTICLES.isdisjoint(found) else []


def _folded(name: Name) -> Name:
    return name[0].casefold(), name[1].casefold()
