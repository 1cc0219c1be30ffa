"""Names of which each is a slip of the other, from lists withheld: how many would be taken for each other?"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.slips.forgiving import BIRTHS, SOURCES, WELL_KNOWN, Forgiving
from benchmarks.slips.kinds import slips
from benchmarks.slips.lists import Lists

SMALL = ("Pakistan", "Japan", "Faker", "Mimesis")
LARGE = ("36 lists", "WGND")
WITH_MISPRINTS = ("Mimesis", "WGND")  # "Alhertina", "Beghel", "Abudl": their pairs are shown and not judged


class Trial(NamedTuple):
    """The rule is made without some lists, and meets the names of one of them."""

    judged: str
    withheld: tuple[str, ...]
    pairs: int  # of a well-known name and another, each a slip of the other
    confused: dict[tuple[str, str], str]  # (typed, on record) -> kind of slip

    @property
    def wrong(self) -> int:
        """But for one name written with a letter doubled (Pauliine), and for misprints."""
        kinds = Counter(self.confused.values())
        return 0 if self.judged in WITH_MISPRINTS else kinds.total() - kinds["doubled"]


def trials(lists: Lists) -> Iterator[Trial]:
    often = {"US": BIRTHS, "36 lists": SOURCES}
    yield _trial(lists, "US", ("US", "36 lists"), often)  # which hold all of the US list
    yield _trial(lists, "36 lists", ("36 lists",), often)
    for small in SMALL:
        for large in LARGE:
            yield _trial(lists, small, (small, large), often)
    yield _trial(lists, "WGND", ("WGND",), often)


def _trial(lists: Lists, judged: str, withheld: tuple[str, ...], often: dict[str, int]) -> Trial:
    births = lists["US"]
    forgiving = Forgiving({title: names for title, names in lists.items() if title not in withheld}, births)
    names = {name for name, count in lists[judged].items() if count >= often.get(judged, 1)}
    well_known = sorted(name for name in names if births[name] >= WELL_KNOWN)
    pairs = sum(typed in names for name in well_known for typed in slips(name))
    confused = {(typed, name): kind for name in well_known for typed, kind in forgiving.forgiven(name, names)}
    return Trial(judged, withheld, pairs, confused)
