"""A link opens with its PIN, five tries in all, and what Redis holds opens nothing."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from structlog.testing import capture_logs

from bot.ports import LinkGone, Opened, WrongPin
from bot.store import links as links_module
from bot.store.audit import RedisAudit
from bot.store.links import RedisLinks, is_token, new_token
from bot.store.media import RedisMedia
from bot.store.naming import Names
from bot.store.sealing import KeyRing
from bot.store.wrong_pins import RedisWrongPins
from bot.wiring import System

CONTENT = b'{"name": "Ana Reyes"}'
PEPPERS = KeyRing({"a": b"p" * 32})
HASHED = re.compile(":[0-9a-f]{40,64}")

NAMES = Names(KeyRing({"a": b"i" * 32}))


def linked(system: System, peppers: KeyRing = PEPPERS) -> RedisLinks:
    return RedisLinks(system.client, peppers, RedisWrongPins(system.client, NAMES), audit_of(system))


def audit_of(system: System) -> RedisAudit:
    assert isinstance(system.services.audit, RedisAudit)
    return system.services.audit


@pytest.fixture
def links(system: System) -> RedisLinks:
    return linked(system)


def test_the_right_pin_opens_as_often_as_it_is_given(links: RedisLinks) -> None:
    token = links.seal(CONTENT, "4821", language="en")

    opened = [links.open(token, "4821") for _ in range(8)]

    assert all(isinstance(result, Opened) and result.content == CONTENT for result in opened)


def test_four_wrong_pins_count_down_and_the_fifth_ends_the_link(links: RedisLinks) -> None:
    token = links.seal(CONTENT, "4821", language="en")

    assert [links.open(token, "0000") for _ in range(4)] == [WrongPin(4), WrongPin(3), WrongPin(2), WrongPin(1)]
    for pin in ("0000", "4821"):
        with pytest.raises(LinkGone):
            links.open(token, pin)


def test_wrong_pins_add_up_over_openings_by_the_right_one(links: RedisLinks) -> None:
    token = links.seal(CONTENT, "4821", language="en")

    for left in (4, 3, 2, 1):
        assert links.open(token, "1111") == WrongPin(left)
        assert isinstance(links.open(token, "4821"), Opened)

    with pytest.raises(LinkGone):
        links.open(token, "1111")


def test_of_200_wrong_pins_at_once_exactly_five_are_evaluated(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    links = [linked(system) for _ in range(4)]  # as many processes would
    token = links[0].seal(CONTENT, "4821", language="en")
    evaluated: list[str] = []
    real = links_module.hash_secret_raw
    monkeypatch.setattr(
        links_module, "hash_secret_raw", lambda pin, *a, **k: (evaluated.append(pin), real(pin, *a, **k))[1]
    )

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(lambda n: _try(links[n % 4], token, f"{n:04}"), range(200)))

    assert len(evaluated) == 5
    assert results.count("gone") == 196
    with pytest.raises(LinkGone):
        links[0].open(token, "4821")


def test_asking_for_the_language_changes_nothing(links: RedisLinks, system: System) -> None:
    token = links.seal(CONTENT, "4821", language="es")
    before = _dump(system.client)

    assert links.language(token) == "es"

    assert _dump(system.client) == before


@pytest.mark.parametrize("token", ["", "x", "A" * 26, "a" * 25 + "b", "../../etc", "a" * 300, "a" * 26])
def test_unknown_and_misspelt_tokens_are_gone(token: str, links: RedisLinks) -> None:
    with pytest.raises(LinkGone):
        links.open(token, "4821")
    with pytest.raises(LinkGone):
        links.language(token)


def test_a_token_has_one_spelling() -> None:
    tokens = [new_token() for _ in range(500)]

    assert all(is_token(token) for token in tokens)
    assert not any(is_token(token.upper()) or is_token(f" {token}") or is_token(f"{token}\n") for token in tokens)


def test_a_retyped_token_has_its_one_spelling_and_all_else_none(links: RedisLinks) -> None:
    token = new_token()

    retyped = (token, token.upper(), token.title(), f"{token}.", f"{token}/", f"({token})", f"{token}\n", f"{token}。")

    assert {links.spelled(text) for text in retyped} == {token}
    nothing = ("", "x", token[:25], f"{token}a", f"{token[:9]} {token[9:]}", "ſ" * 25 + "a", "a" * 25 + "b", "." * 9000)
    assert {links.spelled(text) for text in nothing} == {""}


def test_a_link_ends_after_a_day(links: RedisLinks, system: System) -> None:
    links.seal(CONTENT, "4821", language="en")

    (name,) = system.client.scan_iter("vt:l:*")
    assert 86_000 < system.client.ttl(name) <= 86_400


def test_redis_holds_neither_token_nor_pin_nor_record(links: RedisLinks, system: System) -> None:
    token = links.seal(CONTENT, "4821", language="en")

    held = HASHED.sub(":", repr(_dump(system.client)))  # by chance a hash has any four digits

    assert token not in held
    assert "4821" not in held
    assert "Ana" not in held


def test_another_pepper_opens_nothing(links: RedisLinks, system: System) -> None:
    token = links.seal(CONTENT, "4821", language="en")

    assert linked(system, KeyRing({"a": b"q" * 32})).open(token, "4821") == WrongPin(4)


def test_a_file_is_read_at_its_address_and_suffix_only(system: System) -> None:
    media = RedisMedia(system.client, PEPPERS)
    token = media.mint(b"picture", "png")

    assert media.read(token, "png") == b"picture"
    assert media.read(token, "smart-health-card") is None
    assert media.read(new_token(), "png") is None
    assert b"picture" not in repr(_dump(system.client)).encode()
    (name,) = system.client.scan_iter("vt:m:*")
    assert 0 < system.client.ttl(name) <= 600


@pytest.mark.parametrize("about", ["en ", "en", "en   more", "en  request and more"])
def test_what_another_version_wrote_of_a_link_is_read_however_many_fields_it_has(
    about: str, links: RedisLinks, system: System
) -> None:
    token = links.seal(CONTENT, "4821", language="en")
    (name,) = system.client.scan_iter("vt:l:*")
    system.client.hset(name, "about", about)

    assert isinstance(links.open(token, "4821"), Opened)


@pytest.mark.parametrize("field", ["about", "sealed"])
def test_a_link_that_makes_no_sense_is_gone_and_costs_no_try(field: str, links: RedisLinks, system: System) -> None:
    token = links.seal(CONTENT, "4821", language="en")
    (name,) = system.client.scan_iter("vt:l:*")
    kept = system.client.hget(name, field)
    system.client.hdel(name, field)
    if field == "about":
        system.client.hset(name, field, b"\xff \xff")

    with capture_logs() as logs, pytest.raises(LinkGone):
        links.open(token, "4821")

    assert [line["event"] for line in logs] == ["link_unreadable"]
    assert system.client.hget(name, "tries") == b"0"
    system.client.hset(name, field, kept)
    assert isinstance(links.open(token, "4821"), Opened)


def _try(links: RedisLinks, token: str, pin: str) -> str:
    try:
        result = links.open(token, pin)
    except LinkGone:
        return "gone"
    assert isinstance(result, WrongPin)
    return "wrong"


def _dump(client: redis.Redis) -> dict[bytes, object]:
    """All but the flow files, which are everybody's."""
    keys = (key for key in client.scan_iter("vt:*") if b":f:" not in key)
    return {key: client.hgetall(key) if b":l:" in key else client.get(key) for key in keys}
