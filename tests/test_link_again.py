"""LINK: what has perhaps not arrived is sent again as it was, without retyping, and not for ever."""

import pytest
from conftest import ANA
from fakes.post_office import ANSWERS, PostOffice
from flask.testing import FlaskClient

from bot.outbox.course import AGAIN
from bot.outbox.delivery import LIFE
from bot.ports import Services
from bot.sweeping import sweep
from bot.wiring import System

AGAIN_NOW = "We are sending it to you again now."
AS_BEFORE = "We last sent a link."


@pytest.fixture
def sent(post: PostOffice) -> PostOffice:
    """Ana's link is accepted by Twilio, and nobody says that it arrived."""
    post.ask()
    post.send()
    return post


def token(body: str) -> str:
    return body.partition("/r/")[2].split()[0]


def test_the_same_message_comes_again_with_the_same_link_and_pin(sent: PostOffice, client: FlaskClient) -> None:
    reply = sent.phone.text("LINK")
    sent.send()

    first, second = sent.bodies()
    assert str(reply).startswith(AGAIN_NOW)
    assert first == second
    assert "EW0162" in client.post(f"/r/{token(second)}", data={"pin": "4821"}).text


def test_it_comes_again_three_times_and_then_she_is_told_how_to_get_a_new_one(sent: PostOffice) -> None:
    for _ in range(AGAIN):
        assert str(sent.phone.text("my link")).startswith(AGAIN_NOW)
        sent.send()

    assert str(sent.phone.text("link")).startswith(AS_BEFORE)
    sent.send()

    assert len(sent.bodies()) == 1 + AGAIN


def test_once_it_has_arrived_the_chat_says_what_was_sent(sent: PostOffice) -> None:
    sent.call_back("delivered")

    assert str(sent.phone.text("link")).startswith(AS_BEFORE)
    sent.send()

    assert len(sent.bodies()) == 1


def test_a_repeated_webhook_sends_nothing_more(sent: PostOffice) -> None:
    replies = [sent.phone.text("link", MessageSid="SM" + "c" * 32) for _ in range(3)]
    sent.send()

    assert len(set(replies)) == 1
    assert len(sent.bodies()) == 2


def test_what_comes_again_is_counted_among_the_texts_that_we_send_and_once(sent: PostOffice) -> None:
    before = sent.services.limits.texts()

    for _ in range(3):
        sent.phone.text("link", MessageSid="SM" + "c" * 32)

    assert sent.services.limits.texts() - before == 1 + 1  # the reply and the link


def test_asking_twice_while_it_is_under_way_sends_it_once(sent: PostOffice) -> None:
    for _ in range(3):
        assert str(sent.phone.text("link")).startswith(AGAIN_NOW)
    sent.send()

    assert len(sent.bodies()) == 2


def test_an_answer_of_the_same_word_comes_first(sent: PostOffice) -> None:
    sent.phone.text("1", "Ana", "Reyes", "3/27/1985", "1", "5937")  # another person, up to link or picture

    assert "looking" in str(sent.phone.text("link"))
    sent.send()

    assert len(sent.bodies()) == 1


def test_also_when_the_conversation_is_long_over_and_forgotten(sent: PostOffice) -> None:
    sent.clock.wait(2 * 3600)
    assert sweep(sent.services) == 1
    sent.clock.wait(15 * 3600)

    assert str(sent.phone.text("Link")).startswith(AGAIN_NOW)
    sent.send()

    assert len(set(sent.bodies())) == 1
    assert len(sent.bodies()) == 2


def test_redis_keeps_what_link_needs_for_a_day(sent: PostOffice, system: System, services: Services) -> None:
    sent.clock.wait(2 * 3600)

    sweep(sent.services)

    assert system.client.ttl(services.sessions.key(ANA)) > 23 * 3600
    session = services.sessions.load(services.sessions.key(ANA)).session
    assert session
    assert (session.answers, session.last) == ({}, "link")


def test_not_when_the_link_has_ended(sent: PostOffice) -> None:
    sent.clock.wait(LIFE)

    assert str(sent.phone.text("link")).startswith(AS_BEFORE)


def test_not_when_the_link_was_burnt_by_wrong_pins(sent: PostOffice, client: FlaskClient) -> None:
    for _ in range(5):
        client.post(f"/r/{token(sent.bodies()[0])}", data={"pin": "1111"})

    assert str(sent.phone.text("link")).startswith(AS_BEFORE)
    sent.send()

    assert len(sent.bodies()) == 1


def test_a_picture_comes_again_while_it_is_kept(post: PostOffice, system: System) -> None:
    post.twilio.accept = accept_without_fetching(post)  # type: ignore[method-assign]
    post.ask(*ANSWERS[:-1], "picture")
    post.send()
    (name,) = system.client.scan_iter("vt:m:*")
    assert system.client.ttl(name) <= 600

    texts = post.services.limits.texts()

    assert str(post.phone.text("picture")).startswith(AGAIN_NOW)
    assert post.services.limits.texts() - texts == 1 + 3
    assert system.client.ttl(name) > 600
    post.send()
    assert post.twilio.sent[0].media_url == post.twilio.sent[1].media_url
    assert system.client.ttl(name) <= 600

    system.client.delete(name)
    assert str(post.phone.text("picture")).startswith("We last sent a picture")


def accept_without_fetching(post: PostOffice) -> object:
    """The pictures' addresses are those of a server that does not run."""
    real = post.twilio.accept

    def accept(form: dict[str, str]) -> object:
        media_url = form.pop("MediaUrl", "")
        message = real(form)
        message.media_url = media_url
        return message

    return accept


@pytest.mark.parametrize("word", ["STOP", "leave me alone"])
def test_who_wants_no_more_texts_gets_none_that_still_waits(word: str, sent: PostOffice) -> None:
    sent.phone.text("link", word)
    sent.send()

    assert len(sent.bodies()) == 1
    assert str(sent.phone.text("link")).startswith("We have not sent you anything lately.")


def test_restart_leaves_it_to_be_asked_for(sent: PostOffice) -> None:
    sent.phone.text("RESTART", "1")

    assert str(sent.phone.text("link")).startswith(AGAIN_NOW)
    sent.send()

    assert len(sent.bodies()) == 2


def test_a_link_for_another_contact_is_not_sent_again_from_this_chat(post: PostOffice) -> None:
    post.phone.number = "+13605550111"
    post.ask("Hi", "1", "Tom", "Kowalski", "12/31/1977", "360-555-0112", "1", "4821")
    post.send()

    assert str(post.phone.text("link")).startswith("If the phone or email that you gave is on a record")
    post.send()

    assert len(post.bodies("+13605550112")) == 1
