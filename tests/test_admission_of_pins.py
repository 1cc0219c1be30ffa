"""PINs that an address sends to record pages: each is counted before it is looked at, and openings are given back."""

from dataclasses import FrozenInstanceError

import pytest
from limited import keys, with_limits

from bot.limiting import admit_post, give_back_post
from bot.limits.table import MINUTE, Rule
from bot.ports import Services
from bot.wiring import System

ADDRESS, TOKEN = "203.0.113.7", "a" * 26


def test_an_address_over_its_posts_hears_how_long_to_wait(services: Services) -> None:
    services = with_limits(services, page_posts=Rule(1, 10 * MINUTE))

    first, second = admit_post(services, ADDRESS), admit_post(services, ADDRESS)

    assert first.wait == 0
    assert 590 <= second.wait <= 600
    assert services.limits.texts() == 0


def test_a_wait_is_as_short_as_it_is(services: Services) -> None:
    services = with_limits(services, page_posts=Rule(0, 1))

    assert admit_post(services, ADDRESS).wait == 1


def test_each_post_is_counted_by_64_random_bits_and_stays_as_it_was_counted(services: Services) -> None:
    posted = admit_post(services, ADDRESS)

    assert len(bytes.fromhex(posted.cause)) == 8
    assert posted.cause != admit_post(services, ADDRESS).cause
    with pytest.raises(FrozenInstanceError):
        posted.cause = ""  # type: ignore[misc]


def test_five_openings_of_one_link_in_ten_minutes_are_given_back_to_the_address(
    services: Services, system: System
) -> None:
    posts = [admit_post(services, ADDRESS) for _ in range(8)]

    for post in posts[:7]:
        give_back_post(services, post, TOKEN)
    give_back_post(services, posts[7], "b" * 26)

    (counted,) = keys(system, "page_posts")
    assert system.client.scard(counted) == 2
    assert len(keys(system, "openings_given_back:600")) == 2
    assert all(590 <= system.client.ttl(name) <= 600 for name in keys(system, "openings_given_back"))
