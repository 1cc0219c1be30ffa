"""How much in Redis every key still seals or names: whether one may be taken away."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import redis

from bot.store.moved import MARK
from bot.store.sealing import LONGEST_ID

MANY = 500  # names in one round trip
KINDS = {"s": "secret_keys", "d": "secret_keys", "l": "link_pepper", "m": "link_pepper"}
NAMED = ("s", "b", "o")  # their names are made with a key of the index
WAITING = "vt:a"  # a stream whose entries, each in its field "e", are sealed under SECRET_KEYS
LIMITS = "{limits}"  # and so are these: <limit>:<seconds>:<key id>:<hmac>, or without the seconds

# The first bytes of each value.
HEADS = f"""
local heads = {{}}
for n, key in ipairs(KEYS) do
  local kind = redis.call('TYPE', key).ok
  if kind == 'string' then heads[n] = redis.call('GETRANGE', key, 0, {LONGEST_ID})
  elseif kind == 'hash' then heads[n] = string.sub(redis.call('HGET', key, 'sealed') or '', 1, {LONGEST_ID + 1})
  else heads[n] = '' end
end
return heads
"""


def count(client: redis.Redis) -> Mapping[str, Counter[str]]:
    """By ring and key id. Reads the names of the whole store, and nothing that anybody said."""
    found: dict[str, Counter[str]] = {ring: Counter() for ring in (*KINDS.values(), "index_keys")}
    heads = client.register_script(HEADS)
    for name in client.scan_iter(f"vt:{LIMITS}:*:*:*", count=1000):
        found["index_keys"][name.decode().split(":")[-2]] += 1
    for names in _batches(client.scan_iter("vt:[sdlmbo]:*", count=1000)):
        for name, head in zip(names, heads(keys=names), strict=True):
            if not head.startswith(MARK):
                _note(found, name.decode().split(":"), head)
    found[KINDS["s"]].update(_waiting(client))
    return found


def _waiting(client: redis.Redis) -> Iterator[str]:
    """The key of each entry that is still to go into the audit trail: taken away, its key would lose it."""
    start = "-"
    while entries := _entries(client, start):
        yield from (fields[b"e"].partition(b".")[0].decode(errors="replace") for _, fields in entries)
        start = f"({entries[-1][0].decode()}"


def _entries(client: redis.Redis, start: str) -> Any:
    return client.xrange(WAITING, min=start, count=MANY)


def _note(found: Mapping[str, Counter[str]], name: list[str], head: bytes) -> None:
    kind = name[1]
    if ring := KINDS.get(kind):
        found[ring][head.partition(b".")[0].decode(errors="replace")] += bool(head)
    if kind in NAMED:
        found["index_keys"][name[2]] += 1


def _batches(names: Iterable[bytes]) -> Iterator[list[bytes]]:
    left = iter(names)
    while batch := list(islice(left, MANY)):
        yield batch
