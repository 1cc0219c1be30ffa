"""How likely letters are to be a name, judged by the four letters before each: a Witten-Bell model of five."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import log

BEFORE = 4


class LetterOdds:
    """What letters follow which in `names`."""

    def __init__(self, names: Iterable[str]) -> None:
        self._followers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._known: dict[tuple[str, str], float] = {}
        for name in names:
            framed = "^" * BEFORE + name + "$"
            for i in range(BEFORE, len(framed)):
                for length in range(BEFORE + 1):
                    self._followers[framed[i - length : i]][framed[i]] += 1

    def log_odds(self, word: str) -> float:
        framed = "^" * BEFORE + word + "$"
        return sum(log(self._chance(framed[i - BEFORE : i], framed[i])) for i in range(BEFORE, len(framed)))

    def _chance(self, before: str, letter: str) -> float:
        """Of `letter` after `before`, smoothed by what is known after a shorter `before`."""
        key = before, letter
        if key not in self._known:
            shorter = self._chance(before[1:], letter) if before else 1 / 27
            seen = self._followers.get(before)
            self._known[key] = (
                (seen[letter] + len(seen) * shorter) / (seen.total() + len(seen)) if seen is not None else shorter
            )
        return self._known[key]
