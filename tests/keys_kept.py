"""The keys of Redis as docs/decisions/0004-what-we-keep.md has them, and as its append-only file has seen them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import redis
from thief import commands_in

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/decisions/0004-what-we-keep.md").read_text(encoding="utf-8")
ROWS = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in PAGE.splitlines() if line.startswith("| ")][1:]
NAME = re.compile(r"`((?:vt:|\{dramatiq\})[^`]*)`")
NAMED = [name for row in ROWS for name in NAME.findall(row[1])]
WITHOUT_END = NAME.findall(PAGE.partition("\nWithout an end of their own")[2].partition("\n\n")[0])
PATIENCE = 20  # commands and transactions, in which whoever made a key gives it its end


def pattern(name: str) -> re.Pattern[str]:
    """`vt:s:<key id>:<hmac>` stands for what has as many parts; the last one may be anything, as may what `...` is."""
    *parts, last = re.split(r"<[^>]*>|\.\.\.", name)
    return re.compile(r"[^:]+".join(map(re.escape, parts)) + (r".+" if parts else "") + re.escape(last))


def kind(name: str) -> str:
    """What stands before the first part that differs: `vt:s` or `vt:e:since`."""
    return re.split(r":?(?:<|\.\.\.|\{(?!limits|dramatiq))", name)[0]


def unlisted(names: Iterable[str], listed: Iterable[str] = tuple(NAMED)) -> set[str]:
    """Those that no row of the table stands for."""
    patterns = [pattern(name) for name in listed]
    return {name for name in names if not any(each.fullmatch(name) for each in patterns)}


def names_in(file: Path) -> set[str]:
    """All keys that were ever written."""
    return {command[1].decode() for unit in _units(file) for command in unit}


def without_end(file: Path, scratch: redis.Redis) -> set[str]:
    """Every key that stood without an end of its own, replayed."""
    since, found = dict[bytes, int](), set[str]()
    for number, unit in enumerate(_units(file)):
        for command in unit:
            scratch.execute_command(*command)
            since.setdefault(command[1], number)
        for key, first in list(since.items()):
            if scratch.ttl(key) != -1:  # it has an end, or is gone
                del since[key]
            elif number - first >= PATIENCE:
                found.add(key.decode())
    return found | {key.decode() for key in since}


def _units(file: Path) -> Iterator[list[list[bytes]]]:
    """Single commands, and transactions; without those that write to no key."""
    unit, whole = list[list[bytes]](), True
    for command in commands_in(file):
        match command[0].upper():
            case b"MULTI":
                whole = False
            case b"EXEC":
                whole = True
            case b"SELECT" | b"SCRIPT" | b"FLUSHALL":
                continue
            case _:
                unit.append(command)
        if whole and unit:
            yield unit
            unit = []
