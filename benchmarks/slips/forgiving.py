"""Which slips of a well-known name can be nothing else: they are no name, and near to no other."""

from collections.abc import Iterable, Iterator
from functools import cache

from benchmarks.slips.kinds import is_slip_of, may_be_typed_for, slips
from benchmarks.slips.lists import Lists
from benchmarks.slips.odds import LetterOdds

WELL_KNOWN = 1000  # births in the US since 1880
BIRTHS, SOURCES = 20, 5  # of a name that is surely no misprint: as many births, or in as many of the 36 lists
VOUCHED_FOR = 2  # lists of 36; what only one of them holds may be a misprint, and teaches no spelling


# By how much less likely (a natural logarithm) the slip must be to be a name than the name itself, of 5 or 6 letters
# and of more. A letter left out is not here: what is left is too often a name.
ODDS = {"swapped": (13, 9), "doubled": (0, 0), "beside": (11, 9), "added": (12, 9)}
SHORTEST, LONG = 5, 7  # letters of the name
OF_OTHER_SPELLINGS = frozenset("hjz")  # Margherita, Darijus, Szabrina: some languages write them, others do not


class Forgiving:
    """What can be forgiven by one who knows some of the lists."""

    def __init__(self, lists: Lists, births: dict[str, int]) -> None:
        self.known = frozenset().union(*lists.values())
        self.well_known = {name for name in self.known if births.get(name, 0) >= WELL_KNOWN}
        gathered = lists.get("36 lists", {})
        self._real = {n for n in self.known if births.get(n, 0) >= BIRTHS or gathered.get(n, 0) >= SOURCES}
        self._log_odds = cache(LetterOdds(sorted(set(_spellings(lists)))).log_odds)

    def forgiven(self, name: str, among: Iterable[str] | None = None) -> Iterator[tuple[str, str]]:
        """The slips of a well-known `name` that are forgiven, each with its kind; only those that are `among` some."""
        for typed, kind in slips(name).items():
            if (among is None or typed in among) and self._forgives(typed, name, kind):
                yield typed, kind

    def _forgives(self, typed: str, name: str, kind: str) -> bool:
        if kind not in ODDS or len(name) < SHORTEST or typed in self.known:
            return False
        if kind == "added" and (len(name) == SHORTEST or _added(typed, name) in OF_OTHER_SPELLINGS):
            return False
        if self._log_odds(typed) > self._log_odds(name) - ODDS[kind][len(name) >= LONG]:
            return False
        others = self._real.intersection(may_be_typed_for(typed)) - {name}
        return not any(is_slip_of(other, typed) for other in others)


def _spellings(lists: Lists) -> Iterator[str]:
    """WGND teaches none: patents and profiles have too many misprints."""
    for title, names in lists.items():
        least = {"WGND": None, "36 lists": VOUCHED_FOR}.get(title, 1)
        if least is not None:
            yield from (name for name, count in names.items() if count >= least)


def _added(typed: str, name: str) -> str:
    return next(letter for letter in typed if typed.count(letter) > name.count(letter))
