"""Who has a copy of Redis or of its append-only file, and tries to open all that is sealed there with what is there."""

import base64
import binascii
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import redis
from argon2.low_level import Type, hash_secret_raw

from bot.store.links import SALT, TOKEN
from bot.store.sealing import KEY, Unreadable, derive, open_sealed

SEALED = re.compile(rb"[A-Za-z0-9_-]{1,16}\.(.{28,})", re.DOTALL)  # a key's id, then a nonce, what is sealed, a tag
PIECE = re.compile(rb"[A-Za-z0-9+/=_-]{16,}")
ANYWHERE = re.compile(rf"(?=({TOKEN.pattern}))")
PIN = re.compile(rb"(?<!\d)\d{4}(?!\d)")
FLOWS = b"vt:f:"
SUFFIXES = ("png", "smart-health-card", "record", "0.png", "1.png")


@dataclass(frozen=True, slots=True)
class Word:
    """Something that Redis holds, and under which name."""

    name: str
    value: bytes

    @property
    def kind(self) -> str:
        """Such as `vt:s`."""
        return ":".join(self.name.split(":")[:2])

    @property
    def sealed(self) -> bytes:
        """Without the key's id; b"" for what is in clear."""
        found = SEALED.fullmatch(self.value)
        return found[1] if found and not _is_text(found[1]) else b""


def words_of(client: redis.Redis) -> set[Word]:
    """All keys and values; but for the flow files, which are everybody's."""
    keys = (key for key in client.scan_iter("*") if not key.startswith(FLOWS))
    return {Word(key.decode(), word) for key in keys for word in (key, *_values(client, key))}


def words_in(file: Path) -> set[Word]:
    """All that was ever written since the append-only file was written anew: each command's words, by its key."""
    commands = (command for command in commands_in(file) if len(command) > 1 and not command[1].startswith(FLOWS))
    return {Word(command[1].decode(), word) for command in commands for word in command[1:]}


def commands_in(file: Path) -> Iterator[list[bytes]]:
    """Each with its words, as Redis wrote them down: `*2 $3 DEL $1 x`, each with a line's end."""
    with file.open("rb") as left:
        while head := left.readline():
            yield [_word(left) for _ in range(int(head.removeprefix(b"*")))]


def sealed_in(words: Iterable[Word]) -> set[Word]:
    return {word for word in words if word.sealed}


def opened(words: Collection[Word], *also: str) -> dict[Word, bytes]:
    """Whatever opens, tried anew with what was in it until nothing more does. `also`: what else the thief has got."""
    shut, done = sealed_in(words), dict[Word, bytes]()
    known = [word.value for word in words if word not in shut] + [text.encode() for text in also]
    while found := dict(_opened(shut, known)):
        shut -= found.keys()
        done |= found
        known += found.values()
    return done


def _opened(shut: Iterable[Word], known: Collection[bytes]) -> Iterator[tuple[Word, bytes]]:
    keys = {key for text in known for key in _keys(text)}
    tokens = {token for text in known for token in ANYWHERE.findall(text.decode("latin-1"))}
    pins = sorted({pin for text in known for pin in PIN.findall(text)})
    links = {f"vt:l:{sha256(token.encode()).hexdigest()}": token for token in tokens}
    files = {f"vt:m:{sha256(f'{t}.{suffix}'.encode()).hexdigest()}": t for t in tokens for suffix in SUFFIXES}
    for word in shut:
        tried: Iterable[bytes] = keys
        sealed = word.sealed
        if token := links.get(word.name):
            sealed, salt = sealed[:-SALT], sealed[-SALT:]
            slow = [token.encode() + _slow(pin, salt) for pin in pins]
            tried = chain(keys, (derive(key, material, "vaxtext link") for material in slow for key in keys))
        elif token := files.get(word.name):
            tried = chain(keys, (derive(key, token.encode(), "vaxtext media") for key in keys))
        if plain := next(_plain(tried, sealed, word.name), b""):
            yield word, plain


def _plain(keys: Iterable[bytes], sealed: bytes, name: str) -> Iterator[bytes]:
    for key in keys:
        with suppress(Unreadable):
            yield open_sealed(key, sealed, name)


def _keys(text: bytes) -> Iterator[bytes]:
    """Whatever could be a key: 32 bytes, plain, in hex or base64, and the hash of each id or token."""
    for piece in (text, *PIECE.findall(text)):
        yield sha256(piece).digest()
        for read in (bytes, binascii.unhexlify, base64.b64decode, base64.urlsafe_b64decode):
            with suppress(ValueError):
                if len(key := read(piece)) == KEY:
                    yield key


def _slow(pin: bytes, salt: bytes) -> bytes:
    return hash_secret_raw(pin, salt, time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, type=Type.ID)


def _values(client: redis.Redis, key: bytes) -> Iterable[bytes]:
    match client.type(key).decode():
        case "list":
            return client.lrange(key, 0, -1)
        case "zset":
            return client.zrange(key, 0, -1)
        case "stream":
            return chain.from_iterable(chain((id_,), *fields.items()) for id_, fields in client.xrange(key))
        case "hash":
            return chain.from_iterable(client.hgetall(key).items())
        case "set":
            return client.smembers(key)
        case _:
            return (client.get(key) or b"",)


def _word(left: BinaryIO) -> bytes:
    size = int(left.readline().removeprefix(b"$"))
    return left.read(size + len(b"\r\n"))[:size]


def _is_text(data: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        return bool(data.decode())
    return False
