"""A resident's conversation through the webhook, and what two texts at once or a repeated one do to it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from conftest import ANA, Clock, Phone, RecordedJobs, reply_in

from bot.conversation.gsm7 import segments
from bot.ports import Services
from bot.wiring import System

ANSWERS = ("Hi", "1", "Ana", "Reyes", "03/27/1985", "1", "AGREE", "4821")
RESULT = 12  # Twilio stops two numbers after 15 quick replies; ours end at 12


def test_a_resident_asks_for_a_link_and_gets_it(phone: Phone, jobs: RecordedJobs) -> None:
    phone.text(*ANSWERS, "1")

    jobs.work()

    (message,) = phone.received()
    assert "https://bot.example.org/r/" in str(message["body"])
    assert message["media_url"] is None


def test_a_resident_asks_for_a_picture_and_gets_it_at_an_address_of_its_own(phone: Phone, jobs: RecordedJobs) -> None:
    phone.text("hola", "2", *ANSWERS[2:], "imagen")

    jobs.work()

    (message,) = phone.received()
    assert str(message["media_url"]).startswith("https://bot.example.org/m/")
    assert "/r/" not in str(message["body"])


def test_the_longest_way_fits_twelve_replies_of_two_segments(phone: Phone, jobs: RecordedJobs) -> None:
    phone.text("Hi", "2", "Ana", "Reyes", "3/27/85", "1", "1", "1", "4821", "1")

    jobs.work()

    messages = [*phone.replies, *(message["body"] for message in phone.received())]
    assert len(messages) <= RESULT
    assert all(1 <= segments(str(message)) <= 2 for message in messages)


def test_texting_while_we_look_does_not_start_a_second_lookup(phone: Phone, jobs: RecordedJobs) -> None:
    phone.text(*ANSWERS, "1", "hello?", "hello?")

    assert len(jobs.queued) == 1
    assert phone.replies[-1] == "We are still looking. The answer will come by text soon."


def test_a_repeated_webhook_is_answered_with_the_same_bytes_and_changes_nothing(phone: Phone, system: System) -> None:
    phone.text("Hi", "1")
    first = phone.post("Ana", sid="SM" + "a" * 32)
    stored = _everything(system.client)

    again = phone.post("Ana", sid="SM" + "a" * 32)

    assert again.data == first.data
    assert _everything(system.client) == stored


def test_a_repeat_of_the_last_answer_starts_no_second_work(phone: Phone, jobs: RecordedJobs) -> None:
    phone.text(*ANSWERS)
    first = phone.post("1", sid="SM" + "b" * 32)

    again = phone.post("1", sid="SM" + "b" * 32)

    assert again.data == first.data
    assert len(jobs.queued) == 1


def test_twenty_texts_at_once_are_all_answered_and_none_is_lost(phone: Phone, services: Services) -> None:
    phone.text("Hi", "1")
    sids = [f"SM{number:032x}" for number in range(20)]
    names = [f"Ana{'a' * number}" for number in range(20)]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda pair: phone.post(pair[1], sid=pair[0]), zip(sids, names, strict=True)))

    session = services.sessions.load(services.sessions.key(ANA)).session
    assert session is not None
    counted = [answered.id for answered in session.seen]
    assert len(counted) == len(set(counted)) == 22
    assert set(counted) >= set(sids)
    assert all(reply_in(answer) for answer in answers)


@pytest.mark.parametrize(("texts", "most"), [(("1", "Ana", "Reyes"), 3), (("1",), 4)], ids=["a text", "starting work"])
def test_a_text_costs_three_round_trips_and_one_more_when_it_starts_work(
    texts: tuple[str, ...], most: int, phone: Phone, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.text(*(("Hi",) if most == 3 else ANSWERS))
    trips = _count_trips(monkeypatch)

    for text in texts:
        trips.clear()
        phone.text(text)
        assert len(trips) <= most, trips


def test_a_session_expires_and_the_next_text_begins_anew(phone: Phone, clock: Clock) -> None:
    phone.text("Hi", "1", "Ana")

    clock.wait(31 * 60)

    assert phone.text("Reyes") == phone.replies[0]


def test_stop_forgets_everything_in_silence(phone: Phone, services: Services) -> None:
    phone.text("Hi", "1", "Ana")

    assert phone.text("STOP") is None

    session = services.sessions.load(services.sessions.key(ANA)).session
    assert session is not None
    assert (session.answers, session.state) == ({}, "")


def test_an_ended_conversation_keeps_no_answers(phone: Phone, jobs: RecordedJobs, services: Services) -> None:
    phone.text(*ANSWERS, "1")

    jobs.work()
    phone.text("2")  # nobody else to look up

    session = services.sessions.load(services.sessions.key(ANA)).session
    assert session is not None
    assert (session.answers, session.work, session.state) == ({}, (), "")


@pytest.mark.parametrize(
    "body",
    ["", "   ", "😀", "\x00\x07", "a" * 1600, "ﷺ" * 400, "<script>&amp;", "\u202eevil", "1\ufe0f\u20e3"],
    ids=["empty", "blank", "emoji", "control", "1600", "arabic", "markup", "bidi", "keycap"],
)
def test_whatever_is_texted_gets_a_sensible_answer(body: str, phone: Phone) -> None:
    phone.text("Hi")

    assert phone.text(body)


def test_a_picture_instead_of_words_is_asked_for_again_in_words(phone: Phone) -> None:
    phone.text("Hi", "1")

    reply = phone.text("", NumMedia="1", MediaUrl0="https://api.twilio.com/x", MediaContentType0="image/jpeg")

    assert reply
    assert "only read words" in reply
    assert "first name" in reply


def _everything(client: redis.Redis) -> dict[bytes, bytes]:
    return {key: client.dump(key) or b"" for key in client.scan_iter("vt:*")}


def _count_trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every packet that goes to Redis is one trip."""
    trips: list[str] = []
    real = redis.connection.AbstractConnection.send_packed_command

    def counted(self: redis.connection.AbstractConnection, command: object, check_health: bool = True) -> None:
        trips.append(str(command)[:60])
        real(self, command, check_health=check_health)

    monkeypatch.setattr(redis.connection.AbstractConnection, "send_packed_command", counted)
    return trips
