"""PINs that are sent to record pages: each is counted for its address and its link before it is looked at."""

from dataclasses import FrozenInstanceError

import pytest
from limited import keys, with_limits

from bot.limiting import admit_opening, admit_post, give_back_post
from bot.limits.table import HOUR, MINUTE, Rule
from bot.ports import Services
from bot.wiring import System

ADDRESS, OTHER_ADDRESS = "203.0.113.7", "203.0.113.8"
TOKEN, OTHER_TOKEN = "a" * 26, "b" * 25 + "a"


def test_an_address_over_its_posts_hears_how_long_to_wait(services: Services) -> None:
    services = with_limits(services, page_posts=Rule(1, 10 * MINUTE))

    first, second = admit_post(services, ADDRESS), admit_post(services, ADDRESS)

    assert first.wait == 0
    assert 590 <= second.wait <= 600
    assert services.limits.texts() == 0


def test_a_wait_is_as_short_as_it_is(services: Services) -> None:
    services = with_limits(services, page_posts=Rule(0, 1), openings_of_a_link=Rule(0, 1))

    assert admit_post(services, ADDRESS).wait == 1
    assert admit_opening(services, admit_post(services, ADDRESS), TOKEN) == 1


def test_each_post_is_counted_by_64_random_bits_and_stays_as_it_was_counted(services: Services) -> None:
    posted = admit_post(services, ADDRESS)

    assert len(bytes.fromhex(posted.cause)) == 8
    assert posted.cause != admit_post(services, ADDRESS).cause
    with pytest.raises(FrozenInstanceError):
        posted.cause = ""  # type: ignore[misc]


def test_a_right_pin_is_given_back_to_its_address_and_nothing_else(services: Services, system: System) -> None:
    posts = [admit_post(services, ADDRESS) for _ in range(8)]

    for post in posts[:6]:
        give_back_post(services, post)

    (counted,) = keys(system, "page_posts")
    assert system.client.scard(counted) == 2


def test_a_link_over_its_openings_hears_how_long_to_wait_whatever_the_address(services: Services) -> None:
    services = with_limits(services, openings_of_a_link=Rule(2, HOUR))
    posts = [admit_post(services, address) for address in (ADDRESS, OTHER_ADDRESS, OTHER_ADDRESS, ADDRESS)]

    waits = [admit_opening(services, post, TOKEN) for post in posts]

    assert waits[:2] == [0, 0]
    assert all(3590 <= wait <= 3600 for wait in waits[2:])
    assert admit_opening(services, posts[0], OTHER_TOKEN) == 0
    assert services.limits.reached(services.now()) == {"openings_of_a_link": 2}


def test_openings_are_never_given_back(services: Services, system: System) -> None:
    post = admit_post(services, ADDRESS)
    admit_opening(services, post, TOKEN)

    give_back_post(services, post)

    (counted,) = keys(system, "openings_of_a_link:3600")
    assert system.client.scard(counted) == 1
    assert 3590 <= system.client.ttl(counted) <= 3600


def test_a_link_is_counted_without_its_token(services: Services, system: System) -> None:
    admit_opening(services, admit_post(services, ADDRESS), TOKEN)

    (counted,) = keys(system, "openings_of_a_link")
    assert TOKEN.encode() not in repr((counted, system.client.smembers(counted))).encode()
