"""The outbox over two providers: whose number, in which words, who is asked first, and when its time has come."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import ACCOUNT_SID, ANA, AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, signed
from fakes.post_office import ANSWERS, Killed, Mortal, PostOffice
from fakes.twilio import ACCEPT_AND_BREAK_OFF, BROKEN, HANG_UP, TOO_MANY, Failure, FakeTwilio

from bot.delivery.accounts import Account
from bot.delivery.ways import Ways
from bot.outbox.course import LEASE
from bot.store.healths import RedisHealths
from bot.store.timetable import RedisTimetable
from bot.wiring import System, ways_of

SID_B, TOKEN_B, NUMBER_B = "AC" + "b" * 32, "token_of_b", "+15555550177"
SERVICE = "MG" + "c" * 32
WHO = "State vaccine registry: "


@pytest.fixture
def more_settings(tmp_path: Path) -> dict[str, object]:
    path = tmp_path / "senders.toml"
    path.write_text(
        f'[[account]]\naccount_sid = "{SID_B}"\nauth_token = "{TOKEN_B}"\nsenders = ["{NUMBER_B}", "{SERVICE}"]\n'
    )
    return {"twilio_senders": path}


@pytest.fixture
def b(post: PostOffice) -> Iterator[FakeTwilio]:
    with FakeTwilio(SID_B, TOKEN_B, now=post.clock) as b:
        yield b


@dataclass
class Both:
    """What was handed over, and in which order, at either provider."""

    post: PostOffice
    a: FakeTwilio
    b: FakeTwilio
    system: System

    def open(self, rate: float = 1000.0) -> None:
        client, clock = self.system.client, self.post.clock
        accounts = (
            Account(ACCOUNT_SID, (AUTH_TOKEN,), (OUR_NUMBER,), self.a.url, rates={OUR_NUMBER: rate}),
            Account(SID_B, (TOKEN_B,), (NUMBER_B,), self.b.url, rates={NUMBER_B: rate}),
        )
        ways = [way for account in accounts for way in ways_of(account, PUBLIC_URL)]
        for way in ways:
            way.carrier.client.http_client.timeout = 0.5  # type: ignore[attr-defined]
        self.post.use(Ways(ways, RedisHealths(client, clock), RedisTimetable(client, clock)))

    def text_b(self, *bodies: str, **changed: str) -> None:
        """Text the number at B."""
        for body in bodies:
            form = {
                "MessageSid": f"SM{secrets.token_hex(16)}",
                "AccountSid": SID_B,
                "From": self.post.phone.number,
                "To": NUMBER_B,
                "Body": body,
                **changed,
            }
            headers = signed("/twilio/sms", form, TOKEN_B)
            assert self.post.phone.client.post("/twilio/sms", data=form, headers=headers).status_code == 200
        self.post.work()


@pytest.fixture
def both(post: PostOffice, b: FakeTwilio, system: System) -> Both:
    both = Both(post, post.twilio, b, system)
    both.open()
    return both


def test_her_answer_comes_from_the_number_that_she_texted(both: Both) -> None:
    both.post.ask()
    both.post.send()
    both.post.phone.number = "+13605550111"
    both.text_b("Hi", "1", "Tom", "Kowalski", "12/31/1977", "1", "1", "7391", "1")
    both.post.send()

    assert [(message.to, message.sender) for message in both.a.sent] == [(ANA, OUR_NUMBER)]
    assert [(message.to, message.sender) for message in both.b.sent] == [("+13605550111", NUMBER_B)]
    assert not any(message.body.startswith(WHO) for message in (*both.a.sent, *both.b.sent))


def test_who_texts_another_number_of_ours_gets_what_follows_there(both: Both) -> None:
    both.post.phone.text(*ANSWERS[:-1])
    both.text_b(ANSWERS[-1])

    both.post.send()

    assert [message.sender for message in both.b.sent] == [NUMBER_B]


@pytest.mark.parametrize(
    "failure",
    [TOO_MANY, Failure(401, 20003), Failure(400, 21606), Failure(404, 20404)],
    ids=["too many", "locked out", "no sender of ours", "no such account"],
)
def test_what_her_provider_does_not_take_comes_from_the_other_and_says_who_we_are(failure: Failure, both: Both) -> None:
    both.a.fail(failure)
    both.post.ask()
    both.post.send()

    both.post.send(after=3)

    (message,) = both.b.sent
    assert message.body.startswith(f"{WHO}Your vaccine record: ")
    assert (both.a.sent, len(both.a.asked), both.a.looks) == ([], 1, [])


@pytest.mark.parametrize("failure", [BROKEN, HANG_UP], ids=["500", "hangs up"])
def test_what_one_perhaps_took_goes_to_the_other_only_when_the_first_says_no(failure: Failure, both: Both) -> None:
    both.a.fail(failure)
    both.post.ask()
    both.post.send()
    both.post.send(after=LEASE - 1)
    assert (both.a.looks, both.b.asked) == ([], [])

    both.post.send(after=1)

    assert (len(both.a.looks), len(both.b.sent), both.b.looks) == (1, 1, [])


def test_a_worker_that_was_killed_says_nothing_of_her_provider(both: Both) -> None:
    both.post.use(Mortal(both.post.services.carrier, dies="before"))
    both.post.ask()
    with pytest.raises(Killed):
        both.post.send()

    both.post.send(after=LEASE)

    assert (len(both.a.looks), len(both.a.sent), both.b.asked) == (1, 1, [])


def test_what_one_took_never_goes_to_the_other(both: Both) -> None:
    both.a.fail(ACCEPT_AND_BREAK_OFF)
    both.post.ask()
    both.post.send()

    both.post.send(after=LEASE)

    assert (len(both.a.sent), both.b.asked, both.b.looks) == (1, [], [])
    assert both.post.delivery().state == "accepted"


def test_while_the_one_that_may_have_it_cannot_be_asked_the_other_does_not_get_it(both: Both) -> None:
    both.a.fail(ACCEPT_AND_BREAK_OFF)
    both.a.fail_to_tell(*[BROKEN] * 20)
    both.post.ask()
    both.post.send()

    for _ in range(20):
        both.post.send(after=2 * LEASE)
        assert (both.b.asked, both.b.looks) == ([], [])
    both.post.send(after=2 * LEASE)

    assert (len(both.a.sent), both.post.delivery().state) == (1, "accepted")


def test_each_reports_on_its_own_and_one_does_not_speak_for_the_other(both: Both) -> None:
    both.text_b(*ANSWERS)
    both.post.send()
    (message,) = both.b.sent
    path = urlsplit(message.status_callback).path
    form, headers = both.b.callback(message, "delivered")
    client = both.post.phone.client

    forged = client.post(path, data=form, headers=signed(path, form, AUTH_TOKEN))
    assert (forged.status_code, both.post.delivery().state) == (403, "accepted")
    assert client.post(path, data=form, headers=headers).status_code == 200

    assert both.post.delivery().state == "delivered"


def test_what_became_of_it_is_asked_where_it_went(both: Both) -> None:
    both.text_b(*ANSWERS)
    both.post.send()
    both.b.sent[0].become("delivered", None, both.post.clock())

    both.post.send(after=300)

    assert (both.post.delivery().state, both.a.looks, len(both.b.looks)) == ("delivered", [], 1)


def test_who_must_wait_is_put_back_with_its_time_and_then_goes_by_the_same_number(both: Both) -> None:
    both.open(rate=0.1)
    both.post.ask()
    both.post.send()
    both.post.phone.text("1")  # another person
    both.post.ask(*ANSWERS[2:5], "1", "4821", "1")
    both.post.send()
    waiting = both.post.delivery()
    assert (waiting.state, waiting.booked, len(both.a.sent)) == ("ready", OUR_NUMBER, 1)

    both.post.send(after=(waiting.due or 0) - both.post.clock() - 1)
    assert len(both.a.sent) == 1
    both.post.send(after=1)

    assert (len(both.a.sent), both.b.sent) == (2, [])
    assert 10 <= (waiting.due or 0) - waiting.made_at <= 30
    assert both.post.delivery().attempts == 1


def test_a_link_for_another_contact_says_who_we_are_by_whichever_number_it_goes(both: Both) -> None:
    both.post.phone.number = "+13605550111"
    both.post.ask("Hi", "1", "Tom", "Kowalski", "12/31/1977", "360-555-0112", "AGREE", "7391")

    for _ in range(4):
        both.post.send(after=1)

    (link,) = [m for m in (*both.a.sent, *both.b.sent) if m.to == "+13605550112"]
    assert link.body.startswith(WHO)
    assert link.body.count(WHO) == 1


def test_an_hour_without_her_provider_costs_seconds(both: Both) -> None:
    both.a.fail(*[TOO_MANY] * 50)
    people = [replace(both.post.phone, number=f"+1360555{n:04d}", replies=[]) for n in range(200, 212)]

    for phone in people:
        phone.text("Hi", "1", "No", "Body", "3/27/1985", "1", "1", "4821", "1")
    both.post.work()
    for _ in range(10):
        both.post.send(after=1)

    assert [len(both.b.sent), both.a.sent] == [len(people), []]


def ours(both: Both, phone: str = ANA) -> str:
    """The sender of ours that this phone's chat is with."""
    session = both.post.services.sessions.load(both.post.services.sessions.key(phone)).session
    return session.ours if session else "nobody"


def test_whoever_texts_a_number_of_a_messaging_service_is_answered_by_the_service(both: Both) -> None:
    both.text_b("Hi", To="+15555550188", MessagingServiceSid=SERVICE)

    assert ours(both) == SERVICE


def test_the_number_stays_known_when_the_answers_are_forgotten(both: Both) -> None:
    for body in ("Hi", "RESTART", "STOP"):
        both.text_b(body)
        assert ours(both) == NUMBER_B


def test_none_of_our_numbers_talks_to_another(both: Both) -> None:
    both.text_b("Hi", From=OUR_NUMBER)

    assert ours(both, OUR_NUMBER) == "nobody"
