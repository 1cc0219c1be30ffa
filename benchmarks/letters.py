"""Makes `bot/iis/names/letters.csv`: which letter follows which two in given names, counted in the names of Faker.

Only when the table is to be made anew: python -m benchmarks.letters
"""

import csv
import re
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import iter_modules

from faker.providers import person

from bot.iis.names.folding import words
from bot.iis.names.slips import TABLE, triples

LATIN = re.compile("[a-z]{2,}")
ON_TOP_OF_FAKER = "Thao Thoa Hoang Huong Trang Trung Quang Phuong Phong Thanh Thinh Thuong Nguyet Nhung Quynh Khanh"


def main() -> None:
    names = sorted(set(_given_names()))
    table: dict[str, set[str]] = {}
    for name in names:
        for triple in triples(name):
            table.setdefault(triple[:2], set()).add(triple[2])
    with Path(TABLE).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["letters", "next"])
        writer.writerows((letters, "".join(sorted(table[letters]))) for letters in sorted(table))
    print(len(names), "names;", sum(map(len, table.values())), "triples;", " ".join(_changed_places(set(names))))


def _given_names() -> Iterator[str]:
    yield from words(ON_TOP_OF_FAKER)
    for module in iter_modules(person.__path__):
        provider = import_module(f"faker.providers.person.{module.name}").Provider
        for kind, names in vars(provider).items():
            if (
                "first" in kind
                and not re.search("format|prefix|suffix", kind)
                and isinstance(names, (tuple, list, dict))
            ):
                yield from (word for name in names for word in words(str(name)) if LATIN.fullmatch(word))


def _changed_places(names: set[str]) -> Iterator[str]:
    """Pairs of names of which each is the other with two neighbouring letters inside it changed round."""
    for name in sorted(names):
        for (i, a), (_, b) in pairwise(list(enumerate(name))[1:-1]):
            other = f"{name[:i]}{b}{a}{name[i + 2 :]}"
            if name < other and other in names and len(name) >= 4:
                yield f"{name}/{other}"


if __name__ == "__main__":
    main()
