"""What a link is sealed with, as anybody can compute it who has token, PIN and pepper: argon2id at OWASP's profile."""

from hashlib import sha256

import pytest
from argon2.low_level import Type, hash_secret_raw

from bot.ports import Opened
from bot.store.audit import RedisAudit
from bot.store.links import AT_ONCE, LIFE, PATIENCE, TRIES, RedisLinks
from bot.store.naming import Names
from bot.store.sealing import KeyRing
from bot.store.wrong_pins import RedisWrongPins
from bot.wiring import System

CONTENT, PIN = b'{"name": "Ana Reyes"}', "4821"
PEPPERS = KeyRing({"a": b"p" * 32})
NAMES = Names(KeyRing({"a": b"i" * 32}))


@pytest.fixture
def links(system: System) -> RedisLinks:
    assert isinstance(system.services.audit, RedisAudit)
    return RedisLinks(system.client, PEPPERS, RedisWrongPins(system.client, NAMES), system.services.audit)


def test_a_link_lives_for_a_day_and_five_tries_four_at_once_and_nobody_waits_longer_than_five_seconds() -> None:
    assert (LIFE, TRIES, AT_ONCE, PATIENCE) == (86_400, 5, 4, 5.0)


def test_each_pin_costs_two_passes_over_19_mib_with_16_bytes_of_salt(links: RedisLinks) -> None:
    token = links.seal(CONTENT, PIN, language="en")

    name = f"vt:l:{sha256(token.encode()).hexdigest()}"
    value = links.client.hget(name, "sealed")
    assert isinstance(value, bytes)
    sealed, salt = value[:-16], value[-16:]
    slow = hash_secret_raw(PIN.encode(), salt, 2, 19_456, 1, 32, Type.ID)
    assert PEPPERS.derived("vaxtext link", token.encode() + slow).open(sealed, name) == CONTENT


def test_whoever_opens_it_hears_how_long_it_lives(links: RedisLinks) -> None:
    token = links.seal(CONTENT, PIN, language="en")

    found = links.open(token, PIN)

    assert isinstance(found, Opened)
    assert LIFE - 60 <= found.seconds_left <= LIFE
