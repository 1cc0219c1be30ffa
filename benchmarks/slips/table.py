"""Makes `bot/iis/names/slips.csv`: the best-known first names, and what slips of them can be nothing else.

Only when the table is to be made anew, which takes some minutes: python -m benchmarks.slips.table
"""

import csv
from collections import defaultdict
from collections.abc import Iterable

from benchmarks.slips.forgiving import Forgiving
from benchmarks.slips.lists import load
from bot.iis.names.slips import KINDS, TABLE, slip_of

BEST_KNOWN = 2000  # births in the US since 1880; twice as many names would help one in two hundred


def main() -> None:
    lists = load()
    forgiving = Forgiving(lists, lists["US"])
    best_known = sorted(name for name in forgiving.well_known if lists["US"][name] >= BEST_KNOWN)
    rows = {name: [typed for typed, _ in forgiving.forgiven(name)] for name in best_known}
    with TABLE.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows((name, *_marks(name, slips)) for name, slips in rows.items() if slips)
    print(f"{sum(map(len, rows.values())):,} slips of {sum(map(bool, rows.values())):,} names")


def _marks(name: str, slips: Iterable[str]) -> Iterable[str]:
    """For each kind its places, in order, each with the letters typed: "2qw 4s"."""
    found: dict[str, dict[int, str]] = {kind: defaultdict(str) for kind in KINDS}
    for kind, place, letter in sorted(slip for typed in slips if (slip := slip_of(name, typed))):
        found[kind][place] += letter
    return (" ".join(f"{place}{letters}" for place, letters in places.items()) for places in found.values())


if __name__ == "__main__":
    main()
