"""Slips in first names: how many are forgiven, and that no name on any list is taken for another.

python -m benchmarks.slips: exits with 1 if one is.
"""

import sys
from collections import Counter

from benchmarks.slips.forgiving import BIRTHS, SOURCES
from benchmarks.slips.judge import Trial, trials
from benchmarks.slips.lists import Lists, load
from benchmarks.slips.rates import LENGTHS, Rates, forgiven, names_taken_for_names, slips_taken_for_twins

SLIPS = 50_000
SHOWN = 12


def main() -> int:
    lists = load()
    print("Names: " + ", ".join(f"{title} {len(names):,}" for title, names in lists.items()))
    _show_rates(forgiven(lists["US"], SLIPS))
    return 1 if _twins_confused(lists) + sum(_show(trial) for trial in trials(lists)) else 0


def _show_rates(rates: Rates) -> None:
    print(f"\nForgiven of 100 slips in names of\n{'':12}" + "".join(f"{title:>12}" for title in LENGTHS))
    for kind in sorted({kind for kind, _ in rates}):
        shares = (right * 100 / asked for asked, right in (rates.get((kind, length), (1, 0)) for length in LENGTHS))
        print(f"{kind:12}" + "".join(f"{share:>12.0f}" for share in shares))
    asked, right = (sum(numbers) for numbers in zip(*rates.values(), strict=True))
    print(f"{'all':12}{right * 100 / asked:>12.1f}")


def _twins_confused(lists: Lists) -> int:
    """With the table as it is: all names that we know, and the slips of all but the rarest."""
    pairs, wrong = names_taken_for_names(frozenset().union(*lists.values()))
    print(f"\n{pairs:,} pairs of names, each a slip of the other, taken for each other: {len(wrong)} {wrong[:SHOWN]}")
    real = {name for name, births in lists["US"].items() if births >= BIRTHS}
    real |= {name for name, sources in lists["36 lists"].items() if sources >= SOURCES}
    asked, mixed = slips_taken_for_twins(real)
    print(f"{asked:,} forgiven slips; a twin with one of {len(real):,} names may make: {len(mixed)} {mixed[:SHOWN]}")
    return len(wrong) + len(mixed)


def _show(trial: Trial) -> int:
    kinds = Counter(trial.confused.values())
    others = [f"{typed}/{name}" for (typed, name), kind in trial.confused.items() if kind != "doubled"]
    print(
        f"\nWithout {' and '.join(trial.withheld)}: {trial.pairs:,} pairs of {trial.judged}, confused: {len(others)}, "
        f"and {kinds['doubled']} with a letter doubled\n  {' '.join(others[:SHOWN])}",
        flush=True,
    )
    return trial.wrong


if __name__ == "__main__":
    sys.exit(main())
