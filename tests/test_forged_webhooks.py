"""Only posts are believed that Twilio signed for our address, as they are; no other of a thousand changes anything.

Exact are the address with and without its port (Twilio signs either), the token in use and the one it replaces, any
order of keys, any way to escape them, and keys that we do not know.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from conftest import AUTH_TOKEN, PUBLIC_URL, Clock, whole_system
from flask.testing import FlaskClient
from forged_posts import Post, all_posts, form, right, signature

from bot.web.signature import Signature
from bot.web.site import HEADERS
from bot.wiring import System, build_app

POSTS = all_posts()


@pytest.fixture(scope="module")
def system(redis_url: str, iis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with whole_system(redis_url, iis_url, tmp_path_factory.mktemp("forged"), Clock(), {}) as built:
        yield built


@pytest.fixture(scope="module")
def client(system: System) -> FlaskClient:
    return build_app(system).test_client()


def test_there_are_many_forgeries_and_each_has_a_name_of_its_own() -> None:
    names = Counter((post.route, post.name) for post in POSTS)

    assert [name for name, count in names.items() if count > 1] == []
    assert len(POSTS) >= 1000
    assert sum(post.taken for post in POSTS) < len(POSTS) / 5


@pytest.mark.parametrize("post", POSTS, ids=lambda post: f"{post.route}: {post.name}")
def test_only_what_twilio_signed_is_believed(post: Post, client: FlaskClient, system: System) -> None:
    system.client.flushall()

    answer = client.open(
        post.path, method=post.method, data=post.body, content_type=post.content_type, headers=post.headers
    )

    assert answer.status_code in post.statuses
    assert set(HEADERS) <= {name for name, _ in answer.headers}
    told = post.taken and post.route != "status"
    assert (answer.mimetype == "text/xml") is told
    assert bool(system.client.dbsize()) is told  # a status of a message that nobody knows changes nothing


def test_our_own_signer_signs_as_twilio_does() -> None:
    for route in ("sms", "status"):
        post = right(route)

        ours = Signature(PUBLIC_URL, [AUTH_TOKEN]).sign(post.path, form(route))

        assert ours == signature(PUBLIC_URL + post.path, form(route))
