"""What Redis has of a link: sealed by argon2id at OWASP's profile, and gone with the fifth wrong PIN."""

from hashlib import sha256

import pytest
from argon2.low_level import Type, hash_secret_raw

from bot.ports import LinkGone, Opened, WrongPin
from bot.store.audit import RedisAudit
from bot.store.links import AT_ONCE, LIFE, PATIENCE, TRIES, RedisLinks
from bot.store.naming import Names
from bot.store.sealing import KeyRing
from bot.store.wrong_pins import RedisWrongPins
from bot.wiring import System

CONTENT, PIN = b'{"name": "Ana Reyes"}', "4821"
PEPPERS = KeyRing({"a": b"p" * 32})
NAMES = Names(KeyRing({"a": b"i" * 32}))


def name_of(token: str) -> str:
    return f"vt:l:{sha256(token.encode()).hexdigest()}"


@pytest.fixture
def links(system: System) -> RedisLinks:
    assert isinstance(system.services.audit, RedisAudit)
    return RedisLinks(system.client, PEPPERS, RedisWrongPins(system.client, NAMES), system.services.audit)


def test_a_link_lives_for_a_day_and_five_tries_four_at_once_and_nobody_waits_longer_than_five_seconds() -> None:
    assert (LIFE, TRIES, AT_ONCE, PATIENCE) == (86_400, 5, 4, 5.0)


def test_each_pin_costs_two_passes_over_19_mib_with_16_bytes_of_salt(links: RedisLinks) -> None:
    token = links.seal(CONTENT, PIN, language="en")

    name = name_of(token)
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


def test_after_the_fifth_wrong_pin_nothing_of_it_is_there(links: RedisLinks) -> None:
    token = links.seal(CONTENT, PIN, language="en")
    assert [links.open(token, "0000") for _ in range(4)][-1] == WrongPin(1)
    assert links.client.exists(name_of(token))

    with pytest.raises(LinkGone):
        links.open(token, "0000")

    assert not links.client.exists(name_of(token))


def test_who_comes_while_five_pins_are_looked_at_takes_no_try(links: RedisLinks) -> None:
    token = links.seal(CONTENT, PIN, language="en")
    links.client.hset(name_of(token), "tries", "5")
    with pytest.raises(LinkGone):
        links.open(token, PIN)

    links.client.hincrby(name_of(token), "tries", -1)  # one of the five was right

    assert isinstance(links.open(token, PIN), Opened)


def test_one_that_ends_while_a_wrong_pin_is_looked_at_is_gone(links: RedisLinks, system: System) -> None:
    class Ending(RedisLinks):
        def _ring(self, token: str, pin: str, salt: bytes) -> KeyRing:
            self.client.delete(name_of(token))
            return super()._ring(token, pin, salt)

    token = links.seal(CONTENT, PIN, language="en")

    with pytest.raises(LinkGone):
        Ending(system.client, PEPPERS, links.wrong_pins, links.audit).open(token, "0000")

    assert list(system.client.scan_iter("vt:l:*")) == []
